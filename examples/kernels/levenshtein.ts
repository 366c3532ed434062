// Levenshtein's distance: how many characters have to be put in, left out or replaced to make one text of another. Every cell of the table
// needs the one to its left, so it goes step by step, compiled as in plain JavaScript; whoever compares many pairs can use
// threads on those.
// node dist/examples/kernels/levenshtein.js compares some words.
import { pathToFileURL } from 'node:url';
import { jit } from 'heddle';

/** The distance between two texts, given as their UTF-16 code units. */
export function levenshtein(a: Uint16Array, b: Uint16Array): number {
  const row = new Int32Array(b.length + 1);
  for (let j = 0; j <= b.length; j++) row[j] = j;
  for (let i = 0; i < a.length; i++) {
    let diagonal = row[0]!;
    row[0] = i + 1;
    for (let j = 0; j < b.length; j++) {
      const replaced = a[i] === b[j] ? diagonal : diagonal + 1;
      diagonal = row[j + 1]!;
      row[j + 1] = Math.min(replaced, diagonal + 1, row[j]! + 1);
    }
  }
  return row[b.length]!;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const distance = jit(levenshtein);
  const units = (text: string): Uint16Array => Uint16Array.from(text, (character) => character.charCodeAt(0));
  const pairs = [
    ['kitten', 'sitting'],
    ['loom', 'bloom'],
    ['warp', 'weft'],
    ['', 'heddle'],
  ] as const;
  for (const [a, b] of pairs) console.log(`${a || '(nothing)'} → ${b}: ${distance(units(a), units(b))}`);
}
