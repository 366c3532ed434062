// The team and the heap of the built package. No public name tells what a call costs inside, so they are loaded from where they lie, and
// this file says what of them the bench relies on.
import { readFileSync } from 'node:fs';
import wabt from 'wabt';
import { inRepository } from '../harness/paths.js';

interface Team {
  publishModule(bytes: Uint8Array, scratchBytes: number): unknown;
  runBlocks(job: Job): { readonly status: number };
  runBlocksAsync(job: Job): Promise<{ readonly status: number }>;
  threadCount(): number;
  teamStatistics(): { readonly ready: number; readonly sleeping: number };
  stopTeam(): Promise<void>;
}

export interface Job {
  readonly module: unknown;
  readonly entry: 'nothing' | 'count' | 'meet';
  readonly descriptor: number;
  readonly blocks: number;
  readonly grain?: number;
  readonly threads?: number;
}

interface Memory {
  openHeap(): { readonly memory: WebAssembly.Memory };
  allocate(bytes: number): number;
  release(address: number): void;
}

export async function openDoors() {
  const team = (await import(inRepository('dist/runtime/team/index.js').href)) as Team;
  const memory = (await import(inRepository('dist/memory/heap.js').href)) as Memory;
  const assembler = await wabt();
  const text = readFileSync(inRepository('bench/wasm/team.wat'), 'utf8');
  const bytes = assembler.parseWat('team.wat', text, { threads: true }).toBinary({}).buffer;
  return { team, memory, module: team.publishModule(bytes, 16) };
}
