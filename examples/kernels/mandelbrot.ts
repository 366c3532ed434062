// The Mandelbrot set: how many steps each point of a picture takes to leave the disk of radius 2. Neighbours leave at different times,
// so SIMD lanes that work on neighbours diverge: a lane that is done waits, under a mask, for the others.
// node dist/examples/kernels/mandelbrot.js draws it.
import { pathToFileURL } from 'node:url';
import { jit } from 'heddle';

/** Steps to leave, at most `limit`, for each pixel of the rectangle from −2.25 − 1.25i to 0.75 + 1.25i, row by row. */
export function mandelbrot(steps: Int32Array, width: number, height: number, limit: number): void {
  for (let row = 0; row < height; row++) {
    const ci = (2.5 * (row + 0.5)) / height - 1.25;
    for (let column = 0; column < width; column++) {
      const cr = (3 * (column + 0.5)) / width - 2.25;
      let x = 0;
      let y = 0;
      let n = 0;
      while (n < limit && x * x + y * y <= 4) {
        const next = x * x - y * y + cr;
        y = 2 * x * y + ci;
        x = next;
        n++;
      }
      steps[row * width + column] = n;
    }
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const [width, height, limit] = [72, 24, 200];
  const steps = new Int32Array(width * height);
  jit(mandelbrot, { parallel: true })(steps, width, height, limit);
  const shades = ' .:-=+*#%@';
  for (let row = 0; row < height; row++) {
    const line = Array.from(steps.subarray(row * width, (row + 1) * width), (n) =>
      n === limit ? '@' : shades[Math.min(8, Math.floor(Math.log2(n)))],
    );
    console.log(line.join('').trimEnd());
  }
  console.log(`${steps.filter((n) => n === limit).length} of ${steps.length} points never left`);
}
