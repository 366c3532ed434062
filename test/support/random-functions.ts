// Random functions of the language that jit compiles, as text, with arguments that find the edges of numbers. Every loop burns fuel, so
// that every function ends. Fast-check shrinks what fails to something a person can read.
import { parseExpressionAt } from 'acorn';
import type { AnyNode } from 'acorn';
import fc from 'fast-check';
import { childrenOf } from '../../src/jit/walk.js';

const numbers = ['a', 'b', 'c', 'x', 'y'];
const writable = ['a', 'b', 'c'];
const flags = ['p', 'q', 'flag'];
const literals = [
  '0',
  '-0',
  '1',
  '2',
  '0.5',
  '-1.5',
  '3',
  '1e16',
  '2147483648',
  '9007199254740992',
  '5e-324',
  'NaN',
  'Infinity',
  'Math.PI',
];

const join = (...parts: (string | fc.Arbitrary<string>)[]): fc.Arbitrary<string> =>
  fc
    .tuple(...parts.map((part) => (typeof part === 'string' ? fc.constant(part) : part)))
    .map((texts) => texts.join(''));

const mathUnary = ['exp', 'log', 'sin', 'cos', 'tan', 'cbrt', 'tanh', 'asinh', 'round', 'sign', 'fround', 'clz32'];

const { number, flag } = fc.letrec<{ number: string; flag: string }>((tie) => ({
  number: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom(...numbers),
    fc.constantFrom(...literals),
    join('(', tie('number'), fc.constantFrom(' + ', ' - ', ' * ', ' / ', ' % '), tie('number'), ')'),
    join('(', tie('number'), fc.constantFrom(' | ', ' & ', ' ^ ', ' << ', ' >> ', ' >>> '), tie('number'), ')'),
    join('(~ ', tie('number'), ')'),
    join('((', tie('number'), ') ** (', tie('number'), '))'),
    join(fc.constantFrom('xs', 'us', 'fs', 'own'), '[', tie('number'), ' & 7]'),
    join(
      '(',
      fc.constantFrom('xs', 'us', 'cs', 'fs', 'own'),
      '[',
      tie('number'),
      ' & 7]',
      fc.constantFrom(' = ', ' += ', ' -= ', ' *= ', ' ^= '),
      tie('number'),
      ')',
    ),
    join('(', fc.constantFrom('xs', 'us', 'cs'), '[', tie('number'), ' & 3]', fc.constantFrom('++', '--'), ')'),
    join('twice(', tie('number'), ')'),
    join('early(', tie('number'), ', ', tie('number'), ')'),
    join('deep(', tie('number'), ' & 15)'),
    join('Math.', fc.constantFrom(...mathUnary), '(', tie('number'), ')'),
    join('Math.', fc.constantFrom('atan2', 'pow', 'hypot', 'imul'), '(', tie('number'), ', ', tie('number'), ')'),
    join('(', tie('number'), ') ** 2').map((text) => `(${text})`),
    join('(- ', tie('number'), ')'),
    join('(+', tie('flag'), ')'),
    join(fc.constantFrom('Math.abs(', 'Math.ceil(', 'Math.floor(', 'Math.sqrt(', 'Math.trunc('), tie('number'), ')'),
    join(fc.constantFrom('Math.min(', 'Math.max('), tie('number'), ', ', tie('number'), ')'),
    join('(', tie('flag'), ' ? ', tie('number'), ' : ', tie('number'), ')'),
    join('(', tie('number'), fc.constantFrom(' && ', ' || ', ' ?? '), tie('number'), ')'),
    join('(', fc.constantFrom(...writable), fc.constantFrom(' = ', ' += ', ' -= ', ' *= ', ' /= '), tie('number'), ')'),
    join('(', fc.constantFrom(...writable), fc.constantFrom('++', '--'), ')'),
    join('(', fc.constantFrom('++', '--'), fc.constantFrom(...writable), ')'),
    join('(', tie('number'), ', ', tie('number'), ')'),
  ),
  flag: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom(...flags),
    fc.constantFrom('true', 'false'),
    join(
      '(',
      tie('number'),
      fc.constantFrom(' < ', ' <= ', ' > ', ' >= ', ' === ', ' !== ', ' == ', ' != '),
      tie('number'),
      ')',
    ),
    join('(', tie('flag'), fc.constantFrom(' && ', ' || ', ' === ', ' != '), tie('flag'), ')'),
    join('!(', tie('number'), ')'),
    join('Number.', fc.constantFrom('isInteger', 'isNaN', 'isFinite'), '(', tie('number'), ')'),
    join('(', fc.constantFrom('p', 'q'), ' = ', tie('flag'), ')'),
  ),
}));

/** Sums over a counter, which have closed forms as long as they stay exact; these loops are short by themselves. */
const summing = fc
  .array(
    fc.constantFrom(
      'a += i;',
      'a -= i * 2;',
      'b += i * i - 3;',
      'b += a;',
      'c += i * x;',
      'c = c + 1;',
      'c -= 0.5;',
      'a += y;',
      'b = i;',
      'c++;',
    ),
    { minLength: 1, maxLength: 3 },
  )
  .map((sums) => sums.join(' '));

/** What burns fuel at the head of a loop's body. */
const fuel = fc.constantFrom(
  'if (--fuel < 0) break; ',
  'if (fuel-- < 0) { break; } ',
  'if ((fuel -= 1) < 0) return a; ',
);

interface Statements {
  plain: string;
  inLoop: string;
  loop: string;
}

const { plain } = fc.letrec<Statements>((tie: fc.LetrecTypedTie<Statements>) => {
  const shared = (inner: keyof Statements): fc.Arbitrary<string>[] => [
    join(number, ';'),
    join('if (', flag, ') { ', tie(inner), ' } else { ', tie(inner), ' }'),
    join('if (', number, ') { ', tie(inner), ' }'),
    // A name inside hides one outside; its value comes from parameters, which nothing hides.
    join('{ let ', fc.constantFrom(...writable), ' = x; ', tie(inner), ' ', tie(inner), ' }'),
    join('if (', flag, ') return ', number, ';'),
    join(flag, fc.constantFrom(' && ', ' || '), number, ';'),
    join('[a, b] = [', number, ', ', number, '];'),
    join(
      'switch (',
      number,
      ' & 3) { case 0: ',
      tie(inner),
      fc.constantFrom(' break;', ''),
      ' case 1: case 2: ',
      tie(inner),
      fc.constantFrom(' break;', ''),
      ' default: ',
      tie(inner),
      ' }',
    ),
    join(tie(inner), ' ', tie(inner)),
  ];
  return {
    plain: fc.oneof({ depthSize: 'small', withCrossShrink: true }, join(number, ';'), ...shared('plain'), tie('loop')),
    inLoop: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      join(number, ';'),
      ...shared('inLoop'),
      join('if (', flag, ') ', fc.constantFrom('break;', 'continue;')),
      tie('loop'),
    ),
    loop: fc.oneof(
      join(
        'for (let i = ',
        fc.constantFrom('0', '-3', '2'),
        '; i ',
        fc.constantFrom('<', '<='),
        ' ',
        number,
        '; i++) { ',
        fuel,
        tie('inLoop'),
        ' c += i; }',
      ),
      join('for (let i = 7; i ', fc.constantFrom('>', '>='), ' ', number, '; i--) { ', fuel, tie('inLoop'), ' }'),
      join('for (let i = ', number, '; i < 5; i += 0.75) { ', fuel, tie('inLoop'), ' }'),
      join(
        '{ const k = Math.min(',
        number,
        ', 40); for (let i = ',
        fc.constantFrom('0', '1', '-3'),
        fc.constantFrom('; i < k; i++', '; i <= k; i++', '; i < k; i += 3', '; k > i; i += 1'),
        ') { ',
        summing,
        ' } }',
      ),
      join(
        '{ let i = Math.max(-9, Math.min(',
        number,
        ', 40)); while (i > 0) { ',
        summing,
        fc.constantFrom(' i--;', ' i -= 3;', ' --fuel; i -= 2;'),
        ' } }',
      ),
      join('for (const v of ', fc.constantFrom('xs', 'us', 'cs'), ') { ', fuel, tie('inLoop'), ' c += v; }'),
      join(
        'for (let i = 0; i < ',
        fc.constantFrom('xs', 'us'),
        '.length; i++) { const v = ',
        fc.constantFrom('xs[i]', 'us[i] * 2', 'Math.exp(xs[i] / 1e300)'),
        '; ',
        fc.constantFrom(
          'fs[i] = v;',
          'own[i] += v;',
          'cs[i] = v * 3; xs[i] = v;',
          'a += v; b -= v;',
          'if (v > x) c++;',
        ),
        ' }',
      ),
      join(
        'for (let i = 0; i < 3; i++) for (let j = i + 1; j < 7; j += 2) { ',
        fuel,
        tie('inLoop'),
        ' xs[j] -= xs[i]; }',
      ),
      join(
        'outer: for (let i = 0; i < 4; i++) { while (',
        flag,
        ') { ',
        fuel,
        tie('inLoop'),
        fc.constantFrom(' continue outer;', ' break outer;'),
        ' } }',
      ),
      join('while (', flag, ') { ', fuel, tie('inLoop'), ' }'),
      join('do { ', fuel, tie('inLoop'), ' } while (', flag, ');'),
    ),
  };
});

/** Labels of their own for loops inside each other: each names its own once, at its end. */
function labelled(text: string): string {
  const open: number[] = [];
  let count = 0;
  return text.replaceAll(/outer: |(continue|break) outer;/g, (_, jump: string | undefined) => {
    if (jump !== undefined) return `${jump} outer${open.pop()};`;
    open.push(count++);
    return `outer${open.at(-1)}: `;
  });
}

/** The text of a function of two numbers, a boolean, and arrays of 8 elements of five kinds. */
export const functionText: fc.Arbitrary<string> = join(
  '(x, y, flag, xs, us, cs, fs) => { let fuel = 60; let a = x; let b = y; let c = 0.5; let p = flag; let q = false; ',
  'const own = new Float64Array(8); const twice = (v) => { c += 1; return v * 2; }; ',
  'const early = (v, w) => { if (v > w) return v - w; for (let k = 0; k < 3; k++) if (k > v) return k; return w; }; ',
  'const deep = (k) => (k <= 0 ? 0.5 : 1 + deep(k - 1) / 2); ',
  plain,
  ' ',
  plain,
  ' return a + b * 2 + c * 4 + +p * 8 + +q * 16; }',
).map(labelled);

export const edgeNumber: fc.Arbitrary<number> = fc.oneof(
  fc.constantFrom(
    0,
    -0,
    1,
    -1,
    2.5,
    3,
    7,
    NaN,
    Infinity,
    -Infinity,
    5e-324,
    2 ** 31,
    2 ** 32,
    2 ** 53,
    2 ** 53 - 1,
    0.1,
    -3.5,
  ),
  fc.double(),
  fc.integer({ min: -10, max: 20 }),
);

/** The same text with `Math.pow` for `**`, which is ours where `Math` is. */
export function withoutPowers(text: string): string {
  const edits: { readonly at: number; readonly length: number; readonly by: string }[] = [];
  const visit = (node: AnyNode): void => {
    if (node.type === 'BinaryExpression' && node.operator === '**') {
      const operator = text.indexOf('**', node.left.end);
      edits.push({ at: node.start, length: 0, by: 'Math.pow(' });
      edits.push({ at: operator, length: 2, by: ',' });
      edits.push({ at: node.end, length: 0, by: ')' });
    }
    childrenOf(node).forEach(visit);
  };
  visit(parseExpressionAt(text, 0, { ecmaVersion: 'latest' }));
  // From behind, so that places before stay where they are; what was found first at one place goes outside.
  let after = text;
  for (const { at, length, by } of edits.toReversed().sort((a, b) => b.at - a.at))
    after = after.slice(0, at) + by + after.slice(at + length);
  return after;
}
