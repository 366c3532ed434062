// Loads and stores of lanes of every storage type, against the interpreter: strides −1, 0, 1, 3 and one that is known only in the call,
// gathers and scatters, with every kind of mask. The memory ends with the buffer, so what a lane that is off would read is not there.
import { describe, expect, it } from 'vitest';
import { expectSame, inKernel } from '../../../../test/support/lane-kernels.js';
import type { BufferContents, Elements } from '../../../../test/support/lane-kernels.js';
import { storageTypes, withLanes } from '../../../ir/types.js';
import type { StorageType } from '../../../ir/types.js';
import { Xoshiro256 } from '../../../random/xoshiro256.js';

const arrays: Record<StorageType, { new (length: number): Elements }> = {
  bool: Uint8Array,
  i8: Int8Array,
  u8: Uint8Array,
  u8c: Uint8ClampedArray,
  i16: Int16Array,
  u16: Uint16Array,
  i32: Int32Array,
  u32: Uint32Array,
  i64: BigInt64Array,
  u64: BigUint64Array,
  f32: Float32Array,
  f64: Float64Array,
};
const valueArrays = { bool: Uint8Array, i32: Int32Array, i64: BigInt64Array, f32: Float32Array, f64: Float64Array };
const storages = Object.keys(arrays) as StorageType[];
const random = Xoshiro256.fromState(11n, 12n, 13n, 14n);
const below = (end: number): number => Math.floor(random.float64() * end);

/** Of all bits that a storage type can have, or for floats numbers. */
function filled(elements: Elements, storage: StorageType): Elements {
  if (storage === 'bool') {
    // Any byte but 0 is true.
    for (let at = 0; at < elements.length; at++) elements[at] = below(2) * (1 + below(255));
    return elements;
  }
  for (let at = 0; at < elements.length; at++) {
    if (elements instanceof BigInt64Array || elements instanceof BigUint64Array) elements[at] = random.raw();
    else elements[at] = storage.startsWith('f') ? random.float64() * 100 - 50 : below(2 ** 32) - 2 ** 31;
  }
  return elements;
}

/** Values that lanes hold, some of them beyond what the storage type can. */
function values(storage: StorageType, count: number): Elements {
  const { value } = storageTypes[storage];
  const made = filled(new valueArrays[value](count), value);
  if (storage === 'u8c') for (let at = 0; at < count; at++) if (below(2) === 0) made[at] = below(600) - 150;
  return made;
}

interface Row {
  readonly start: number;
  readonly mask: readonly boolean[];
}

/** Masks of all kinds, over starts where each lane that is on lies in 0 … length − 1, and those that are off perhaps not. */
function rowsOf(count: number, length: number): Row[] {
  const lanes = Array.from({ length: count }, (_, lane) => lane);
  const inside = (): number => below(length - count + 1);
  const rows: Row[] = [
    { start: inside(), mask: lanes.map(() => true) },
    { start: inside(), mask: lanes.map(() => false) },
    { start: length - count, mask: lanes.map(() => true) },
    { start: 0, mask: lanes.map(() => true) },
  ];
  if (count <= 4) {
    for (let bits = 0; bits < 2 ** count; bits++)
      rows.push({ start: inside(), mask: lanes.map((lane) => (bits & (1 << lane)) !== 0) });
  }
  for (let round = 0; round < 8; round++) {
    const on = 1 + below(count - 1);
    rows.push({ start: inside(), mask: lanes.map(() => below(2) === 0) });
    rows.push({ start: length - on, mask: lanes.map((lane) => lane < on) });
    rows.push({ start: length - on, mask: lanes.map((lane) => lane < on && below(2) === 0) });
    rows.push({ start: on - count, mask: lanes.map((lane) => lane >= count - on) });
  }
  return rows;
}

const length = 40;

/** Elements of an axis of that stride, element 0 where a negative one needs it. */
function strided(storage: StorageType, stride: number): BufferContents {
  const elements = filled(new arrays[storage]((length - 1) * Math.abs(stride) + 1), storage);
  return { elements, offset: stride < 0 ? elements.length - 1 : 0 };
}

/** Loads and stores at each row's start, under its mask or without, and stores what was loaded. */
function neighbours(storage: StorageType, count: number, stride: number | '%stride', rows: number, isMasked: boolean) {
  const type = withLanes(storageTypes[storage].value, count);
  const mask = isMasked ? ' mask %mask' : '';
  const [shown, result] = [
    `buffer a: ${storage}[${length}] strides [${stride}] read alias 0`,
    storageTypes[storage].value,
  ];
  const into = `buffer b: ${storage}[${length}] strides [${stride}] write alias 1`;
  const others = `buffer out: ${result}[${rows * count}] strides [1] write alias 2
    buffer values: ${result}[${rows * count}] strides [1] read alias 3
    buffer starts: i64[${rows}] strides [1] read alias 4
    buffer masks: bool[${rows * count}] strides [1] read alias 5`;
  const body = `for @rows %row < ${rows} () {
      %at = mul.i64 %row ${count}
      %start: i64 = load starts[%row]
      ${isMasked ? `%mask: boolx${count} = load masks[%at]` : ''}
      %loaded: ${type} = load a[%start]${mask}
      store out[%at] %loaded
      %value: ${type} = load values[%at]
      store b[%start] %value${mask}
      yield []
    }
    return []`;
  return [
    inKernel('%stride: i64', '', [shown, into, others].join('\n'), body),
    inKernel('%stride: i64', '', [into, shown, others].join('\n'), body),
  ] as const;
}

describe('neighbours', () => {
  it.each(storages)('of %s', (storage) => {
    for (const count of [2, 4, 8, 16]) {
      const rows = rowsOf(count, length);
      for (const stride of [-1, 0, 1, 3, '%stride'] as const) {
        for (const isMasked of [false, true]) {
          const used = isMasked ? rows : rows.filter(({ start }) => start >= 0 && start <= length - count);
          const step = stride === '%stride' ? -2 : stride;
          const [a, b] = [strided(storage, step), strided(storage, step)];
          const masks = Uint8Array.from(used.flatMap(({ mask }) => mask.map(Number)));
          const starts = BigInt64Array.from(used.map(({ start }) => BigInt(start)));
          const others = [
            values(storage, used.length * count).fill((storageTypes[storage].value === 'i64' ? 0n : 0) as never),
            values(storage, used.length * count),
            starts,
            masks,
          ];
          const [loadsAtEnd, storesAtEnd] = neighbours(storage, count, stride, used.length, isMasked);
          expectSame(loadsAtEnd, [BigInt(step)], [a, b, ...others]);
          expectSame(storesAtEnd, [BigInt(step)], [b, a, ...others]);
        }
      }
    }
  });
});

describe('gathers and scatters', () => {
  const [height, width] = [6, 7];

  /** Both indices in lanes, or one of them. */
  const indexings = [
    ['%i', '%j'],
    ['%i', '%column'],
    ['%row', '%j'],
  ];

  it.each(storages)('of %s', (storage) => {
    for (const count of [2, 4, 16]) {
      const type = withLanes(storageTypes[storage].value, count);
      const result = storageTypes[storage].value;
      for (const [first, second] of indexings) {
        for (const strides of [
          [width, 1],
          [1, height],
          [-8, 3],
        ] as const) {
          for (const isMasked of [false, true]) {
            const mask = isMasked ? ' mask %mask' : '';
            const extent = (height - 1) * Math.abs(strides[0]) + (width - 1) * Math.abs(strides[1]) + 1;
            const text = inKernel(
              '%stride: i64',
              '',
              `buffer a: ${storage}[${height}, ${width}] strides [${strides[0]}, %stride] both alias 0
               buffer out: ${result}[${count}] strides [1] write alias 1
               buffer values: ${result}[${count}] strides [1] read alias 2
               buffer is: i64[${count}] strides [1] read alias 3
               buffer js: i64[${count}] strides [1] read alias 4
               buffer masks: bool[${count}] strides [1] read alias 5`,
              `%i: i64x${count} = load is[0]
              %j: i64x${count} = load js[0]
              %row: i64 = load is[0]
              %column: i64 = load js[0]
              %mask: boolx${count} = load masks[0]
              %loaded: ${type} = load a[${first}, ${second}]${mask}
              store out[0] %loaded
              %value: ${type} = load values[0]
              store a[${first}, ${second}] %value${mask}
              return []`,
            );
            const isOn = Array.from({ length: count }, (_, lane) => !isMasked || lane === 0 || below(2) === 0);
            // Where a lane is off, its place may be anywhere.
            const places = (end: number): BigInt64Array =>
              BigInt64Array.from(isOn.map((on) => (on ? BigInt(below(end)) : BigInt.asIntN(64, random.raw()))));
            const offset = strides[0] < 0 ? (height - 1) * -strides[0] : 0;
            expectSame(
              text,
              [BigInt(strides[1])],
              [
                { elements: filled(new arrays[storage](extent), storage), offset },
                values(storage, count).fill((result === 'i64' ? 0n : 0) as never),
                values(storage, count),
                places(height),
                places(width),
                Uint8Array.from(isOn.map(Number)),
              ],
            );
          }
        }
      }
    }
  });

  it('leave in a place that several lanes name what the last of them stores', () => {
    const text = inKernel(
      '',
      '',
      'buffer a: f64[3] strides [1] write alias 0\nbuffer is: i64[8] strides [1] read alias 1',
      `%i: i64x8 = load is[0]
      %v: f64x8 = ramp 10.0:f64
      store a[%i] %v
      return []`,
    );
    const { buffers } = expectSame(text, [], [new Float64Array(3), BigInt64Array.of(0n, 1n, 2n, 2n, 0n, 1n, 1n, 0n)]);
    expect(buffers[0]).toEqual(Float64Array.of(17, 16, 13));
  });
});
