// Files in one file ↔ the bytes of a .zip archive, as .npz is one: written without compression; read with or without it. The directory at the
// end of the archive says where each file lies and how long it is (APPNOTE.TXT of PKWARE, 4.3 and 4.5).
import { UnsupportedError, UserError } from '../base/errors.js';

const localHeader = 0x04034b50;
const directoryHeader = 0x02014b50;
const directoryEnd = 0x06054b50;
const wideDirectoryEnd = 0x06064b50;
const wide = 0xffffffff;

const table = Uint32Array.from({ length: 256 }, (_, byte) => {
  let code = byte;
  for (let bit = 0; bit < 8; bit++) code = code & 1 ? 0xedb88320 ^ (code >>> 1) : code >>> 1;
  return code >>> 0;
});

function checksum(bytes: Uint8Array): number {
  let code = 0xffffffff;
  for (const byte of bytes) code = table[(code ^ byte) & 255]! ^ (code >>> 8);
  return (code ^ 0xffffffff) >>> 0;
}

export const isZip = (bytes: Uint8Array): boolean =>
  bytes[0] === 0x50 && bytes[1] === 0x4b && (bytes[2] === 3 || bytes[2] === 5);

/** Little-endian numbers of 2 or 4 bytes, one after the other. */
function record(...fields: readonly (readonly [bytes: 2 | 4, value: number])[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(fields.reduce((length, [bytes]) => length + bytes, 0)));
  let at = 0;
  for (const [bytes, value] of fields) {
    if (bytes === 2) view.setUint16(at, value, true);
    else view.setUint32(at, value, true);
    at += bytes;
  }
  return new Uint8Array(view.buffer);
}

export function writeZip(files: ReadonlyMap<string, Uint8Array>): Uint8Array {
  const parts: Uint8Array[] = [];
  const directory: Uint8Array[] = [];
  let at = 0;
  const add = (part: Uint8Array): void => {
    parts.push(part);
    at += part.length;
  };
  for (const [name, bytes] of files) {
    const label = new TextEncoder().encode(name);
    const start = at;
    const isTooLong = bytes.length >= wide || start >= wide;
    if (isTooLong) {
      throw new UnsupportedError('IO002', `an archive cannot hold ${name} beyond 4 GiB yet`, {
        fix: 'save large arrays one by one, as .npy',
      });
    }
    // Version 2.0, names in UTF-8, no compression; 1 January 1980, so that the same arrays give the same bytes.
    const about = record([2, 20], [2, 0x0800], [2, 0], [2, 0], [2, 0x21], [4, checksum(bytes)], [4, bytes.length], [4, bytes.length], [2, label.length], [2, 0]); // prettier-ignore
    add(record([4, localHeader]));
    add(about);
    add(label);
    add(bytes);
    directory.push(
      record([4, directoryHeader], [2, 20]),
      about,
      record([2, 0], [2, 0], [2, 0], [4, 0], [4, start]),
      label,
    );
  }
  const begin = at;
  for (const part of directory) add(part);
  add(record([4, directoryEnd], [2, 0], [2, 0], [2, files.size], [2, files.size], [4, at - begin], [4, begin], [2, 0]));
  const whole = new Uint8Array(at);
  let place = 0;
  for (const part of parts) {
    whole.set(part, place);
    place += part.length;
  }
  return whole;
}

const broken = (note: string): UserError =>
  new UserError('IO001', 'this is no .npy or .npz file that can be read', {
    note,
    fix: 'write it anew with np.save or np.savez, or with save',
  });

interface Entry {
  readonly name: string;
  readonly method: number;
  readonly start: number;
  readonly length: number;
}

function entriesOf(bytes: Uint8Array): Entry[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let end = bytes.length - 22;
  while (end >= 0 && view.getUint32(end, true) !== directoryEnd) end--;
  if (end < 0) throw broken('the directory at the end of the archive is missing');
  let [count, at] = [view.getUint16(end + 10, true), view.getUint32(end + 16, true)];
  if (at === wide || count === 0xffff) {
    const there = Number(view.getBigUint64(end - 20 + 8, true));
    if (view.getUint32(there, true) !== wideDirectoryEnd) throw broken('its directory is damaged');
    [count, at] = [Number(view.getBigUint64(there + 32, true)), Number(view.getBigUint64(there + 48, true))];
  }
  const entries: Entry[] = [];
  for (let i = 0; i < count; i++) {
    if (at + 46 > bytes.length || view.getUint32(at, true) !== directoryHeader)
      throw broken('its directory is damaged');
    const [nameLength, extraLength, commentLength] = [28, 30, 32].map((place) => view.getUint16(at + place, true)) as [
      number,
      number,
      number,
    ];
    const name = new TextDecoder().decode(bytes.subarray(at + 46, at + 46 + nameLength));
    const fields = [24, 20, 42].map((place) => view.getUint32(at + place, true));
    widen(fields, view, at + 46 + nameLength, extraLength);
    const [, length, header] = fields as [number, number, number];
    if (header + 30 > bytes.length) throw broken(`${name} lies beyond the end`);
    // The lengths of name and extra field may differ from those in the directory.
    const start = header + 30 + view.getUint16(header + 26, true) + view.getUint16(header + 28, true);
    if (start + length > bytes.length) throw broken(`${name} is cut off`);
    entries.push({ name, method: view.getUint16(at + 10, true), start, length });
    at += 46 + nameLength + extraLength + commentLength;
  }
  return entries;
}

/** Numbers that do not fit into 4 bytes stand in the extra field, in their order. */
function widen(fields: number[], view: DataView, start: number, length: number): void {
  for (let at = start; at + 4 <= start + length; at += 4 + view.getUint16(at + 2, true)) {
    if (view.getUint16(at, true) !== 1) continue;
    let next = at + 4;
    for (const [index, field] of fields.entries()) {
      if (field !== wide) continue;
      fields[index] = Number(view.getBigUint64(next, true));
      next += 8;
    }
  }
}

async function inflate(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate-raw'));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

export async function readZip(bytes: Uint8Array): Promise<Map<string, Uint8Array>> {
  const files = new Map<string, Uint8Array>();
  for (const { name, method, start, length } of entriesOf(bytes)) {
    const part = bytes.slice(start, start + length);
    if (method !== 0 && method !== 8) throw broken(`${name} is compressed by the method ${method}`);
    files.set(name, method === 0 ? part : await inflate(part));
  }
  return files;
}
