// A histogram: how many values fall into each bin. Two iterations may count in the same bin, so there are no lanes in it; threads can take
// part where each has bins of its own, as whole numbers add up to the same in any order.
// node dist/examples/kernels/histogram.js draws one.
import { pathToFileURL } from 'node:url';
import { jit } from 'heddle';

/** Adds to `counts`, which divide low ≤ v < high evenly, how many of the values each holds; others, NaN among them, are left out. */
export function histogram(counts: Int32Array, values: Float64Array, low: number, high: number): void {
  const scale = counts.length / (high - low);
  for (let i = 0; i < values.length; i++) {
    const bin = Math.floor((values[i]! - low) * scale);
    if (bin >= 0 && bin < counts.length) counts[bin]!++;
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  // Sums of four draws: nearly a bell.
  const draw = jit(
    (values: Float64Array) => {
      for (let i = 0; i < values.length; i++)
        values[i] = Math.random() + Math.random() + Math.random() + Math.random() - 2;
    },
    { seed: 42 },
  );
  const values = new Float64Array(100_000);
  draw(values);
  const counts = new Int32Array(16);
  jit(histogram)(counts, values, -2, 2);
  for (const [bin, count] of counts.entries())
    console.log(`${(bin / 4 - 2).toFixed(2).padStart(5)} ${'#'.repeat(Math.round(count / 400))} ${count}`);
}
