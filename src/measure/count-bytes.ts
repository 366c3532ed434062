// How large a value would be as a message, without making one. An estimate: bytes of memory and of text are counted as they are, every
// other part as the eight bytes of a number.

/** The bytes of `value` and all that it holds, each object once. Memory that was never touched is only counted, not read. */
export function countBytes(value: unknown): number {
  let bytes = 0;
  const seen = new Set<object>();
  const waiting: object[] = [];
  const count = (part: unknown): void => {
    if (typeof part === 'string') bytes += part.length;
    else if (typeof part !== 'object' || part === null) bytes += 8;
    else if (!seen.has(part)) {
      seen.add(part);
      waiting.push(part);
    }
  };
  count(value);
  for (let object = waiting.pop(); object !== undefined; object = waiting.pop()) {
    // A copy of a view is a copy of all the memory that it looks at.
    if (ArrayBuffer.isView(object)) count(object.buffer);
    else if (hasByteLength(object)) bytes += object.byteLength;
    else if (object instanceof Map) for (const entry of object) entry.forEach(count);
    else if (object instanceof Set) object.forEach(count);
    else if (Array.isArray(object)) object.forEach(count);
    else for (const [key, part] of Object.entries(object)) [key, part].forEach(count);
  }
  return bytes;
}

/** Memory, shared or not: pages that are not isolated have no SharedArrayBuffer to be an instance of. */
function hasByteLength(value: object): value is ArrayBuffer | SharedArrayBuffer {
  return /^\[object (?:Shared)?ArrayBuffer\]$/.test(Object.prototype.toString.call(value));
}
