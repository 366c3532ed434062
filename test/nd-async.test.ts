// Asynchronous calls of compiled functions that are given arrays with a shape, on the built package's own threads.
import { full, jit, ones, vectorize, zeros } from 'heddle';
import type { NDArray } from 'heddle';
import { describe, expect, it } from 'vitest';

describe('asynchronous calls', () => {
  const grow = (a: NDArray<'float64'>, b: NDArray<'float64'>): number => {
    let s = 0;
    for (let i = 0; i < a.shape[0]!; i++) {
      a.set(i, a.get(i) + b.get(i));
      s += a.get(i);
    }
    return s;
  };

  it('lock what they write, and keep what they read', async () => {
    const compiled = jit(grow);
    const [a, b] = [ones([20_000]).computeSync(), full([20_000], 2).computeSync()];
    const before = a.mul(1);
    const promise = compiled.async(a, b);
    expect(() => a.get(0)).toThrow(expect.objectContaining({ code: 'ARRAY016' }));
    expect(() => compiled(a, b)).toThrow(expect.objectContaining({ code: 'ARRAY016' }));
    // The call goes on with the numbers that b had.
    b.set(19_999, 1000);
    expect(await promise).toBe(60_000);
    expect([a.get(0), a.get(-1), b.get(-1), before.get(-1)]).toEqual([3, 3, 1000, 1]);
  });

  it('keep typed arrays over the memory of what they read from being written', async () => {
    const sum = jit((a: NDArray<'float64'>) => {
      let s = 0;
      for (let k = 0; k < 20; k++) for (const v of a) s += v as number;
      return s;
    });
    const clear = jit((x: Float64Array) => {
      for (let i = 0; i < x.length; i++) x[i] = 0;
    });
    const halve = vectorize((x: number) => x / 2);
    const a = ones([20_000]).computeSync();
    const data = a.data();
    const promise = sum.async(a);
    const held = expect.objectContaining({ code: 'HEAP006' });
    expect(() => clear(data)).toThrow(held);
    expect(() => halve(data, { out: data })).toThrow(held);
    // Reading is no harm, and an array that is written has memory of its own since.
    expect([halve(data)[0], sum(a)]).toEqual([0.5, 400_000]);
    a.set(0, 5);
    expect(await promise).toBe(400_000);
    clear(data);
    expect([data[1], a.get(0)]).toEqual([0, 5]);
  });

  it('unlock it when they fail', async () => {
    const compiled = jit(grow);
    const a = ones([100]);
    await expect(compiled.async(a, ones([99]))).rejects.toThrow('there is no place 99 on axis 0 of b');
    expect(a.get(0)).toBe(2);
  });

  it('finish though what they read is disposed of', async () => {
    const compiled = jit((a: NDArray<'float64'>) => {
      let s = 0;
      for (let k = 0; k < 20; k++) for (let i = 0; i < a.shape[0]!; i++) s += a.get(i);
      return s;
    });
    const a = ones([20_000]).computeSync();
    const promise = compiled.async(a);
    a.dispose();
    expect(await promise).toBe(400_000);
  });

  it('make arrays', async () => {
    const make = jit((n: number) => full([n], n), { globals: () => ({ full }) });
    const [a, b] = await Promise.all([make.async(2), make.async(3)]);
    expect([a.add(1).toArray(), b.toArray()]).toEqual([
      [3, 3],
      [3, 3, 3],
    ]);
  });

  it('write what others hold only for themselves', async () => {
    const clear = jit((a: NDArray<'float64'>) => {
      for (let i = 0; i < a.shape[0]!; i++) a.set(i, 0);
      return a;
    });
    const a = ones([1000]);
    const half = a.at('::2');
    expect(await clear.async(a)).toBe(a);
    expect([a.sum().item(), half.sum().item()]).toEqual([0, 500]);
    expect(await clear.async(zeros([3]))).toHaveProperty('size', 3);
  });

  it('compute functions of elements on all threads', async () => {
    const f = vectorize((x: number, y: number) => (x > y ? Math.sqrt(x) : Number(BigInt(x))));
    const a = full([300, 1000], 4).computeSync();
    const sum = f(a, 2).sum();
    expect([sum.explain().split('\n')[0], (await sum.compute()).item()]).toEqual(['1 kernel', 600_000]);
    a.set(299, 999, 0.5);
    await expect(f(a, 2).sum().compute()).rejects.toThrow(/BigInt\(x\)/);
  });
});
