// npm run bench [-- NAME] [--json] [--save]: runs one bench, or all of them and the list of budgets. Tables or JSON go to standard output,
// progress to standard error in a terminal. Exit code 0; 1 where a bench failed; 2 for wrong use. A figure that misses its budget is
// said, not failed: figures move with the machine.
import { parseArgs } from 'node:util';
import { describeMachine } from 'heddle/measure';
import { benches } from './benches.js';
import { allBudgets } from './budgets.js';
import { makeRow } from './harness/bench.js';
import type { Bench, Report, Row } from './harness/bench.js';
import { nearest } from './harness/nearest.js';
import { saveResults } from './harness/save.js';
import { rowsToText } from './harness/table.js';

const names = benches.map(({ name }) => name);

const help = `npm run bench [-- NAME] [--json] [--save]

Measures heddle against references of the same run. Without NAME: every bench, then all budgets.

${benches.map(({ name, question }) => `  ${name.padEnd(17)}${question}`).join('\n')}

  --json    the rows as JSON (npm run --silent bench -- --json)
  --save    keeps the rows and the machine under bench/results/
  --help    this text`;

class WrongUse extends Error {}

interface Words {
  readonly name: string | undefined;
  readonly json: boolean;
  readonly save: boolean;
  readonly help: boolean;
}

function readWords(words: string[]): Words {
  const flag = { type: 'boolean', default: false } as const;
  try {
    const { values, positionals } = parseArgs({
      args: words,
      allowPositionals: true,
      options: { json: flag, save: flag, help: { ...flag, short: 'h' } },
    });
    if (positionals.length > 1) throw new WrongUse(`one NAME at a time, not ${positionals.join(' and ')}`);
    return { name: positionals[0], ...values };
  } catch (error) {
    throw error instanceof WrongUse ? error : new WrongUse((error as Error).message);
  }
}

function chooseBenches(name: string | undefined): readonly Bench[] {
  if (name === undefined) return benches;
  const found = benches.filter((bench) => bench.name === name);
  if (found.length > 0) return found;
  const near = nearest(name, names);
  const hint = near === undefined ? '' : `; did you mean ${near}?`;
  throw new WrongUse(`there is no bench ${JSON.stringify(name)}${hint}\nThe benches are ${names.join(', ')}.`);
}

function say(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${text}`);
}

async function runBench(bench: Bench): Promise<Report> {
  try {
    return await bench.run((step) => say(`${bench.name}: ${step}`));
  } catch (error) {
    process.exitCode = 1;
    const { name, question: what } = bench;
    return { rows: [makeRow({ name, what, unit: '', note: `failed: ${(error as Error).message}` })] };
  } finally {
    say('');
  }
}

async function main(words: Words): Promise<void> {
  if (words.help) {
    console.log(help);
    return;
  }
  const chosen = chooseBenches(words.name);
  const print = (text: string): void => {
    if (!words.json) console.log(text);
  };
  const { cpu, cores, node } = describeMachine();
  print(
    `${cpu}, ${cores} cores · Node ${node}; medians of interleaved rounds; ratio: value ÷ what it is held against\n`,
  );

  const rows: Row[] = [];
  for (const bench of chosen) {
    const report = await runBench(bench);
    rows.push(...report.rows);
    print(`${bench.name}: ${bench.question}\n\n${report.text ?? rowsToText(report.rows)}\n`);
  }
  if (words.name === undefined) {
    const all = allBudgets(rows);
    print(`budgets: What must every part of heddle keep to?\n\n${rowsToText(all)}\n`);
    rows.push(...all.filter((row) => !rows.includes(row)));
  }
  if (words.json) console.log(JSON.stringify(rows, null, 2));
  if (words.save) process.stderr.write(`saved as ${saveResults(rows, words.name)}\n`);
}

try {
  await main(readWords(process.argv.slice(2)));
} catch (error) {
  if (!(error instanceof WrongUse)) throw error;
  process.stderr.write(`${error.message}\nnpm run bench -- --help lists them with their questions.\n`);
  process.exitCode = 2;
}
