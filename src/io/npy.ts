// One array ↔ the bytes of NumPy's .npy format: a line of Python that tells dtype, order and shape, then the elements
// (https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html).
import { asarray, NDArray } from '../array/index.js';
import type { DType } from '../array/index.js';
import { UnsupportedError, UserError } from '../base/errors.js';

const magic = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];

/** NumPy's names of dtypes, without the byte order. */
const descriptions = {
  bool: 'b1',
  int8: 'i1',
  int16: 'i2',
  int32: 'i4',
  int64: 'i8',
  uint8: 'u1',
  uint16: 'u2',
  uint32: 'u4',
  uint64: 'u8',
  float32: 'f4',
  float64: 'f8',
} as const satisfies Record<DType, string>;

const typedArrays = {
  bool: Uint8Array,
  int8: Int8Array,
  int16: Int16Array,
  int32: Int32Array,
  int64: BigInt64Array,
  uint8: Uint8Array,
  uint16: Uint16Array,
  uint32: Uint32Array,
  uint64: BigUint64Array,
  float32: Float32Array,
  float64: Float64Array,
} as const;

export const isNpy = (bytes: Uint8Array): boolean => magic.every((byte, index) => bytes[index] === byte);

/** The bytes of a .npy file, in C order and little-endian. */
export function encodeNpy(array: NDArray): Uint8Array {
  const elements = array.toTypedArray();
  const description = descriptions[array.dtype];
  const order = description.endsWith('1') ? '|' : '<';
  const shape = array.shape.length === 1 ? `(${array.shape[0]},)` : `(${array.shape.join(', ')})`;
  const text = `{'descr': '${order}${description}', 'fortran_order': False, 'shape': ${shape}, }`;
  // Elements begin where 64 divides the place.
  const headerLength = Math.ceil((magic.length + 4 + text.length + 1) / 64) * 64 - magic.length - 4;
  const bytes = new Uint8Array(magic.length + 4 + headerLength + elements.byteLength);
  bytes.set(magic);
  bytes.set([1, 0, headerLength & 255, headerLength >> 8], magic.length);
  bytes.set(new TextEncoder().encode(`${text.padEnd(headerLength - 1)}\n`), magic.length + 4);
  bytes.set(new Uint8Array(elements.buffer, elements.byteOffset, elements.byteLength), magic.length + 4 + headerLength);
  return bytes;
}

interface Header {
  readonly dtype: DType;
  readonly isBigEndian: boolean;
  readonly isFortran: boolean;
  readonly shape: readonly number[];
  readonly start: number;
}

const broken = (name: string, note: string): UserError =>
  new UserError('IO001', `${name} is no .npy or .npz file that can be read`, {
    note,
    fix: 'write it anew with np.save or np.savez, or with save',
  });

function readHeader(bytes: Uint8Array, name: string): Header {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const major = bytes[6] ?? 0;
  if (bytes.length < 12 || major < 1 || major > 3) throw broken(name, `its format has the version ${major}`);
  const [length, begin] = major === 1 ? [view.getUint16(8, true), 10] : [view.getUint32(8, true), 12];
  const text = new TextDecoder().decode(bytes.subarray(begin, begin + length));
  const descr = /'descr':\s*'([<>|=])([a-zA-Z]\d+)'/.exec(text);
  const order = /'fortran_order':\s*(True|False)/.exec(text);
  const shape = /'shape':\s*\(([\d,\s]*)\)/.exec(text);
  if (order === null || shape === null || !text.includes("'descr'")) throw broken(name, `its header is ${text.trim()}`);
  const dtype = descr && (Object.keys(descriptions) as DType[]).find((each) => descriptions[each] === descr[2]);
  if (!descr || !dtype) {
    const found = /'descr':\s*(\[.*\]|'[^']*')/.exec(text)?.[1] ?? text.trim();
    throw new UnsupportedError('IO002', `${name} holds elements of the dtype ${found}, which arrays do not have`, {
      note: `dtypes are ${Object.keys(descriptions).join(', ')}`,
      fix: "change it in Python before it is saved: np.save(path, a.astype('float64'))",
    });
  }
  return {
    dtype,
    isBigEndian: descr[1] === '>',
    isFortran: order[1] === 'True',
    shape: shape[1]!.split(',').flatMap((part) => (part.trim() === '' ? [] : [Number(part)])),
    start: begin + length,
  };
}

/** The array that the bytes of a .npy file hold; `name` is for messages. */
export function decodeNpy(bytes: Uint8Array, name: string): NDArray {
  const { dtype, isBigEndian, isFortran, shape, start } = readHeader(bytes, name);
  const kind = typedArrays[dtype];
  const size = shape.reduce((product, length) => product * length, 1);
  const end = start + size * kind.BYTES_PER_ELEMENT;
  if (bytes.length < end) throw broken(name, `it has ${bytes.length} bytes, and its elements would end at ${end}`);
  // A copy of their own, which begins where typed arrays want it.
  const raw = bytes.slice(start, end);
  if (isBigEndian) swapBytes(raw, kind.BYTES_PER_ELEMENT);
  const flat: NDArray = asarray(new kind(raw.buffer), { dtype });
  return isFortran ? flat.reshape(shape.toReversed()).T : flat.reshape(shape);
}

function swapBytes(bytes: Uint8Array, width: number): void {
  for (let at = 0; at < bytes.length; at += width) bytes.subarray(at, at + width).reverse();
}
