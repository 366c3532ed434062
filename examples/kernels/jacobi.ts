// Jacobi's method for heat in a plate: each inner point becomes the mean of its four neighbours. A stencil: every point reads beside itself
// in one array and writes to another, so all of them can be computed at once. It does little with each number that it reads.
// node dist/examples/kernels/jacobi.js heats a plate.
import { pathToFileURL } from 'node:url';
import { alloc, jit } from 'heddle';

/** One step from `grid` to `next`, row by row; the rim of `next` is left as it is. */
export function jacobi(next: Float64Array, grid: Float64Array, width: number, height: number): void {
  for (let row = 1; row < height - 1; row++) {
    for (let column = 1; column < width - 1; column++) {
      const p = row * width + column;
      next[p] = 0.25 * (grid[p - 1]! + grid[p + 1]! + grid[p - width]! + grid[p + width]!);
    }
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const step = jit(jacobi, { parallel: true });
  const [width, height] = [36, 18];
  // Many steps over the same arrays: in the heap, where nothing is copied between them.
  let grid = alloc.float64(width * height);
  grid.fill(100, 0, width); // hot above
  let next = alloc.float64(width * height);
  next.set(grid);
  for (let k = 0; k < 2000; k++) {
    step(next, grid, width, height);
    [grid, next] = [next, grid];
  }
  for (let row = 0; row < height; row += 2)
    console.log(
      Array.from(grid.subarray(row * width, (row + 1) * width), (t) => ' .:-=+*#%@'[Math.min(9, t / 10) | 0]).join(''),
    );
  console.log(`in the middle ${grid[(height >> 1) * width + (width >> 1)]!.toFixed(2)} degrees`);
}
