// A copy of an answer, or of arguments, that nobody can write over and that any channel can carry: structured cloning, with shared memory
// copied too (cloning alone would share it), and without the few kinds of objects that cloning knows but processes cannot send.

/** @throws where `value`, or a part of it, is nothing that can be copied: a function, a promise, a compiled module … */
export function copyData(value: unknown): unknown {
  return unshare(structuredClone(value), new Map());
}

/** @param done what each object has become, for cycles and for what is reached twice */
function unshare(value: unknown, done: Map<object, unknown>): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (done.has(value)) return done.get(value);
  const copy = unshareMemory(value);
  done.set(value, copy);
  if (copy !== value || isWithoutParts(value)) return copy;

  const part = (inner: unknown): unknown => unshare(inner, done);
  if (value instanceof Map) {
    const entries = [...value];
    value.clear();
    for (const [key, inner] of entries) value.set(part(key), part(inner));
  } else if (value instanceof Set) {
    const members = [...value];
    value.clear();
    for (const member of members) value.add(part(member));
  } else if (value instanceof Error) {
    if (value.cause !== undefined) value.cause = part(value.cause);
  } else if (Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype) {
    for (const [key, inner] of Object.entries(value)) {
      if (typeof inner === 'object') (value as Record<string, unknown>)[key] = part(inner);
    }
  } else {
    throw new TypeError(`${Object.prototype.toString.call(value)} cannot be sent to another process`);
  }
  return value;
}

type TypedArrayConstructor = new (buffer: ArrayBuffer, byteOffset: number, length: number) => ArrayBufferView;

function unshareMemory(value: object): unknown {
  if (isShared(value)) return new Uint8Array(value).slice().buffer;
  if (!ArrayBuffer.isView(value) || !isShared(value.buffer)) return value;
  const { buffer, byteOffset, byteLength } = value;
  const bytes = new Uint8Array(buffer, byteOffset, byteLength).slice();
  const length = 'length' in value ? (value.length as number) : byteLength;
  return new (value.constructor as TypedArrayConstructor)(bytes.buffer, 0, length);
}

/** Pages that are not isolated have no SharedArrayBuffer to be an instance of. */
function isShared(value: object): value is SharedArrayBuffer {
  return typeof SharedArrayBuffer === 'function' && value instanceof SharedArrayBuffer;
}

function isWithoutParts(value: object): boolean {
  return (
    ArrayBuffer.isView(value) ||
    [ArrayBuffer, Date, RegExp, Number, String, Boolean, BigInt].some((kind) => value instanceof kind)
  );
}
