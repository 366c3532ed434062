// Did you mean …? Finds the known name that is nearest to a mistyped one, by edit distance.

/** Fewest single-character insertions, deletions, replacements and swaps of neighbours that turn `a` into `b` (optimal string alignment). */
export function editDistance(a: string, b: string): number {
  let beforePrevious: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = previous[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      let best = Math.min(replaced, previous[j]! + 1, current[j - 1]! + 1);
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (swapped) best = Math.min(best, beforePrevious[j - 2]! + 1);
      current.push(best);
    }
    beforePrevious = previous;
    previous = current;
  }
  return previous[b.length]!;
}

/** The known name nearest to `name`, or undefined where none is near enough to be what was meant (at most a third of its letters wrong, at least one allowed). */
export function nearest(name: string, known: readonly string[]): string | undefined {
  let best: string | undefined;
  let bestDistance = Infinity;
  for (const candidate of known) {
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase());
    const allowed = Math.max(1, Math.floor(Math.max(name.length, candidate.length) / 3));
    if (distance <= allowed && distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** The first name of `options` that is not known, and what to do about it; undefined where all are known. */
export function findUnknownOption(
  options: object,
  known: readonly string[],
): { name: string; fix: string } | undefined {
  const name = Object.keys(options).find((candidate) => !known.includes(candidate));
  if (name === undefined) return undefined;
  const guess = nearest(name, known);
  return { name, fix: guess === undefined ? `its options are ${known.join(', ')}` : `did you mean ${guess}?` };
}
