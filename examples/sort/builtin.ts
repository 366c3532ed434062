/** What is built in: `Float64Array.prototype.sort`, on a copy. */
export function sortNumbers(data: Float64Array): Float64Array {
  return data.slice().sort();
}

/** The same n scattered numbers in [0, 1) each time, so that every rung sorts the same ones (Park and Miller's generator). */
export function makeInput(n: number): [Float64Array] {
  const data = new Float64Array(n);
  let state = 42;
  for (let i = 0; i < n; i++) data[i] = (state = (48271 * state) % 2147483647) / 2147483647;
  return [data];
}
