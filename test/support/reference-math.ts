// The mathematical functions to more than 120 bits, from series over whole numbers: what ours are measured against. A real is a bigint in units of
// 2^−bits; every step is off by at most one or two units, and there are at least 64 bits to spare, so that what is left of the result is right.
// Nothing here is shared with the functions that it judges: other series, other reductions, other constants.

/** value·2^−bits; off by some units of at most 2⁻¹²⁰ of itself. */
export interface Real {
  readonly value: bigint;
  readonly bits: number;
}

/** A double as m·2ᵉ. */
function partsOf(x: number): { m: bigint; e: number } {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, x);
  const bits = view.getBigUint64(0);
  const biased = Number((bits >> 52n) & 2047n);
  const fraction = bits & (2n ** 52n - 1n);
  const m = biased === 0 ? fraction : fraction | (2n ** 52n);
  return { m: x < 0 ? -m : m, e: (biased === 0 ? 1 : biased) - 1075 };
}

const shifted = (value: bigint, by: number): bigint => (by >= 0 ? value << BigInt(by) : value >> BigInt(-by));
const magnitude = (value: bigint): bigint => (value < 0n ? -value : value);

export function bitLength(value: bigint): number {
  const text = magnitude(value).toString(16);
  return text === '0' ? 0 : 4 * text.length - Math.clz32(Number.parseInt(text[0]!, 16)) + 28;
}

/** x in units of 2^−bits, cut off where it has more. */
function fixed(x: number, bits: number): bigint {
  const { m, e } = partsOf(x);
  return shifted(m, e + bits);
}

/** The exponent of x: x = 1.…·2^k. */
function exponentOf(x: number): number {
  const { m, e } = partsOf(x);
  return bitLength(m) + e - 1;
}

/** Enough bits for arguments and results as small as 2^smallest, in steps that let constants be kept. */
const precisionFor = (smallest: number): number => 64 * Math.ceil((256 + Math.max(0, -smallest)) / 64);

function squareRoot(value: bigint): bigint {
  if (value < 2n) return value;
  let root = 1n << BigInt((bitLength(value) + 1) >> 1);
  for (;;) {
    const next = (root + value / root) >> 1n;
    if (next >= root) return root;
    root = next;
  }
}

// Constants, by Machin-like sums of arc tangents.

const kept = new Map<string, bigint>();

function constant(name: string, bits: number, compute: (bits: number) => bigint): bigint {
  const key = `${name} ${bits}`;
  let value = kept.get(key);
  if (value === undefined) kept.set(key, (value = compute(bits + 32) >> 32n));
  return value;
}

/** artanh or arctan of 1/n. */
function inverseSeries(n: bigint, bits: number, sign: 1n | -1n): bigint {
  let power = (1n << BigInt(bits)) / n;
  let sum = 0n;
  for (let k = 1n; power !== 0n; k += 2n) {
    sum += power / k;
    power = (sign * power) / (n * n);
  }
  return sum;
}

const pi = (bits: number): bigint =>
  constant('pi', bits, (more) => 4n * (4n * inverseSeries(5n, more, -1n) - inverseSeries(239n, more, -1n)));
const ln2 = (bits: number): bigint =>
  constant(
    'ln2',
    bits,
    (more) =>
      18n * inverseSeries(26n, more, 1n) - 2n * inverseSeries(4801n, more, 1n) + 8n * inverseSeries(8749n, more, 1n),
  );
const ln10 = (bits: number): bigint =>
  constant('ln10', bits, (more) => 3n * ln2(more) + 2n * inverseSeries(9n, more, 1n));

// The three series.

/** eʳ for any r, as a fraction from ½ to 2 and a power of two. */
function expOf(r: bigint, bits: number): { fraction: bigint; power: number } {
  const log = ln2(bits + 64);
  const power = (2n * (r << 64n) + log) / (2n * log);
  const halvings = 12n;
  const work = BigInt(bits) + 64n;
  const small = ((r << 64n) - power * log) >> halvings;
  let [sum, term] = [1n << work, 1n << work];
  for (let k = 1n; term !== 0n && term !== -1n; k++) {
    term = (term * small) / (k << work);
    sum += term;
  }
  for (let k = 0n; k < halvings; k++) sum = (sum * sum) >> work;
  return { fraction: sum >> 64n, power: Number(power) };
}

/** ln of a positive fixed number. */
function logOf(value: bigint, bits: number): bigint {
  // value = m·2^power with m from ⅔ to 4/3.
  let power = bitLength(value) - bits;
  let scale = 1n << BigInt(bitLength(value));
  if (3n * value < 2n * scale) [power, scale] = [power - 1, scale >> 1n];
  const s = ((value - scale) << BigInt(bits)) / (value + scale);
  const s2 = (s * s) >> BigInt(bits);
  let [sum, term] = [0n, s];
  for (let k = 1n; term !== 0n && term !== -1n; k += 2n) {
    sum += term / k;
    term = (term * s2) >> BigInt(bits);
  }
  return 2n * sum + BigInt(power) * ln2(bits);
}

function sinCosOf(r: bigint, bits: number): [sin: bigint, cos: bigint] {
  const one = 1n << BigInt(bits);
  const r2 = (r * r) >> BigInt(bits);
  const series = (first: bigint, from: bigint): bigint => {
    let [sum, term] = [0n, first];
    for (let k = from; term !== 0n && term !== -1n; k += 2n) {
      sum += term;
      term = (-term * r2) / (((k + 1n) * (k + 2n)) << BigInt(bits));
    }
    return sum;
  };
  return [series(r, 1n), series(one, 0n)];
}

/** atan of a fixed number that is not negative. */
function atanOf(value: bigint, bits: number): bigint {
  const one = 1n << BigInt(bits);
  if (value > one) return pi(bits) / 2n - atanOf((one * one) / value, bits);
  const halvings = 3n;
  let t = value;
  for (let k = 0n; k < halvings; k++) t = (t << BigInt(bits)) / (one + squareRoot(one * one + t * t));
  const t2 = (t * t) >> BigInt(bits);
  let [sum, term] = [0n, t];
  for (let k = 1n; term !== 0n && term !== -1n; k += 2n) {
    sum += term / k;
    term = (-term * t2) >> BigInt(bits);
  }
  return sum << halvings;
}

// The functions, for finite arguments that are not 0 and have a result that is neither.

const real = (value: bigint, bits: number): Real => ({ value, bits });

function wave(x: number, which: 'sin' | 'cos' | 'tan'): Real {
  const bits = precisionFor(exponentOf(x)) + 128;
  const more = 64 * Math.ceil((Math.max(0, exponentOf(x)) + 64) / 64);
  const argument = fixed(x, bits + more);
  const quarter = pi(bits + more) >> 1n;
  const nearest = 2n * argument + quarter;
  const count = nearest < 0n ? nearest / (2n * quarter) - 1n : nearest / (2n * quarter);
  const [sin, cos] = sinCosOf((argument - count * quarter) >> BigInt(more), bits);
  const quadrant = Number(((count % 4n) + 4n) % 4n);
  const s = [sin, cos, -sin, -cos][quadrant]!;
  const c = [cos, -sin, -cos, sin][quadrant]!;
  if (which !== 'tan') return real(which === 'sin' ? s : c, bits);
  return real((s << BigInt(bits)) / c, bits);
}

/** eˣ in units of 2^−bits, for |x| < 800. */
function expFixed(x: number, bits: number): bigint {
  const { fraction, power } = expOf(fixed(x, bits), bits);
  return shifted(fraction, power);
}

const oddly =
  (compute: (x: number) => Real) =>
  (x: number): Real => {
    const { value, bits } = compute(Math.abs(x));
    return real(x < 0 ? -value : value, bits);
  };

const unary: Readonly<Record<string, (x: number) => Real>> = {
  exp(x) {
    const bits = precisionFor(exponentOf(x));
    const { fraction, power } = expOf(fixed(x, bits), bits);
    return real(fraction, bits - power);
  },
  exp2(x) {
    const bits = precisionFor(exponentOf(x));
    const { fraction, power } = expOf((fixed(x, bits) * ln2(bits)) >> BigInt(bits), bits);
    return real(fraction, bits - power);
  },
  expm1(x) {
    const bits = precisionFor(exponentOf(x));
    if (x < -150) return real(1n - (1n << BigInt(bits)), bits);
    return real(expFixed(x, bits) - (1n << BigInt(bits)), bits);
  },
  log(x) {
    const bits = precisionFor(-64);
    // Far from 1 the mantissa alone, and the power apart from it.
    const power = Math.abs(exponentOf(x)) < 3 ? 0 : exponentOf(x);
    const { m, e } = partsOf(x);
    return real(logOf(shifted(m, e - power + bits), bits) + BigInt(power) * ln2(bits), bits);
  },
  log2(x) {
    const { value, bits } = unary['log']!(x);
    return real((value << BigInt(bits)) / ln2(bits), bits);
  },
  log10(x) {
    const { value, bits } = unary['log']!(x);
    return real((value << BigInt(bits)) / ln10(bits), bits);
  },
  log1p(x) {
    const bits = precisionFor(exponentOf(x));
    return real(logOf(fixed(x, bits) + (1n << BigInt(bits)), bits), bits);
  },
  sin: (x) => wave(x, 'sin'),
  cos: (x) => wave(x, 'cos'),
  tan: (x) => wave(x, 'tan'),
  asin: oddly((x) => {
    const bits = precisionFor(exponentOf(x));
    const one = 1n << BigInt(bits);
    const value = fixed(x, bits);
    if (value === one) return real(pi(bits) / 2n, bits);
    return real(atanOf((value << BigInt(bits)) / squareRoot(one * one - value * value), bits), bits);
  }),
  acos(x) {
    const bits = precisionFor(-64);
    const [one, value] = [1n << BigInt(bits), fixed(x, bits)];
    if (value === -one) return real(pi(bits), bits);
    const ratio = ((one - value) << BigInt(bits)) / (one + value);
    return real(2n * atanOf(squareRoot(ratio << BigInt(bits)), bits), bits);
  },
  atan: oddly((x) => {
    const bits = precisionFor(exponentOf(x));
    return real(atanOf(fixed(x, bits), bits), bits);
  }),
  sinh: oddly((x) => {
    const bits = precisionFor(exponentOf(x));
    const e = expFixed(x, bits);
    return real((e - (1n << BigInt(2 * bits)) / e) / 2n, bits);
  }),
  cosh(x) {
    const bits = precisionFor(0);
    const e = expFixed(Math.abs(x), bits);
    return real((e + (1n << BigInt(2 * bits)) / e) / 2n, bits);
  },
  tanh: oddly((x) => {
    const bits = precisionFor(exponentOf(x));
    const one = 1n << BigInt(bits);
    if (x > 150) return real(one - 1n, bits);
    const e = expFixed(2 * x, bits);
    return real(((e - one) << BigInt(bits)) / (e + one), bits);
  }),
  asinh: oddly((x) => {
    const bits = precisionFor(exponentOf(x));
    const value = fixed(x, bits);
    return real(logOf(value + squareRoot(value * value + (1n << BigInt(2 * bits))), bits), bits);
  }),
  acosh(x) {
    const bits = precisionFor(-64);
    const value = fixed(x, bits);
    return real(logOf(value + squareRoot(value * value - (1n << BigInt(2 * bits))), bits), bits);
  },
  atanh: oddly((x) => {
    const bits = precisionFor(exponentOf(x));
    const [one, value] = [1n << BigInt(bits), fixed(x, bits)];
    return real(logOf(((one + value) << BigInt(bits)) / (one - value), bits) / 2n, bits);
  }),
  cbrt: oddly((x) => {
    const { m, e } = partsOf(x);
    // The root of m·2^(e + 3k) has k more bits.
    const k = Math.ceil((600 - e) / 3);
    return real(cubeRoot(m << BigInt(e + 3 * k)), k);
  }),
};

function cubeRoot(value: bigint): bigint {
  let root = 1n << BigInt(Math.ceil(bitLength(value) / 3));
  for (;;) {
    const next = (2n * root + value / (root * root)) / 3n;
    if (next >= root) return root;
    root = next;
  }
}

const binary: Readonly<Record<string, (x: number, y: number) => Real>> = {
  pow(x, y) {
    const bits = precisionFor(-192);
    const sign = x < 0 && Math.abs(y % 2) === 1 ? -1n : 1n;
    const { value, bits: logBits } = unary['log']!(Math.abs(x));
    const { m, e } = partsOf(y);
    const exponent = shifted(value * m, e + bits - logBits);
    const limit = 800n << BigInt(bits);
    if (exponent > limit) return real(sign, -2000);
    if (exponent < -limit) return real(sign, 2000);
    const { fraction, power } = expOf(exponent, bits);
    return real(sign * fraction, bits - power);
  },
  hypot(x, y) {
    const bits = precisionFor(Math.max(exponentOf(x), exponentOf(y)));
    const [a, b] = [fixed(x, bits + 1200), fixed(y, bits + 1200)];
    return real(squareRoot(a * a + b * b), bits + 1200);
  },
  atan2(y, x) {
    const smallest = exponentOf(y) - exponentOf(x);
    const bits = precisionFor(smallest) + 64;
    const [a, b] = [partsOf(Math.abs(y)), partsOf(Math.abs(x))];
    const ratio =
      a.e - b.e + bits >= 0 ? (a.m << BigInt(a.e - b.e + bits)) / b.m : a.m / (b.m << BigInt(b.e - a.e - bits));
    const angle = atanOf(ratio, bits);
    const whole = x < 0 ? pi(bits) - angle : angle;
    return real(y < 0 ? -whole : whole, bits);
  },
};

/** The function's value, for finite arguments that are not 0 and a true value that is finite and not 0. */
export function reference(name: string, args: readonly number[]): Real {
  const [x, y] = args as [number, number];
  return args.length === 1 ? unary[name]!(x) : binary[name]!(x, y);
}

/** The double nearest to it, ties to even; infinite beyond all doubles. */
export function nearestDouble({ value, bits }: Real): number {
  if (value === 0n) return 0;
  const size = magnitude(value);
  // The unit of the last place that the double has.
  const unit = Math.max(bitLength(size) - bits - 53, -1074);
  const by = BigInt(Math.max(0, bits + unit));
  let m = bits + unit >= 0 ? size >> by : size << BigInt(-bits - unit);
  if (by > 0n) {
    const rest = size - (m << by);
    const half = 1n << (by - 1n);
    if (rest > half || (rest === half && (m & 1n) === 1n)) m++;
  }
  // In two steps, as 2^unit alone may be no double.
  const result = Number(m) * 2 ** Math.max(unit, -1022) * 2 ** Math.min(0, unit + 1022);
  return value < 0n ? -result : result;
}

/** How far a double is from the true value, in units of the last place that a double has there. */
export function ulpsFrom(result: number, { value, bits }: Real): number {
  if (Number.isNaN(result)) return Infinity;
  const unit = Math.max(bitLength(value) - bits - 53, -1074);
  if (!Number.isFinite(result)) return Object.is(nearestDouble({ value, bits }), result) ? 0 : Infinity;
  const { m, e } = partsOf(result);
  const scale = Math.max(bits, -e);
  const difference = (m << BigInt(e + scale)) - (value << BigInt(scale - bits));
  return Number(shifted(difference << 60n, -(scale + unit))) / 2 ** 60;
}

/** How many doubles lie between two: 0 for equal ones, 1 for neighbours. */
export function stepsBetween(a: number, b: number): number {
  if (Object.is(a, b) || (Number.isNaN(a) && Number.isNaN(b))) return 0;
  if (Number.isNaN(a) || Number.isNaN(b)) return Infinity;
  const view = new DataView(new ArrayBuffer(8));
  const ordinal = (x: number): bigint => {
    view.setFloat64(0, x);
    const bits = view.getBigInt64(0);
    return bits < 0n ? -(2n ** 63n) - bits : bits;
  };
  // −0 and 0 have one ordinal, but are not the same.
  return Math.max(1, Number(magnitude(ordinal(a) - ordinal(b))));
}
