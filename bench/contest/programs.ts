// The programs that can take part on this machine, and the reasons why others cannot.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { inRepository } from '../harness/paths.js';
import type { Program } from './contestant.js';

/** A program, or why there is none. */
export type Entry = Program | { readonly name: string; readonly absent: string };

/** A function of a module, called as f(n, seed). */
export function javascript(name: string, module: URL, exported: string, n: number): Program {
  const host = inRepository('build/bench/contest/javascript-host.js');
  return { name, file: process.execPath, args: [fileURLToPath(host), module.href, exported], task: exported, n };
}

/** A task of bench/peers/numpy-ts.mjs, where the peers from npm are installed. */
export function numpyTs(n: number, task = 'calcPi'): Entry {
  const name = 'numpy-ts (npm)';
  if (!existsSync(inRepository('bench/peers/node_modules/numpy-ts/package.json'))) {
    return { name, absent: 'not installed (npm ci --prefix bench/peers)' };
  }
  return javascript(name, inRepository('bench/peers/numpy-ts.mjs'), task, n);
}

/** The C program, compiled now. */
export function compiledC(n: number): Entry {
  const name = 'C, -O3 -march=native';
  const compiler = ['cc', 'gcc', 'clang'].find((file) => spawnSync(file, ['--version']).status === 0);
  if (compiler === undefined) return { name, absent: 'no compiler found (apt install gcc)' };
  const folder = inRepository('build/bench/c/');
  mkdirSync(folder, { recursive: true });
  const program = fileURLToPath(new URL('pi', folder));
  const source = fileURLToPath(inRepository('bench/c/pi.c'));
  const flags = ['-O3', '-march=native', '-ffp-contract=off', '-std=gnu11'];
  const { status, stderr } = spawnSync(compiler, [...flags, source, '-o', program], { encoding: 'utf8' });
  if (status !== 0) return { name, absent: `${compiler} did not compile it: ${stderr.split('\n')[0]}` };
  return { name, file: program, args: [], task: 'pi', n };
}

const interpreter = '/usr/bin/python3';
const script = fileURLToPath(inRepository('bench/peers/pi.py'));
const kernelScript = fileURLToPath(inRepository('bench/peers/kernels.py'));

// Two settings of NumPy's linear algebra that a machine may carry for other work.
const { OPENBLAS_CORETYPE: _coreType, OPENBLAS_L2_SIZE: _cacheSize, ...pythonEnvironment } = process.env;

let versions: Readonly<Record<string, string | null>> | null | undefined;

/** The version of each Python package, null where it is not installed; null altogether without an interpreter. */
function pythonVersions(): typeof versions & (object | null) {
  if (versions === undefined) {
    const asked = spawnSync(interpreter, [script, '--versions'], { encoding: 'utf8', env: pythonEnvironment });
    versions = asked.status === 0 ? (JSON.parse(asked.stdout) as Record<string, string | null>) : null;
  }
  return versions;
}

/** A task of bench/peers/pi.py, which needs a Python package or the interpreter alone. */
export function python(
  title: string,
  needs: 'python' | 'numpy' | 'numba' | 'dask',
  task: string,
  n: number,
  manner = '',
): Entry {
  const found = pythonVersions();
  if (found === null) return { name: title, absent: 'not installed (apt install python3)' };
  const version = found[needs];
  if (version === null || version === undefined) {
    return { name: title, absent: `not installed (apt install python3-${needs})` };
  }
  const args = [script];
  return {
    name: `${title} ${version.split('+')[0]}${manner}`,
    file: interpreter,
    args,
    environment: pythonEnvironment,
    task,
    n,
  };
}

/** A task of bench/peers/kernels.py, one thread. */
export function numbaKernel(task: string, calls: number): Entry {
  const entry = python('Numba', 'numba', task, calls);
  return 'absent' in entry ? entry : { ...entry, args: [kernelScript] };
}
