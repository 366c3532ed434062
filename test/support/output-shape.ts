// Compares output with the sample that a page shows of it. Timings, sizes and estimates differ from run to run, so they are masked on both
// sides; everything else, words and whole numbers included, has to be there, line by line and in order.

const masks: readonly (readonly [RegExp, string])[] = [
  [/\d+(?:d|h|min)(?: \d+(?:h|min|s))*(?![\p{L}\p{N}])/gu, '1 s'],
  // The interval behind a speed-up is left out where both its ends print alike.
  [/× \([\d.,]+–[\d.,]+\)/g, '×'],
  [/\d[\d,]*(?:\.\d+)?(?:e[+-]\d+)?(?= ?(?:s|ms|µs|ns|MiB|×|bytes a point|times as long)(?![\p{L}\p{N}]))/gu, '#'],
  // With its unit, which a faster machine changes.
  [/# (?:s|ms|µs|ns)(?![\p{L}\p{N}])/gu, '# s'],
  [/#×/g, '×'],
  [/\d+\.\d+(?:e[+-]\d+)?/g, '#'],
  [/[\d,]+ loops? each/g, '# loops each'],
  [/· .+, \d+ cores? · Node .+$/g, '· machine'],
  [/\s+/g, ' '],
];

const maskLine = (line: string): string => masks.reduce((text, [from, to]) => text.replaceAll(from, to), line).trim();

/** The first line of `sample` that `output` does not hold behind the lines before it; undefined if it holds them all. */
export function findMissingLine(sample: string, output: string): string | undefined {
  const found = output.split('\n').map(maskLine);
  let from = 0;
  for (const line of sample.split('\n')) {
    if (line.trim() === '') continue;
    const at = found.indexOf(maskLine(line), from);
    if (at === -1) return line;
    from = at + 1;
  }
  return undefined;
}

/** What the comments behind `console.log(…)` say it prints; those with an ellipsis describe rather than quote. */
export function commentedOutput(code: string): string {
  return [...code.matchAll(/^\s*console\.log\(.*\);[ \t]*\/\/ (.+)$/gm)]
    .map((match) => match[1]!)
    .filter((comment) => !comment.includes('…'))
    .join('\n');
}
