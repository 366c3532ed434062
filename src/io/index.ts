// The door of heddle/io: arrays in files, as NumPy writes and reads them.
import { readFile, writeFile } from '#platform';
import { NDArray } from '../array/index.js';
import { UserError } from '../base/errors.js';
import { showValue } from '../base/show-value.js';
import { decodeNpy, encodeNpy, isNpy } from './npy.js';
import { isZip, readZip, writeZip } from './zip.js';

/** Arrays by their names, as in an archive. */
export type NamedArrays = Readonly<Record<string, NDArray>>;

type Source = string | URL | ArrayBuffer | Uint8Array;
type Kind = 'npy' | 'npz';
type Loaded<K extends Kind> = K extends 'npz' ? Record<string, NDArray> : NDArray;

/**
 * Reads what NumPy's `save` or `savez` have written: the array of a .npy file, or the arrays of a .npz archive by their names. A path, in a
 * page an address, or the bytes themselves.
 *
 * @throws {UserError} IO001 for what is neither, {UnsupportedError} IO002 for dtypes that arrays do not have
 * @example
 * import { asarray } from 'heddle';
 * import { load, toNpz } from 'heddle/io';
 * const arrays = await load(toNpz({ x: asarray([1, 2]), y: asarray([true]) }), 'npz');
 * console.log(Object.keys(arrays), arrays['x']?.toArray()); // [ 'x', 'y' ] [ 1, 2 ]
 */
export async function load<S extends Source, K extends Kind = S extends `${string}.npz` ? 'npz' : 'npy'>(
  source: S,
  kind?: K,
): Promise<Loaded<K>> {
  return (await loadAny(source, kind)) as Loaded<K>;
}

async function loadAny(source: Source, kind: Kind | undefined): Promise<NDArray | Record<string, NDArray>> {
  const isPath = typeof source === 'string' || source instanceof URL;
  const name = isPath ? String(source) : 'this';
  const given = isPath ? await readFile(source) : source;
  // Never a Node Buffer, whose slices are no copies.
  const bytes = ArrayBuffer.isView(given)
    ? new Uint8Array(given.buffer, given.byteOffset, given.byteLength)
    : new Uint8Array(given);
  const wanted = kind ?? (name.endsWith('.npz') ? 'npz' : 'npy');
  const found = isNpy(bytes) ? 'npy' : isZip(bytes) ? 'npz' : undefined;
  if (found !== wanted) {
    throw new UserError('IO001', `${name} is no .${wanted} file`, {
      note:
        found === undefined
          ? `it begins with the bytes ${[...bytes.subarray(0, 6)].join(' ')}`
          : `it is a .${found} file`,
      fix: found === undefined ? 'give what np.save or np.savez have written' : `say so: load(source, '${found}')`,
    });
  }
  if (wanted === 'npy') return decodeNpy(bytes, name);
  const files = await readZip(bytes);
  return Object.fromEntries(
    [...files].map(([file, part]) => [file.replace(/\.npy$/, ''), decodeNpy(part, `${file} in ${name}`)]),
  );
}

/** The bytes of a .npy file. */
export const toNpy = (array: NDArray): Uint8Array => encodeNpy(array);

/** The bytes of a .npz archive, not compressed. */
export const toNpz = (arrays: NamedArrays): Uint8Array =>
  writeZip(new Map(Object.entries(arrays).map(([name, array]) => [`${name}.npy`, encodeNpy(array)])));

/** Writes an array as a .npy file, or several by their names as a .npz archive, for NumPy's `load` and ours. Not in a page, which has no files: see toNpy. */
export async function save(path: string | URL, arrays: NDArray | NamedArrays): Promise<void> {
  const isOne = arrays instanceof NDArray;
  if (!isOne && !isNamedArrays(arrays)) {
    throw new UserError('IO001', `save was given ${showValue(arrays)}`, {
      fix: "give an array, or several by their names: save('data.npz', { x, y })",
    });
  }
  if (String(path).endsWith('.npz') === isOne) {
    throw new UserError('IO001', `save cannot write ${isOne ? 'one array' : 'arrays by names'} to ${String(path)}`, {
      note: 'a .npy file has one array, a .npz archive several by their names',
      fix: isOne ? "write save('data.npy', x), or save('data.npz', { x })" : "write save('data.npz', { x, y })",
    });
  }
  if (isOne) await arrays.compute();
  else await Promise.all(Object.values(arrays).map((array) => array.compute()));
  await writeFile(path, isOne ? encodeNpy(arrays) : toNpz(arrays));
}

const isNamedArrays = (value: unknown): value is NamedArrays =>
  typeof value === 'object' && value !== null && Object.values(value).every((each) => each instanceof NDArray);
