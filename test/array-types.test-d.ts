// The types of arrays, wrong programs included: dtypes are carried, and promoted as the array standard's table has it. Nothing here runs.
import { arange, asarray, concat, full, jit, NDArray, ones, random, vectorize, where, zeros } from 'heddle';
import type { DType, Promote } from 'heddle';

// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- a free T is what makes the comparison exact
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
/** Compiles only where both types are the same. */
declare function same<A, B>(..._: Same<A, B> extends true ? [] : [never]): void;

declare const f64: NDArray<'float64'>;
declare const f32: NDArray<'float32'>;
declare const i8: NDArray<'int8'>;
declare const i64: NDArray<'int64'>;
declare const u8: NDArray<'uint8'>;
declare const u64: NDArray<'uint64'>;
declare const mask: NDArray<'bool'>;
declare const some: NDArray;
const n = 10;

export function arithmetic(): NDArray[] {
  same<Promote<'int8', 'uint8'>, 'int16'>();
  same<Promote<'float32', 'float64'>, 'float64'>();
  same<Promote<'int64', 'uint64'>, never>();
  const results = [
    f64.add(f32),
    f64.mul(2),
    i8.add(u8),
    i8.div(2),
    f32.div(2),
    i8.square(),
    f32.sqrt(),
    i64.sqrt(),
  ] as const;
  same<(typeof results)[0], NDArray<'float64'>>();
  same<(typeof results)[1], NDArray<'float64'>>();
  same<(typeof results)[2], NDArray<'int16'>>();
  same<(typeof results)[3], NDArray<'float64'>>();
  same<(typeof results)[4], NDArray<'float32'>>();
  same<(typeof results)[5], NDArray<'int8'>>();
  same<(typeof results)[6], NDArray<'float32'>>();
  same<(typeof results)[7], NDArray<'float64'>>();
  // @ts-expect-error integers and floats have no common dtype
  f64.add(i64);
  // @ts-expect-error nor have int64 and uint64
  i64.add(u64);
  // @ts-expect-error nor have bool and numbers
  f64.mul(mask);
  // @ts-expect-error a list is no array
  f64.add([1, 2]);
  // @ts-expect-error nor is a string
  f64.add('1');
  // @ts-expect-error operators are JavaScript's, and for numbers
  void (f64 * 2);
  return [...results, some.add(some), some.mul(2)];
}

export function reading(): number {
  same<ReturnType<typeof f64.item>, number>();
  same<ReturnType<typeof mask.get>, boolean>();
  same<ReturnType<typeof i64.toTypedArray>, BigInt64Array>();
  same<ReturnType<typeof f32.data>, Float32Array>();
  const big = i64.item({ bigint: true });
  same<typeof big, bigint>();
  const isAny = mask.any().item();
  same<typeof isAny, boolean>();
  // The program of the README.
  const points = random.uniform(-1, 1, [2, n]);
  same<typeof points, NDArray<'float64'>>();
  const single = random.uniform(-1, 1);
  same<typeof single, number>();
  return (4 * points.square().sum(0).lt(1).countNonzero().item()) / n;
}

export function reductions(): NDArray[] {
  const results = [
    i8.sum(),
    u8.sum(0),
    f32.sum(),
    i8.mean(),
    f32.mean(0),
    mask.countNonzero(),
    f64.argmax(0),
    i8.max(),
  ] as const;
  same<(typeof results)[0], NDArray<'int64'>>();
  same<(typeof results)[1], NDArray<'uint64'>>();
  same<(typeof results)[2], NDArray<'float32'>>();
  same<(typeof results)[3], NDArray<'float64'>>();
  same<(typeof results)[4], NDArray<'float32'>>();
  same<(typeof results)[5], NDArray<'int64'>>();
  same<(typeof results)[6], NDArray<'int64'>>();
  same<(typeof results)[7], NDArray<'int8'>>();
  f64.sum({ axis: [0, 1], keepdims: true });
  // @ts-expect-error there is no such option
  f64.sum({ axes: 0 });
  // @ts-expect-error several axes stand in the options
  f64.sum([0, 1]);
  // @ts-expect-error an arg-max runs over one axis or all
  f64.argmax({ axis: [0, 1] });
  return [...results];
}

export function creating(): NDArray[] {
  const results = [
    zeros([2]),
    ones(3, { dtype: 'int8' }),
    asarray([[1, 2]]),
    asarray([1n]),
    asarray([true]),
    asarray(new Uint8Array(3)),
    asarray([1], { dtype: 'float32' }),
    f64.astype('int32'),
    where(mask, f32, 0),
    concat([f64, f64]),
    full(3, 0, { dtype: 'uint8' }),
  ] as const;
  same<(typeof results)[0], NDArray<'float64'>>();
  same<(typeof results)[1], NDArray<'int8'>>();
  same<(typeof results)[2], NDArray<'float64'>>();
  same<(typeof results)[3], NDArray<'int64'>>();
  same<(typeof results)[4], NDArray<'bool'>>();
  same<(typeof results)[5], NDArray<'uint8'>>();
  same<(typeof results)[6], NDArray<'float32'>>();
  same<(typeof results)[7], NDArray<'int32'>>();
  same<(typeof results)[8], NDArray<'float32'>>();
  same<(typeof results)[9], NDArray<'float64'>>();
  same<(typeof results)[10], NDArray<'uint8'>>();
  // @ts-expect-error there is no such dtype
  zeros([2], { dtype: 'float16' });
  // @ts-expect-error lists hold one kind of value
  asarray([1, true]);
  // @ts-expect-error strings are no numbers
  asarray(['1']);
  // @ts-expect-error a condition is bool
  where(f64, 1, 2);
  return [...results, arange(3)];
}

export function indexing(): NDArray<'float64'>[] {
  const parts = [f64.at(0), f64.at('1:'), f64.at('::-1', null, '...'), f64.at(mask), f64.at(i64), f64.T];
  same<(typeof parts)[0], NDArray<'float64'>>();
  // @ts-expect-error no slice
  f64.at('all');
  // @ts-expect-error no number either
  f64.at('1');
  // @ts-expect-error shapes are read only
  f64.shape.push(1);
  // @ts-expect-error and so are dtypes
  f64.dtype = 'float64';
  // @ts-expect-error arrays come from functions
  void new NDArray(f64);
  return parts;
}

export async function working(): Promise<DType> {
  const computed = await f64.compute();
  same<typeof computed, NDArray<'float64'>>();
  using disposed = zeros([2]);
  return disposed.assign(1).assignAt([0], 2).set(1, 3).dtype;
}

export function compiled(): unknown[] {
  const trace = jit((a: NDArray<'float64'>, k: number) => a.get(k, k) + (a.shape[0] ?? 0));
  same<Parameters<typeof trace>, [a: NDArray<'float64'>, k: number]>();
  const table = jit((a: NDArray<'bool'>) => [zeros([2]), a, a.get(0)] as const);
  const [made, given, first] = table(mask);
  same<typeof made, NDArray<'float64'>>();
  same<typeof given, NDArray<'bool'>>();
  same<typeof first, boolean>();
  // @ts-expect-error an array of another dtype
  trace(f32, 0);
  // @ts-expect-error elements of bool are booleans
  jit((a: NDArray<'bool'>): number => a.get(0));
  // @ts-expect-error not every result can be compiled
  jit((a: NDArray<'float64'>) => a.toString());
  return [trace, made, given];
}

export function ofElements(x: Float32Array, big: BigInt64Array): unknown[] {
  const add = vectorize((a: number, b: number) => a + b);
  const isMore = vectorize((a: number, b: number) => a > b);
  const next = vectorize((a: bigint) => a + 1n);
  const either = vectorize((a: boolean, b: boolean) => a || b);
  const results = [
    add(1, 2),
    add(x, 2),
    add(f32, 2),
    add(2, i8),
    add(x, x, { out: x }),
    add(f64, 1, { out: f64 }),
    isMore(x, 1),
    isMore(f64, i64),
    next(big),
    either(mask, true),
  ] as const;
  same<(typeof results)[0], number>();
  same<(typeof results)[1], Float64Array>();
  same<(typeof results)[2], NDArray<'float64'>>();
  same<(typeof results)[3], NDArray<'float64'>>();
  same<(typeof results)[4], Float32Array>();
  same<(typeof results)[5], NDArray<'float64'>>();
  same<(typeof results)[6], Uint8Array>();
  same<(typeof results)[7], NDArray<'bool'>>();
  same<(typeof results)[8], BigInt64Array>();
  same<(typeof results)[9], NDArray<'bool'>>();
  // @ts-expect-error both kinds of arrays
  add(x, f64);
  // @ts-expect-error one argument is missing
  add(x);
  // @ts-expect-error a list is no array
  add([1, 2], 3);
  // @ts-expect-error elements of bool are no numbers
  add(mask, 1);
  // @ts-expect-error functions of elements take no arrays
  vectorize((a: NDArray) => a.size);
  // @ts-expect-error out is an array
  add(x, 1, { out: 3 });
  return [...results];
}
