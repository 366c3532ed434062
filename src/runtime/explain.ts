// A program of the kernel language → what becomes of it on its way to WebAssembly, pass by pass, as text for people. Nothing is run, and no
// memory is taken.
import { compileKernel, printWat } from '../backends/wasm/index.js';
import { UnsupportedError, UserError } from '../base/errors.js';
import type { Program } from '../ir/nodes.js';
import { printProgram } from '../ir/print.js';
import { assertLegal, verify } from '../ir/verify.js';
import { memoryLimits } from '../memory/heap.js';
import { passesFor } from '../passes/pipeline.js';
import { detectSimd } from '../platform/simd.js';

/** What one pass has made of a program. */
export interface ExplainedPass {
  readonly name: string;
  readonly isChanged: boolean;
  /** The program behind it, in the kernel language. */
  readonly program: string;
}

/** What becomes of a kernel in the end. */
export interface ExplainedModule {
  readonly kernel: string;
  /** WebAssembly's text format; null where the backend cannot compile the kernel yet. */
  readonly wat: string | null;
  /** Why there is none. */
  readonly refused: string | null;
}

export interface Explanation {
  /** The program as it was given. */
  readonly program: string;
  readonly passes: readonly ExplainedPass[];
  readonly modules: readonly ExplainedModule[];
}

/**
 * What every pass makes of a program, and the WebAssembly that comes of it, as data.
 *
 * @throws {UserError} IR004 for a program that is not legal
 */
export function explainSteps(program: Program, { parallel = true }: { readonly parallel?: boolean } = {}): Explanation {
  expectLegal(program);
  const given = printProgram(program);
  let [current, text] = [program, given];
  const passes = passesFor({ parallel, simd: detectSimd() !== 'none' }).map(({ name, run }): ExplainedPass => {
    current = { ...current, kernels: current.kernels.map(run) };
    assertLegal(current, `the pass ${name}`);
    const before = text;
    text = printProgram(current);
    return { name, isChanged: text !== before, program: text };
  });
  return { program: given, passes, modules: current.kernels.map((kernel) => explainModule(current, kernel.name)) };
}

function explainModule(program: Program, name: string): ExplainedModule {
  const kernel = program.kernels.find((candidate) => candidate.name === name)!;
  try {
    return { kernel: name, wat: printWat(compileKernel(program, kernel, memoryLimits()).module), refused: null };
  } catch (error) {
    if (!(error instanceof UnsupportedError)) throw error;
    return { kernel: name, wat: null, refused: error.summary };
  }
}

/**
 * The program after every pass that changes it, and the WebAssembly that comes of it in the end, as one text.
 *
 * @throws {UserError} IR004 for a program that is not legal
 * @example
 * import { explain, readProgram } from 'heddle/ir';
 * const program = readProgram('kernel @one() -> (f64) {\n  body {\n    %two = add.f64 1.0 1.0\n    return [1.0]\n  }\n}');
 * console.log(explain(program).split('\n')[0]); // ; as it was given
 */
export function explain(program: Program): string {
  const { program: given, passes, modules } = explainSteps(program);
  const parts = [`; as it was given\n${given}`];
  let unchanged: string[] = [];
  const tellUnchanged = (): void => {
    if (unchanged.length > 0) parts.push(`; ${unchanged.join(', ')}: no change\n`);
    unchanged = [];
  };
  for (const { name, isChanged, program: text } of passes) {
    if (!isChanged) unchanged.push(name);
    else {
      tellUnchanged();
      parts.push(`; after ${name}\n${text}`);
    }
  }
  tellUnchanged();
  for (const { kernel, wat, refused } of modules)
    parts.push(
      wat === null ? `; @${kernel} in WebAssembly: ${refused}\n` : `;; @${kernel} in WebAssembly\n${wat.trimEnd()}\n`,
    );
  return parts.join('\n');
}

/** @throws {UserError} IR004 that says what is not legal */
export function expectLegal(program: Program): void {
  const problems = verify(program);
  if (problems.length === 0) return;
  const [first, ...more] = problems;
  throw new UserError('IR004', `the program is not legal: ${first}`, {
    note: more.length === 0 ? undefined : more.join('\n          '),
    fix: 'what is legal is said in docs/ir.md, and in full at the head of src/ir/verify.ts',
  });
}
