// Eight more kernels, as people write them: for the bench and for the tests, where they are oracle cases. The six that are shown to people
// are in examples/kernels/.

/** How n bodies attract each other, softened: the acceleration of each, all pairs. Three sums go along with the inner loop. */
export function accelerate(
  ax: Float64Array,
  ay: Float64Array,
  az: Float64Array,
  x: Float64Array,
  y: Float64Array,
  z: Float64Array,
  mass: Float64Array,
  softening: number,
): void {
  for (let i = 0; i < x.length; i++) {
    let sumX = 0;
    let sumY = 0;
    let sumZ = 0;
    for (let j = 0; j < x.length; j++) {
      const dx = x[j]! - x[i]!;
      const dy = y[j]! - y[i]!;
      const dz = z[j]! - z[i]!;
      const squared = dx * dx + dy * dy + dz * dz + softening;
      const pull = mass[j]! / (squared * Math.sqrt(squared));
      sumX += pull * dx;
      sumY += pull * dy;
      sumZ += pull * dz;
    }
    ax[i] = sumX;
    ay[i] = sumY;
    az[i] = sumZ;
  }
}

/** One product of the infinite matrix of the spectral-norm benchmark, cut to v.length, with a vector. */
export function spectralProduct(result: Float64Array, v: Float64Array): void {
  for (let i = 0; i < v.length; i++) {
    let sum = 0;
    for (let j = 0; j < v.length; j++) sum += v[j]! / (((i + j) * (i + j + 1)) / 2 + i + 1);
    result[i] = sum;
  }
}

/** Each element and all before it, added up. */
export function prefixSum(sums: Float64Array, values: Float64Array): void {
  let sum = 0;
  for (let i = 0; i < values.length; i++) {
    sum += values[i]!;
    sums[i] = sum;
  }
}

/** All shortest ways in a graph of n nodes, in place: distances[from · n + to]. */
export function floydWarshall(distances: Float64Array, n: number): void {
  for (let k = 0; k < n; k++) {
    for (let i = 0; i < n; i++) {
      const first = distances[i * n + k]!;
      for (let j = 0; j < n; j++) {
        const through = first + distances[k * n + j]!;
        if (through < distances[i * n + j]!) distances[i * n + j] = through;
      }
    }
  }
}

/** c = a · b for square matrices, row by row. */
export function matrixProduct(c: Float64Array, a: Float64Array, b: Float64Array, n: number): void {
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      let sum = 0;
      for (let k = 0; k < n; k++) sum += a[i * n + k]! * b[k * n + j]!;
      c[i * n + j] = sum;
    }
  }
}

/** The next generation of Conway's cells, 1 alive and 0 dead; the rim stays as it is. */
export function gameOfLife(next: Uint8Array, cells: Uint8Array, width: number, height: number): void {
  for (let row = 1; row < height - 1; row++) {
    for (let column = 1; column < width - 1; column++) {
      const p = row * width + column;
      const neighbours =
        cells[p - width - 1]! +
        cells[p - width]! +
        cells[p - width + 1]! +
        cells[p - 1]! +
        cells[p + 1]! +
        cells[p + width - 1]! +
        cells[p + width]! +
        cells[p + width + 1]!;
      next[p] = neighbours === 3 || (neighbours === 2 && cells[p] === 1) ? 1 : 0;
    }
  }
}

/** The best score of a local alignment of two sequences, with a linear penalty for gaps. */
export function smithWaterman(a: Uint8Array, b: Uint8Array, match: number, mismatch: number, gap: number): number {
  const row = new Int32Array(b.length + 1);
  let best = 0;
  for (let i = 0; i < a.length; i++) {
    let diagonal = 0;
    let left = 0;
    for (let j = 0; j < b.length; j++) {
      const above = row[j + 1]!;
      const score = Math.max(0, diagonal + (a[i] === b[j] ? match : mismatch), above + gap, left + gap);
      diagonal = above;
      left = score;
      row[j + 1] = score;
      if (score > best) best = score;
    }
  }
  return best;
}

/** Where the logistic map x → r·x·(1 − x) is after so many steps, for values of r between 2.5 and 4. */
export function logisticMap(result: Float64Array, steps: number): void {
  for (let i = 0; i < result.length; i++) {
    const r = 2.5 + (1.5 * i) / result.length;
    let x = 0.5;
    for (let k = 0; k < steps; k++) x = r * x * (1 - x);
    result[i] = x;
  }
}

/** Sums of products, which keep their order unless `fastMath` lets them go. */
export function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

export function norm(a: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * a[i]!;
  return Math.sqrt(sum);
}
