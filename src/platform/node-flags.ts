// Which of the flags that this Node process was started with also fit the fresh process of a candidate: hooks, conditions and engine
// flags do; those that say what to run, and how, do not (a candidate would run its caller's `-e` text, and so start candidates of its
// own), nor a debugger's, whose port cannot be opened twice.

const unfit = new Set(
  [
    '-e --eval -p --print -pe --input-type -i --interactive -c --check --run --test',
    '--watch --watch-path --watch-preserve-output --debug-port',
  ].flatMap((names) => names.split(' ')),
);

/** `execArgv` without what must not be repeated. */
export function flagsForCandidates(execArgv: readonly string[]): string[] {
  let isFit = true;
  return execArgv.filter((word) => {
    // A word that is no flag is the value of the flag before it.
    if (word.startsWith('-')) {
      const name = word.split('=', 1)[0]!;
      isFit = !unfit.has(name) && !name.startsWith('--inspect');
    }
    return isFit;
  });
}
