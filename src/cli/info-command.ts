// heddle info: what heddle finds and may use on this machine, as lines or JSON.
import { alloc, info, version } from 'heddle';
import { UserError } from '../base/errors.js';
import { formatBytes, formatPlural } from '../base/format.js';
import { environmentVariable, printData } from '../platform/terminal.js';
import type { Command, Words } from './command.js';

export const infoCommand: Command = {
  name: 'info',
  usage: '[options]',
  summary: 'cores, threads, memory and engine, as heddle finds them here',
  details: 'HEDDLE_THREADS and HEDDLE_MAX_MEMORY change what it may use; so does configure in a program.',
  options: { json: { type: 'boolean', help: 'the same as JSON, in bytes' } },
  run: async (words) => run(words),
};

function run({ positionals, options }: Words): void {
  if (positionals.length > 0)
    throw new UserError('CLI006', `heddle info takes no words, and was given ${positionals.join(' ')}`, {
      fix: 'write heddle info',
    });
  // What the engine grants shows only when the heap is opened.
  alloc.float64(1);
  const found = info();
  printData(options['json'] === true ? JSON.stringify({ version, ...found }, null, 2) : toText(found));
}

function toText({ machine, cores, threads, isShared, heap }: ReturnType<typeof info>): string {
  const { cpu, memory, os, node, v8, simd } = machine;
  const said = (name: string): string => (environmentVariable(name) ? `, as ${name} says` : '');
  const quota =
    cores < machine.cores
      ? `${formatPlural(machine.cores, 'core')}, of which this process may use ${cores}`
      : formatPlural(cores, 'core');
  const rows: [name: string, value: string][] = [
    ['heddle', version],
    ['engine', `Node ${node}, V8 ${v8}`],
    ['system', os],
    ['processor', `${cpu}, ${quota}`],
    ['memory', memory === null ? 'unknown' : formatBytes(memory)],
    ['threads', `${threads}${said('HEDDLE_THREADS')}`],
    ['SIMD', { none: 'none', simd128: '128 bits', 'relaxed-simd': '128 bits, relaxed too' }[simd]],
    ['shared memory', isShared ? 'yes' : 'no: everything runs on one thread'],
    ['heap', `grows to ${formatBytes(heap.maximum!)}${said('HEDDLE_MAX_MEMORY')}, and never shrinks`],
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, value]) => `${name.padEnd(width)}  ${value}`).join('\n');
}
