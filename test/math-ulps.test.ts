// How far the mathematical functions are from the truth, against a reference of more than 120 bits. `npm run math:ulps` measures at a million points a
// function and writes the table of docs/math.md; here MATH_POINTS says how many.
import { readFileSync, writeFileSync } from 'node:fs';
import * as math from 'heddle/math';
import { afterAll, describe, expect, it } from 'vitest';
import { mathFunctions } from '../src/ir/math/index.js';
import { drawsOf, hardPoints, uniformFrom } from './support/math-points.js';
import { nearestDouble, reference, stepsBetween, ulpsFrom } from './support/reference-math.js';

const points = Number(process.env['MATH_POINTS'] ?? 600);
const page = 'docs/math.md';
const marks = ['<!-- measured: npm run math:ulps -->\n', '<!-- end of what was measured -->'] as const;

type Call = (...args: readonly number[]) => number;

interface Worst {
  /** Distance from the true value, in units of its last place. */
  ulps: number;
  at: readonly number[];
  /** The share of results that are not the nearest double. */
  missed: number;
}

/** What can be measured: finite arguments that are not 0, and a result that is not one of the special values. */
const isOrdinary = (name: string, args: readonly number[]): boolean =>
  args.every((x) => Number.isFinite(x) && x !== 0) &&
  !(args.length === 1 && args[0] === 1 && /^(?:log|acos|acosh|atanh)/.test(name)) &&
  !(name === 'log1p' && args[0] === -1) &&
  !(name === 'atanh' && args[0] === -1) &&
  !(name === 'acosh' && args[0]! < 1);

function* pointsOf(name: string, count: number): Generator<readonly number[]> {
  yield* hardPoints[name] ?? [];
  const draws = drawsOf[name]!;
  const uniform = uniformFrom(20_260 + name.length);
  for (let index = 0; index < count; index++) yield draws[index % draws.length]!(uniform);
}

/** Of each of several functions that should do the same, at the same points. */
function measure(
  calls: readonly Call[],
  name: string,
  onPoint: (steps: number, args: readonly number[], call: Call) => void,
): Worst[] {
  const worsts = calls.map((): Worst => ({ ulps: 0, at: [], missed: 0 }));
  let measured = 0;
  for (const args of pointsOf(name, points)) {
    if (!isOrdinary(name, args)) continue;
    measured++;
    const truth = reference(name, args);
    const nearest = nearestDouble(truth);
    for (const [index, call] of calls.entries()) {
      const worst = worsts[index]!;
      const result = call(...args);
      const steps = stepsBetween(result, nearest);
      onPoint(steps, args, call);
      if (steps > 0) worst.missed++;
      const ulps = Math.abs(ulpsFrom(result, truth));
      if (ulps > worst.ulps) [worst.ulps, worst.at] = [ulps, args];
    }
  }
  for (const worst of worsts) worst.missed /= measured;
  return worsts;
}

const measurable = mathFunctions.filter(({ name }) => drawsOf[name] !== undefined);
const rows = new Map<string, string>();
const inMath = Math as unknown as Readonly<Record<string, Call | undefined>>;

describe(`within the bounds of docs/numerics.md, 6, at ${points} points`, () => {
  for (const { name, ulps: bound } of measurable) {
    it(name, { timeout: 3_600_000 }, () => {
      const ours = (math as unknown as Readonly<Record<string, Call>>)[name]!;
      const engines = process.env['MATH_TABLE'] ? inMath[name] : undefined;
      const [worst, theirs] = measure(engines ? [ours, engines] : [ours], name, (steps, args, call) => {
        if (call === ours && steps > bound)
          expect.fail(`${name}(${args.join(', ')}) = ${call(...args)} is ${steps} doubles off`);
      }) as [Worst, Worst?];
      expect(worst.missed).toBeLessThan(0.25);
      const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
      const shown = (ulps: number): string => (ulps < 100 ? ulps.toFixed(3) : ulps.toFixed(0));
      rows.set(
        name,
        `| \`${name}\` | ${bound} | ${shown(worst.ulps)} | \`${worst.at.join(', ')}\` | ${percent(worst.missed)} | ${theirs ? shown(theirs.ulps) : '–'} | ${theirs ? percent(theirs.missed) : '–'} |`,
      );
    });
  }
});

afterAll(() => {
  if (!process.env['MATH_TABLE'] || rows.size < measurable.length) return;
  const header = `Measured at ${points.toLocaleString('en')} points a function, beside \`Math\` of Node ${process.versions.node}.

| function | bound | worst error, ulp | there | not the nearest | \`Math\`: worst error | not the nearest |
| --- | --- | --- | --- | --- | --- | --- |
`;
  const [before, rest] = readFileSync(page, 'utf8').split(marks[0]);
  const after = rest!.slice(rest!.indexOf(marks[1]));
  const table = measurable.map(({ name }) => rows.get(name)!).join('\n');
  writeFileSync(page, `${before}${marks[0]}\n${header}${table}\n\n${after}`);
});

describe('docs/math.md', () => {
  const text = readFileSync(page, 'utf8');
  it.each(measurable)('has a row for $name, within its bound', ({ name, ulps }) => {
    const [, , bound, worst] = new RegExp(`^\\| *\`${name}\` *\\|.*$`, 'm').exec(text)![0].split('|');
    expect(Number(bound)).toBe(ulps);
    // A result that is `ulps` doubles off the nearest one is at most half a unit further from the truth.
    expect(Number(worst)).toBeLessThan(ulps + 0.5);
  });
});

describe('the reference', () => {
  it('agrees with digits that others have published', () => {
    // The constants of the tables, the sine of 10²² that many a test has, and behind them digits of mpmath 1.3 in 700 decimals.
    const digits: [name: string, args: number[], value: string][] = [
      ['exp', [1], '2.71828182845904523536028747135266249775'],
      ['log', [2], '0.69314718055994530941723212145817656807'],
      ['log', [10], '2.30258509299404568401799145468436420760'],
      ['atan', [1], '0.78539816339744830961566084581987572104'],
      ['sin', [1e22], '-0.85220084976718880177270589375302936826'],
      ['cos', [1], '0.54030230586813971740093660744297660373'],
      ['sinh', [1], '1.17520119364380145688238185059560081515'],
      ['cbrt', [2], '1.25992104989487316476721060727822835057'],
      ['pow', [2, 0.5], '1.41421356237309504880168872420969807856'],
      ['hypot', [1, 2], '2.23606797749978969640917366873127623544'],
      ['asinh', [1], '0.88137358701954302523260932497979230902'],
      ['tan', [1], '1.55740772465490223050697480745836017308'],
      ['exp2', [0.5], '1.41421356237309504880168872420969807856'],
      ['cos', [6381956970095103 * 2 ** 797], '-0.00000000000000000046871659242546276112'],
      ['tan', [2 ** 1023], '-0.68144764760662150128541440401673651904'],
      ['log1p', [-0.9], '-2.30258509299404590606259637971569694424'],
      ['acos', [-0.9], '2.69056584179353085685852473836016470284'],
      ['atanh', [0.9], '1.47221948958322034687009525543410121028'],
      ['expm1', [1e-5], '0.00001000005000016666790137288615466171'],
      ['tanh', [0.3], '0.29131261245159089565816001576939894826'],
      ['acosh', [1.0000001], '0.00044721359190373472707376468739388062'],
      ['atan2', [-0.3, -0.7], '-2.73670086730470980557968231094974469607'],
      ['pow', [1.0000000000000002, 2 ** 53], '7.38905609893064858653038520462615096673'],
      ['log10', [3], '0.47712125471966243729502790325511530920'],
      ['log2', [3], '1.58496250072115618145373894394781650875'],
      ['asin', [0.7], '0.77539749661075300155542574423717309950'],
    ];
    for (const [name, args, value] of digits) {
      const { value: found, bits } = reference(name, args);
      const decimals = 36n;
      const wanted = BigInt(value.replace('.', '').slice(0, value.startsWith('-') ? 38 : 37));
      const scaled = (found * 10n ** decimals) >> BigInt(bits);
      expect(Number(scaled - wanted), name).toBeLessThanOrEqual(2);
      expect(Number(scaled - wanted), name).toBeGreaterThanOrEqual(-2);
    }
  });
});
