// Where the mathematical functions are measured: for each the ranges in which its code does different things, and arguments drawn from them by a seed.

/** Numbers in [0, 1), the same for the same seed (mulberry32, two steps a number). */
export function uniformFrom(seed: number): () => number {
  let state = seed;
  const word = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
  return () => ((word() >>> 5) * 2 ** 26 + (word() >>> 6)) / 2 ** 53;
}

type Draw = (uniform: () => number) => readonly number[];

const between =
  (low: number, high: number): Draw =>
  (uniform) => [low + (high - low) * uniform()];

/** Of either sign, with exponents from `low` to `high`. */
const signed =
  (low: number, high: number): Draw =>
  (uniform) => [(uniform() < 0.5 ? -1 : 1) * 2 ** (low + (high - low) * uniform())];
const positive =
  (low: number, high: number): Draw =>
  (uniform) => [2 ** (low + (high - low) * uniform())];

const both =
  (first: Draw, second: Draw): Draw =>
  (uniform) => [...first(uniform), ...second(uniform)];

/** A number, and that number times one of the second range: numbers of about the same size, whatever that is. */
const related =
  (first: Draw, factor: Draw): Draw =>
  (uniform) => {
    const [x] = first(uniform) as [number];
    return [x, x * factor(uniform)[0]!];
  };

const logarithm = [between(0.5, 2), between(0.9, 1.1), positive(-1074, 1024)];
const angle = [between(-0.8, 0.8), between(-4, 4), between(-65_536, 65_536), signed(-1074, 1024), signed(14, 30)];
const exponent = [between(-1, 1), between(-745, 710), signed(-60, 9.4)];

/** A base, and an exponent that gives a result which is a double. */
const bounded: Draw = (uniform) => {
  const base = Math.abs(1 + (uniform() < 0.5 ? -1 : 1) * 2 ** (-52 * uniform()));
  return [base, ((uniform() - 0.5) * 1440) / Math.log(base)];
};
const whole =
  (low: number, high: number): Draw =>
  (uniform) => [Math.floor(low + (high - low) * uniform())];

export const drawsOf: Readonly<Record<string, readonly Draw[]>> = {
  exp: exponent,
  exp2: [between(-1, 1), between(-1075, 1024), signed(-60, 9.9)],
  expm1: [between(-1, 1), between(-45, 710), signed(-1074, 9.4)],
  log: logarithm,
  log2: logarithm,
  log10: logarithm,
  log1p: [between(-0.5, 1), between(-1, 1), signed(-1074, 0), positive(0, 1024)],
  sin: angle,
  cos: angle,
  tan: angle,
  asin: [between(-1, 1), between(0.45, 0.55), signed(-1074, 0)],
  acos: [between(-1, 1), between(-0.55, 0.55), signed(-100, 0)],
  atan: [between(-0.5, 0.5), between(-3, 3), signed(-1074, 1024)],
  atan2: [
    both(between(-1, 1), between(-1, 1)),
    both(signed(-1074, 1024), signed(-1074, 1024)),
    related(signed(-1022, 1020), between(-5, 5)),
  ],
  sinh: [between(-1, 1), between(-710, 710), signed(-1074, 9.4)],
  cosh: [between(-1, 1), between(-710, 710), signed(-40, 9.4)],
  tanh: [between(-1, 1), between(-22, 22), signed(-1074, 6)],
  asinh: [between(-1, 1), between(-10, 10), signed(-1074, 1024)],
  acosh: [between(1, 1.02), between(1, 10), positive(0, 1024)],
  atanh: [between(-1, 1), between(-0.3, 0.3), signed(-1074, 0)],
  cbrt: [between(-8, 8), signed(-1074, 1024)],
  hypot: [
    both(between(-1, 1), between(-1, 1)),
    both(signed(-1074, 1023), signed(-1074, 1023)),
    related(signed(-1022, 1020), between(-4, 4)),
  ],
  pow: [
    both(positive(-2, 2), between(-300, 300)),
    both(positive(-1074, 1024), between(-1, 1)),
    bounded,
    both(whole(-60, 60), whole(-40, 40)),
    both(positive(-1074, 1024), whole(-3, 4)),
  ],
};

/** Points that are known to be hard, or that stand where code changes over. */
export const hardPoints: Readonly<Record<string, readonly (readonly number[])[]>> = {
  // Doubles that are nearest to a multiple of π/2 (K. C. Ng, J.-M. Muller), and the first ones that are reduced in another way.
  ...Object.fromEntries(
    ['sin', 'cos', 'tan'].map((name) => [
      name,
      [
        6381956970095103 * 2 ** 797,
        5.319372648326541e255,
        823_549.6640625,
        1e22,
        2 ** 120,
        2 ** 1023,
        Number.MAX_VALUE,
        65_535.99999999999,
        65_536,
        65_536.00000000001,
        2 ** -1022,
        5e-324,
        Math.PI,
        Math.PI / 2,
        ...Array.from({ length: 60 }, (_, n) => ((n + 1) * Math.PI) / 4),
        ...Array.from({ length: 40 }, (_, n) => (n + 1) * 1000 * Math.PI),
      ].flatMap((x) => [[x], [-x]]),
    ]),
  ),
  exp: [
    [709.782712893384],
    [-708.3964185322641],
    [-744.4400719213812],
    [-745.1332191019411],
    [1e-320],
    [0.34657359027997264],
  ],
  exp2: [[1023.9999999999999], [-1022.5], [-1073.5], [-1074.4999999999998], [0.5], [-0.5], [1e-310]],
  expm1: [
    [709.782712893384],
    [-37.5],
    [-39.9],
    [1e-310],
    [0.34657359027997264],
    [-0.34657359027997264],
    [60 * Math.LN2],
  ],
  log: [[0.9999999999999999], [1.0000000000000002], [5e-324], [Number.MAX_VALUE], [Math.SQRT1_2], [Math.SQRT2], [2]],
  log1p: [[1e-310], [-0.9999999999999999], [Number.MAX_VALUE], [-0.2929], [0.41421356], [1e16]],
  asin: [[1], [-1], [0.5], [0.5000000000000001], [0.9999999999999999], [1e-310]],
  acos: [[-1], [0.5], [-0.5], [0.5000000000000001], [-0.5000000000000001], [0.9999999999999999], [-0.9999999999999999]],
  atan: [[0.4375], [0.6875], [1.1875], [2.4375], [0.43749999999999994], [1e300], [1e-310]],
  atan2: [
    [1, 1],
    [-1, -1],
    [5e-324, 1],
    [5e-324, -1],
    [5e-324, 5e-324],
    [1e308, 1e308],
    [1e-310, 3e-310],
    [1e308, 1e-308],
    [1, 1e300],
    [0.4375, 1],
    [0.6875, 1],
  ],
  sinh: [[710.4758600739439], [-710.4758600739439], [40], [40.00000000000001], [1e-310], [0.34]],
  cosh: [[710.4758600739439], [-710.4758600739439], [40], [40.00000000000001], [0.34], [1e-10]],
  tanh: [[20], [19.99], [1e-310], [0.17]],
  asinh: [[2 ** 28], [2 ** 28 + 1], [Number.MAX_VALUE], [1e-310]],
  acosh: [[1.0000000000000002], [2 ** 28], [2 ** 28 + 1], [Number.MAX_VALUE]],
  atanh: [[0.9999999999999999], [-0.9999999999999999], [0.5], [1e-310], [0.1715728752538099]],
  cbrt: [[5e-324], [Number.MAX_VALUE], [2.2250738585072014e-308], [0.9999999999999999]],
  hypot: [
    [Number.MAX_VALUE / 2, Number.MAX_VALUE / 2],
    [5e-324, 5e-324],
    [2 ** 500, 1],
    [2 ** -400, 2 ** -401],
    [2 ** -500, 2 ** -540],
  ],
  pow: [
    [10, -5],
    [10, 308],
    [10, -323],
    [2, -1074],
    [2, 1023.9999999999999],
    [0.9999999999999999, 2 ** 62],
    [1.0000000000000002, 2 ** 60],
    [5e-324, 0.3],
    [Number.MAX_VALUE, 0.99],
    [1.7320508075688772, 1000],
    [0.8660254037844386, 1000],
    [1.224744871391589, 3000],
  ],
};
