// Numbers as people read them: times as IPython prints them, bytes, counts. Pure; no locale, so that output is the same everywhere.

const timeUnits = [
  { perSecond: 1, name: 's' },
  { perSecond: 1e3, name: 'ms' },
  { perSecond: 1e6, name: 'µs' },
  { perSecond: 1e9, name: 'ns' },
] as const;

/**
 * A time span as IPython's `%timeit` prints it: three significant digits in s, ms, µs or ns, and from a minute on whole days, hours,
 * minutes and seconds. The unit is chosen before rounding, so 999.9 µs is `1e+03 µs`, there as here.
 * @param seconds the span, in seconds
 * @param digits significant digits, 3 by default
 */
export function formatTime(seconds: number, digits = 3): string {
  if (!Number.isFinite(seconds)) return `${seconds} s`;
  if (seconds < 0) return `-${formatTime(-seconds, digits)}`;
  if (seconds >= 60) return formatLongTime(seconds);
  // Zero and anything below a nanosecond is shown in nanoseconds.
  const order = seconds > 0 ? Math.min(-Math.floor(Math.floor(Math.log10(seconds)) / 3), 3) : 3;
  const unit = timeUnits[order]!;
  return `${formatSignificant(seconds * unit.perSecond, digits)} ${unit.name}`;
}

function formatLongTime(seconds: number): string {
  const whole = Math.floor(seconds);
  const parts = [
    [Math.floor(whole / 86_400), 'd'],
    [Math.floor(whole / 3600) % 24, 'h'],
    [Math.floor(whole / 60) % 60, 'min'],
    [whole % 60, 's'],
  ] as const;
  return parts.flatMap(([count, unit]) => (count > 0 ? [`${count}${unit}`] : [])).join(' ');
}

/**
 * `value` with `digits` significant digits, no trailing zeros, and an exponent where the number needs one: C's `%.{digits}g`, ties to the
 * even digit included. What is not finite is spelled as JavaScript spells it.
 */
export function formatSignificant(value: number, digits = 3): string {
  if (!Number.isFinite(value)) return String(value);
  const sign = value < 0 || Object.is(value, -0) ? '-' : '';
  const [figures, exponent] = roundToDigits(Math.abs(value), digits);
  const withPoint = (whole: string, fraction: string): string => `${whole}.${fraction}`.replace(/\.?0*$/, '');
  if (exponent < -4 || exponent >= digits) {
    const exponentText = `${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`;
    return `${sign}${withPoint(figures[0]!, figures.slice(1))}e${exponentText}`;
  }
  if (exponent < 0) return sign + withPoint('0', '0'.repeat(-exponent - 1) + figures);
  return sign + withPoint(figures.slice(0, exponent + 1), figures.slice(exponent + 1));
}

/** More than a double needs to show on which side of a tie it lies, and the most that JavaScript gives. */
const mostFigures = 100;

/** The first `digits` decimal figures of a number ≥ 0, rounded, and the power of ten of the first one. */
function roundToDigits(value: number, digits: number): [figures: string, exponent: number] {
  const split = (text: string): [string, number] => {
    const [mantissa, exponent] = text.split('e') as [string, string];
    return [mantissa.replace('.', ''), Number(exponent)];
  };
  const rounded = split(value.toExponential(digits - 1));
  // JavaScript rounds a tie up, C to the even digit. A double that lies on a tie has only one figure more than was asked for.
  const [exact, exponent] = split(value.toExponential(mostFigures));
  const isTie = /^50*$/.test(exact.slice(digits));
  return isTie && Number(exact[digits - 1]) % 2 === 0 ? [exact.slice(0, digits), exponent] : rounded;
}

/** A whole number with commas between thousands: 1234567 is `1,234,567`. */
export function formatCount(count: number | bigint): string {
  return String(count).replace(/\B(?=(\d{3})+(?!\d))/g, ',');
}

/** Bytes in MiB with one decimal: `412.3 MiB`. */
export function formatMebibytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(1)} MiB`;
}

/** Bytes in the largest unit that leaves a number of at least one: `512 B`, `3.5 KiB`, `412.3 MiB`, `38.2 GiB`. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];
  let [value, unit] = [bytes, 0];
  while (Math.abs(value) >= 1024 && unit < units.length - 1) [value, unit] = [value / 1024, unit + 1];
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`;
}

/** `1 run`, `7 runs`, `1,000 loops`: a count and its noun. */
export function formatPlural(count: number, noun: string): string {
  return `${formatCount(count)} ${noun}${count === 1 ? '' : 's'}`;
}
