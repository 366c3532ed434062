// Black–Scholes: what European options are worth. Each option is for itself, and costs some two hundred operations: `Math.log`, `Math.exp`
// and `Math.sqrt`, in the lanes of heddle's own functions, which are the same bits in every lane and on every machine.
// node dist/examples/kernels/black-scholes.js prices a few.
import { pathToFileURL } from 'node:url';
import { jit } from 'heddle';

/** The standard normal distribution up to x, right to 7.5 · 10⁻⁸ (Abramowitz and Stegun, 26.2.17). */
export function normalUpTo(x: number): number {
  const t = 1 / (1 + 0.2316419 * Math.abs(x));
  const sum = t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  const tail = 0.3989422804014327 * Math.exp(-0.5 * x * x) * sum;
  return x < 0 ? tail : 1 - tail;
}

/** Values of calls and puts on shares at `price`, to be had or sold for `strike` in so many `years`. */
export function blackScholes(
  calls: Float64Array,
  puts: Float64Array,
  price: Float64Array,
  strike: Float64Array,
  years: Float64Array,
  rate: number,
  volatility: number,
): void {
  for (let i = 0; i < calls.length; i++) {
    const spread = volatility * Math.sqrt(years[i]!);
    const drift = (rate + 0.5 * volatility ** 2) * years[i]!;
    const d1 = (Math.log(price[i]! / strike[i]!) + drift) / spread;
    const d2 = d1 - spread;
    const discounted = strike[i]! * Math.exp(-rate * years[i]!);
    calls[i] = price[i]! * normalUpTo(d1) - discounted * normalUpTo(d2);
    puts[i] = discounted * normalUpTo(-d2) - price[i]! * normalUpTo(-d1);
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const value = jit(blackScholes, { parallel: true, globals: () => ({ normalUpTo }) });
  const price = Float64Array.of(42, 100, 100);
  const strike = Float64Array.of(40, 90, 110);
  const years = Float64Array.of(0.5, 1, 1);
  const [calls, puts] = [new Float64Array(3), new Float64Array(3)];
  value(calls, puts, price, strike, years, 0.1, 0.2);
  for (const [i, call] of calls.entries())
    console.log(`share at ${price[i]}, strike ${strike[i]}: call ${call.toFixed(4)}, put ${puts[i]!.toFixed(4)}`);
}
