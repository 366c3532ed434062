// Holds one program of the kernel language against itself: legal, the same when printed and read, the same results before and after every
// pass (or after the last, where many programs are tried), and the same compiled. The same means: results, memory and error record, bit for bit, whatever the bits of a NaN.
import { UnsupportedError } from '../../src/base/errors.js';
import { interpret } from '../../src/ir/interpret.js';
import type { BufferData, Datum, Outcome } from '../../src/ir/interpret.js';
import type { Kernel, Program, Region } from '../../src/ir/nodes.js';
import { printProgram } from '../../src/ir/print.js';
import { readProgram } from '../../src/ir/read.js';
import { verify } from '../../src/ir/verify.js';
import { regionsOf } from '../../src/ir/walk.js';
import type { Pass } from '../../src/passes/pass.js';
import { copyInputs, inputsFor } from './program-inputs.js';
import type { Inputs } from './program-inputs.js';
import { runCompiled } from './run-compiled.js';
import { callOnThreads, instantiateText } from './run-on-threads.js';

/** Of memory: enough for what these programs ask for. Much memory in many pieces keeps the collector busy. */
const pages = 64;

/** Something differs: `stage` says where, so that a smaller program can be asked whether it fails in the same way. */
export class Disagreement extends Error {
  readonly stage: string;

  constructor(stage: string, what: string) {
    super(`${stage}: ${what}`);
    this.stage = stage;
  }
}

export interface Checked {
  /** Messages of the backend for forms that it cannot compile yet; nothing was compared where there is one. */
  readonly refusals: readonly string[];
  /** Runs that ended with a failed check. */
  readonly failures: number;
  /** What went wrong in a way that is known; the pass was left out. */
  readonly known: readonly Disagreement[];
  /** Whether threads have run it too. */
  readonly onThreads: boolean;
}

/** `eachPass`: looks at the program after every pass; else only after the last, unless something is wrong there. */
export function checkProgram(
  program: Program,
  passes: readonly Pass[],
  inputSeeds: readonly number[],
  isKnown: (disagreement: Disagreement) => boolean = () => false,
  eachPass = true,
): Checked {
  const known: Disagreement[] = [];
  const noteIfKnown = (error: unknown): void => {
    if (!(error instanceof Disagreement) || !isKnown(error)) throw error;
    known.push(error);
  };
  expectLegal(program, 'the program');
  const printed = printProgram(program);
  const again = attempt('reading', () => readProgram(printed));
  expectLegal(again, 'what was read');
  const printedAgain = printProgram(again);
  if (printedAgain !== printed) throw new Disagreement('printing', `read and printed, it is\n${printedAgain}`);

  const kernel = program.kernels[0]!;
  const inputs = inputSeeds.map((seed) => inputsFor(kernel, seed));
  const wanted = inputs.map((given) => attempt('the interpreter', () => run(program, given)));
  const hasOrder = !isParallel(kernel);
  const expectSame = (stage: string, found: (given: Inputs) => Run, isOrdered = hasOrder): void => {
    for (const [index, given] of inputs.entries()) {
      const difference = differenceOf(
        wanted[index]!,
        attempt(stage, () => found(given)),
        kernel,
        isOrdered,
      );
      if (difference !== undefined)
        throw new Disagreement(stage, `with the inputs ${inputSeeds[index]}, ${difference}`);
    }
  };
  // What is read is the same program, not only the same text.
  expectSame('reading', (given) => run(again, given));

  // Once passes have made a loop parallel, nobody knows what iterations behind one that fails have stored.
  const staysOrdered = (isOrdered: boolean, after: Program): boolean => isOrdered && !isParallel(after.kernels[0]!);
  // Always with what was read, so that nothing that is done to it reaches the program that was given.
  const oneByOne = (list: readonly Pass[]): Passed => {
    let isOrdered = hasOrder;
    let [current, text] = [readProgram(printed), printed];
    for (const pass of list) {
      try {
        const stage = `the pass ${pass.name}`;
        const after = attempt(stage, () => applyPass(current, pass));
        expectLegal(after, stage);
        const afterText = printProgram(after);
        // Names may change, as values are shared; but what goes by name must not fall apart.
        expectLegal(current, `the program that ${stage} was given`);
        isOrdered = staysOrdered(isOrdered, after);
        if (afterText !== text) expectSame(stage, (given) => run(after, given), isOrdered);
        current = after;
        text = afterText;
      } catch (error) {
        noteIfKnown(error);
        current = readProgram(text);
      }
    }
    return { program: current, isOrdered };
  };
  const atOnce = (list: readonly Pass[]): Passed => {
    let [after, isOrdered] = [readProgram(printed), hasOrder];
    for (const pass of list) {
      after = attempt(`the pass ${pass.name}`, () => applyPass(after, pass));
      isOrdered = staysOrdered(isOrdered, after);
    }
    expectLegal(after, 'what the passes leave');
    expectSame('the passes', (given) => run(after, given), isOrdered);
    return { program: after, isOrdered };
  };
  const through = (list: readonly Pass[]): Passed => {
    if (eachPass) return oneByOne(list);
    try {
      return atOnce(list);
    } catch {
      // Which of them it was is found one by one.
      return oneByOne(list);
    }
  };

  // The order of a block's iterations, and where a long loop takes a rest, must not show.
  const refusals: string[] = [];
  const compare = (stage: string, makeRun: () => (given: Inputs) => Run, isOrdered = hasOrder): void => {
    try {
      expectSame(stage, attempt(stage, makeRun), isOrdered);
    } catch (error) {
      if (error instanceof UnsupportedError) refusals.push(error.summary);
      else noteIfKnown(error);
    }
  };
  const onCopies =
    (call: (scalars: readonly Datum[], buffers: readonly BufferData[]) => Outcome) =>
    (given: Inputs): Run => {
      const { buffers } = copyInputs(given);
      return { outcome: call(given.scalars, buffers), buffers };
    };
  const { program: plainly } = through(
    passes.filter(({ name }, index) => isNeeded(name) && passes.findIndex((pass) => pass.name === name) === index),
  );
  compare('compiled plainly', () =>
    onCopies((scalars, buffers) =>
      runCompiled(plainly, plainly.kernels[0]!, scalars, buffers, { budget: 100, isAtEnd: true, pages }),
    ),
  );
  const { program: finished, isOrdered } = through(passes);
  compare(
    'compiled after the passes',
    () => onCopies((scalars, buffers) => runCompiled(finished, finished.kernels[0]!, scalars, buffers, { pages })),
    isOrdered,
  );
  // Where no memory is shared, long loops come back to their caller after every slice.
  if (refusals.length === 0) {
    compare(
      'compiled to pause',
      () =>
        onCopies((scalars, buffers) =>
          runCompiled(finished, finished.kernels[0]!, scalars, buffers, { budget: 100, isShared: false, pages }),
        ),
      isOrdered,
    );
  }
  // What the backend refuses has been counted; threads come in only where something is parallel.
  const sharesLoops = refusals.length === 0 && isParallel(finished.kernels[0]!);
  if (sharesLoops) {
    compare(
      'compiled, on threads',
      () => {
        const executable = instantiateText(printProgram(finished));
        return onCopies((scalars, buffers) => callOnThreads(executable, scalars, buffers, 3));
      },
      false,
    );
  }
  return {
    refusals,
    failures: wanted.filter(({ outcome }) => outcome.error !== undefined).length,
    known,
    onThreads: sharesLoops,
  };
}

/** What the backend cannot do without. */
const isNeeded = (name: string): boolean => name === 'nests-to-loops' || name === 'carry-reductions';

export const applyPass = (program: Program, pass: Pass): Program => ({
  ...program,
  kernels: program.kernels.map(pass.run),
});

/** What passes have made, and whether its iterations still come one by one. */
interface Passed {
  readonly program: Program;
  readonly isOrdered: boolean;
}

interface Run {
  readonly outcome: Outcome;
  readonly buffers: readonly BufferData[];
}

function run(program: Program, given: Inputs): Run {
  const copy = copyInputs(given);
  return { outcome: interpret(program, program.kernels[0]!.name, copy), buffers: copy.buffers };
}

/** Whatever is thrown is a disagreement, but for what the backend says that it cannot do. */
function attempt<T>(stage: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    if (error instanceof UnsupportedError || error instanceof Disagreement) throw error;
    throw new Disagreement(stage, error instanceof Error ? describe(error) : String(error));
  }
}

/** The message, and the first line of ours that it came through. */
const describe = (error: Error): string =>
  [
    error.message,
    ...(error.stack ?? '')
      .split('\n')
      .filter((line) => line.includes('/src/'))
      .slice(0, 1)
      .map((line) => line.replace(/\(.*(?=src\/)/, '(')),
  ].join('\n');

function expectLegal(program: Program, what: string): void {
  const problems = attempt(`verifying ${what}`, () => verify(program));
  if (problems.length > 0) throw new Disagreement(`verifying ${what}`, problems.join('\n'));
}

/** Where several iterations may run at once, what they have stored when one fails is left open. */
export function isParallel({ dimensions, body }: Kernel): boolean {
  const has = ({ statements }: Region): boolean =>
    statements.some(
      (statement) => (statement.kind === 'for' && statement.isParallel) || regionsOf(statement).some(has),
    );
  return dimensions.length > 0 || has(body);
}

function differenceOf(wanted: Run, found: Run, kernel: Kernel, hasOrder: boolean): string | undefined {
  const [a, b] = [wanted.outcome, found.outcome];
  if (showError(a, hasOrder) !== showError(b, hasOrder))
    return `it ends with ${showError(b, hasOrder)}, not ${showError(a, hasOrder)}`;
  if (a.error !== undefined && !hasOrder) return undefined;
  for (const [index, result] of a.results.entries()) {
    const other = b.results[index]!;
    if (!isSame(result, other)) return `result ${index} is ${show(other)}, not ${show(result)}`;
  }
  for (const [index, { elements }] of wanted.buffers.entries()) {
    const other = found.buffers[index]!.elements;
    for (let place = 0; place < elements.length; place++) {
      if (!Object.is(elements[place], other[place]))
        return `element ${place} of ${kernel.buffers[index]!.name} is ${show(other[place]!)}, not ${show(elements[place]!)}`;
    }
  }
  return undefined;
}

const isSame = (a: Datum, b: Datum): boolean =>
  Array.isArray(a)
    ? Array.isArray(b) && a.length === b.length && a.every((lane, index) => Object.is(lane, b[index]))
    : Object.is(a, b);

const show = (datum: Datum): string =>
  Array.isArray(datum)
    ? `[${datum.map(show).join(', ')}]`
    : typeof datum === 'bigint'
      ? `${datum}n`
      : Object.is(datum, -0)
        ? '-0'
        : String(datum);

/** How iterations are numbered, nests and the loops that are made of them do not agree. */
const showError = ({ error }: Outcome, hasOrder: boolean): string =>
  error === undefined
    ? 'no error'
    : `site ${error.site}${hasOrder ? `, iteration ${error.iteration}` : ''}, index ${error.index}, length ${error.length}`;
