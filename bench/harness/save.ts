// Keeps a run's rows, with the machine they were measured on, as a file of bench/results/. Nothing in it names a host or a folder.
import { mkdirSync, writeFileSync } from 'node:fs';
import { describeMachine } from 'heddle/measure';
import type { Row } from './bench.js';
import { inRepository } from './paths.js';

/** Writes the file and gives its path from the root of the repository. */
export function saveResults(rows: readonly Row[], name: string | undefined, now = new Date()): string {
  const machine = describeMachine();
  // A kernel's release can carry the name of whoever built it; its number is what counts.
  const os = machine.os.replace(/(\d+\.\d+)\S*/, '$1');
  const date = now.toISOString().slice(0, 10);
  const cpu = machine.cpu
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');
  const path = `bench/results/${[date, `${machine.cores}core`, cpu, ...(name ? [name] : [])].join('-')}.json`;
  mkdirSync(inRepository('bench/results/'), { recursive: true });
  writeFileSync(inRepository(path), `${JSON.stringify({ date, machine: { ...machine, os }, rows }, null, 2)}\n`);
  return path;
}
