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

/** `value` with `digits` significant digits, no trailing zeros, and an exponent where the number needs one: C's `%.{digits}g`. */
export function formatSignificant(value: number, digits = 3): string {
  if (value === 0 || !Number.isFinite(value)) return String(value);
  const [mantissa, exponentText] = value.toExponential(digits - 1).split('e') as [string, string];
  const exponent = Number(exponentText);
  const withoutZeros = (text: string): string => (text.includes('.') ? text.replace(/\.?0+$/, '') : text);
  if (exponent < -4 || exponent >= digits) {
    const sign = exponent < 0 ? '-' : '+';
    return `${withoutZeros(mantissa)}e${sign}${String(Math.abs(exponent)).padStart(2, '0')}`;
  }
  return withoutZeros(value.toFixed(digits - 1 - exponent));
}

/** A whole number with commas between thousands: 1234567 is `1,234,567`. */
export function formatCount(count: number | bigint): string {
  return String(count).replace(/\B(?=(\d{3})+(?!\d))/g, ',');
}

/** Bytes in MiB with one decimal: `412.3 MiB`. */
export function formatMebibytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(1)} MiB`;
}

/** `1 run`, `7 runs`, `1,000 loops`: a count and its noun. */
export function formatPlural(count: number, noun: string): string {
  return `${formatCount(count)} ${noun}${count === 1 ? '' : 's'}`;
}
