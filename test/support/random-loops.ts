// Random loops over whole arrays, as text: what the passes for lanes and threads live on. `n` is the number of iterations, and arrays have
// some elements more, so that every access lies inside. What the functions draw, gather and carry depends on the kind that is asked for.
import fc from 'fast-check';

/** What a function may hold besides plain arithmetic. */
export interface LoopKind {
  readonly draws: boolean;
  readonly prange: boolean;
}

const join = (...parts: (string | fc.Arbitrary<string>)[]): fc.Arbitrary<string> =>
  fc
    .tuple(...parts.map((part) => (typeof part === 'string' ? fc.constant(part) : part)))
    .map((texts) => texts.join(''));

const oneOf = (...texts: string[]): fc.Arbitrary<string> => fc.constantFrom(...texts);

const lines = (statement: fc.Arbitrary<string>, maxLength: number): fc.Arbitrary<string> =>
  fc.array(statement, { minLength: 1, maxLength }).map((all) => all.join(' '));

/** Elements beyond the last iteration's own. */
export const room = 8;

/**
 * The text of a function (n, x, xs, ys, us, cs) of two numbers and arrays of doubles, of doubles that may be written, of whole numbers, and of
 * bytes that may be written; it returns what it has gathered.
 */
export function loopText({ draws, prange }: LoopKind): fc.Arbitrary<string> {
  const leaves = ['i', 'x', 't', 'xs[i]', 'us[i]', 'cs[i]', 'i * 0.5', '2', '-1.5', '0', '1e-3', 'xs[us[i] & 7]'];
  if (!prange) leaves.push('ys[i]', 'xs[i + 3]');
  if (draws) leaves.push('Math.random()', 'Math.random()');
  const { number } = fc.letrec<{ number: string }>((tie) => ({
    number: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      oneOf(...leaves),
      join('(', tie('number'), oneOf(' + ', ' - ', ' * ', ' / '), tie('number'), ')'),
      join('(', tie('number'), oneOf(' | ', ' & ', ' ^ ', ' >> ', ' >>> ', ' % '), tie('number'), ')'),
      join(oneOf('Math.abs(', 'Math.floor(', 'Math.sqrt(', 'Math.exp(', 'Math.sin(', 'Math.log('), tie('number'), ')'),
      join(oneOf('Math.min(', 'Math.max('), tie('number'), ', ', tie('number'), ')'),
      join('(', tie('number'), oneOf(' < ', ' >= ', ' === '), tie('number'), ' ? ', tie('number'), ' : t)'),
    ),
  }));
  const condition = fc.oneof(
    join(number, oneOf(' < ', ' > ', ' <= ', ' !== '), number),
    oneOf('(us[i] & 3) === 0', 'xs[i] > x', 'i % 3 === 1', 'cs[i] > 128'),
  );
  const store = join(oneOf('ys[i] = ', 'cs[i] = ', ...(prange ? [] : ['ys[i] += ', 'cs[i] ^= '])), number, ';');
  const gathering = fc.oneof(
    join('if (', condition, ') m++;'),
    join('hi = Math.max(hi, ', number, ');'),
    join('lo = Math.min(lo, ', number, ');'),
    join('s += ', number, ';'),
    join('t = ', number, '; if (t > best) best = t;'),
    join('w += Math.floor(', number, ') & 255;'),
    ...(prange ? [] : [join('t = ', number, '; if (t < least) { least = t; at = i; }')]),
    oneOf('bins[us[i] & 15]++;', 'bins[cs[i] & 15] += 2;'),
  );
  const carried = fc.oneof(
    join('p = p * 0.5 + ', number, ';'),
    join('if (', condition, ') p = ', number, ';'),
    join('ys[i + 1] = ys[i] * 0.5 + ', number, ';'),
    join('q = i & 1 ? p : ', number, ';'),
  );
  const inner = fc.oneof(
    join('for (let j = 0; j < 3; j++) t += xs[i + j] * ', oneOf('j', '0.25', 'x'), ';'),
    join('{ let z = ', number, '; let k = 0; while (z < 40 && k < 9) { z = z * z + xs[i]; k++; } t = k; }'),
    join('for (let j = 0; j < (us[i] & 3); j++) { ', store, ' t += j; }'),
    join('for (let j = 0; j < 5; j++) { if (xs[i + j] > x) break; t += 1; }'),
  );
  const simple = fc.oneof(store, gathering, ...(prange ? [] : [carried]), join('t = ', number, ';'));
  const statement = fc.oneof(
    { withCrossShrink: true },
    { weight: 4, arbitrary: simple },
    { weight: 1, arbitrary: inner },
    { weight: 1, arbitrary: join('if (', condition, ') { ', simple, ' } else { ', simple, ' }') },
    { weight: 1, arbitrary: join('if (', condition, ') continue;') },
    ...(prange ? [] : [{ weight: 1, arbitrary: join('if (i > 4200 && ', condition, ') break;') }]),
  );
  const body = join('let t = 1; ', lines(statement, 4));
  const loop = prange
    ? fc.oneof(
        join('for (const i of prange(n)) { ', body, ' }'),
        join('for (const i of prange(2, n, ', oneOf('1', '3'), ')) { ', body, ' }'),
      )
    : fc.oneof(
        join('for (let i = ', oneOf('0', '1', 'n > 5 ? 2 : 0'), '; i < n; i++) { ', body, ' }'),
        join('for (let i = 0; i < n; i += ', oneOf('2', '3'), ') { ', body, ' }'),
        join('for (let i = n - 1; i >= 0; i--) { ', body, ' }'),
        join('for (let r = 0; r < 2; r++) for (let i = 0; i < n; i++) { ', body, ' }'),
      );
  return join(
    '(n, x, xs, ys, us, cs) => { let m = 0, hi = -Infinity, lo = Infinity, s = 0, w = 0, best = x, least = x, at = -1, p = 0.5, q = 0; ',
    'const bins = new Int32Array(16); ',
    lines(loop, 2),
    ' let binned = 0; for (let b = 0; b < 16; b++) binned = binned * 3 + bins[b]; ',
    'return [m, hi, lo, s, w, best, least, at, p, q, binned]; }',
  );
}
