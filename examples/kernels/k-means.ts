// One step of k-means: every point takes the label of the center that is nearest, and every center goes to the mean of its points. The
// first half is all arithmetic: lanes take one point each, as the distance within is a sum that has to keep its order. The second half is
// memory: sums of doubles by label, in the order of the points, on one thread.
// node dist/examples/kernels/k-means.js finds three clouds.
import { pathToFileURL } from 'node:url';
import { jit } from 'heddle';

/**
 * Coordinates stand together: the d-th one of point i is points[d · count + i], that of center c centers[d · clusters + c]. `labels` and
 * `sizes` say how many there are of both, and are filled. A center without points stays where it is. Gives the number of points that
 * have changed their label.
 */
export function kMeansStep(
  labels: Int32Array,
  sizes: Int32Array,
  centers: Float64Array,
  points: Float64Array,
  dimensions: number,
): number {
  const count = labels.length;
  const clusters = sizes.length;
  let changed = 0;
  for (let i = 0; i < count; i++) {
    let nearest = 0;
    let least = Infinity;
    for (let c = 0; c < clusters; c++) {
      let distance = 0;
      for (let d = 0; d < dimensions; d++) {
        const difference = points[d * count + i]! - centers[d * clusters + c]!;
        distance += difference * difference;
      }
      if (distance < least) {
        least = distance;
        nearest = c;
      }
    }
    if (labels[i] !== nearest) changed++;
    labels[i] = nearest;
  }

  for (let c = 0; c < clusters; c++) sizes[c] = 0;
  for (let i = 0; i < count; i++) sizes[labels[i]!]!++;
  const sums = new Float64Array(clusters);
  for (let d = 0; d < dimensions; d++) {
    for (let c = 0; c < clusters; c++) sums[c] = 0;
    for (let i = 0; i < count; i++) sums[labels[i]!]! += points[d * count + i]!;
    for (let c = 0; c < clusters; c++) if (sizes[c]! > 0) centers[d * clusters + c] = sums[c]! / sizes[c]!;
  }
  return changed;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  // Three clouds in the plane.
  const count = 3000;
  const draw = jit(
    (points: Float64Array, n: number) => {
      for (let i = 0; i < n; i++) {
        points[i] = 4 * (i % 3) + Math.random() + Math.random() - 1;
        points[n + i] = 3 * ((i % 3) % 2) + Math.random() + Math.random() - 1;
      }
    },
    { seed: 42 },
  );
  const points = new Float64Array(2 * count);
  draw(points, count);
  const step = jit(kMeansStep, { parallel: true });
  const labels = new Int32Array(count).fill(-1);
  const sizes = new Int32Array(3);
  // The first three points.
  const centers = Float64Array.from([0, 1, 2, count, count + 1, count + 2], (place) => points[place]!);
  let steps = 0;
  do steps++;
  while (step(labels, sizes, centers, points, 2) > 0);
  for (const [c, size] of sizes.entries())
    console.log(`${size} points around (${centers[c]!.toFixed(2)}, ${centers[3 + c]!.toFixed(2)})`);
  console.log(`${steps} steps`);
}
