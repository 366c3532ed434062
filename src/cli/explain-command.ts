// heddle explain FILE --fn NAME: a function's own source, with what the compiler made of each loop, or why not more. heddle explain FILE.ir: a
// program of the kernel language after every pass, then its WebAssembly.
import { jit } from 'heddle';
import type { JitArgument, JitResult } from 'heddle';
import { explain, explainSteps, readProgram } from 'heddle/ir';
import { HeddleError, UserError } from '../base/errors.js';
import { printData, printMessage, readGivenFile, setExitCode } from '../platform/terminal.js';
import { guessArguments, makeArguments, readArguments } from './arguments.js';
import { unknownWord } from './command.js';
import type { Command, Words } from './command.js';
import { isCompiled, isModuleFile, loadFunction } from './given-function.js';
import type { GivenFunction } from './given-function.js';

const views = ['source', 'ir', 'passes', 'wat'] as const;
type View = (typeof views)[number];

const ofFunctions = ['fn', 'args', 'view', 'parallel', 'fast-math'];

export const explainCommand: Command = {
  name: 'explain',
  usage: 'FILE [--fn NAME] [options]',
  summary: 'what the compiler makes of a function, or of a program of the kernel language',
  details: [
    'Of a module (JavaScript or TypeScript): calls the function, and prints its source with what became of each loop. It is compiled for the types of --args; where there are none, for those that its parameters have in a TypeScript file.',
    '',
    'Of a file that ends with .ir: the program after every pass that changes it, and then the WebAssembly that comes of it. The language is told in docs/ir.md.',
  ].join('\n'),
  options: {
    fn: { type: 'string', value: 'NAME', help: 'the exported function; not needed where there is only one' },
    args: { type: 'string', value: 'JSON', help: 'what it is called with; as for heddle measure' },
    view: {
      type: 'string',
      value: 'VIEW',
      help: 'source (by default), ir: the kernel language, passes: the same after the passes, wat: WebAssembly',
    },
    parallel: { type: 'boolean', help: 'compiled with parallel: true' },
    'fast-math': { type: 'boolean', help: 'compiled with fastMath: true' },
    json: { type: 'boolean', help: 'the same as JSON; of a program every pass and every module' },
  },
  run,
};

async function run(words: Words): Promise<void> {
  const { positionals, options } = words;
  const [path, ...more] = positionals;
  if (path === undefined)
    throw new UserError('CLI007', 'heddle explain needs a file', {
      fix: 'write heddle explain FILE --fn NAME, or heddle explain program.ir',
    });
  if (more.length > 0) {
    throw new UserError(
      'CLI006',
      `heddle explain takes one file, and was given ${positionals.length} words: ${positionals.join(' ')}`,
      { fix: `write heddle explain ${positionals.find((word) => word.endsWith('.ir')) ?? `${path} --fn ${more[0]!}`}` },
    );
  }
  if (isModuleFile(path)) return explainFunction(path, words);
  if (!path.endsWith('.ir')) {
    throw new UserError('CLI007', `heddle explain cannot read ${path}`, {
      note: 'it explains functions in files of JavaScript and TypeScript, and programs of the kernel language, in files that end with .ir',
    });
  }
  const useless = ofFunctions.find((name) => options[name] !== undefined);
  if (useless !== undefined)
    throw new UserError('CLI006', `--${useless} is for functions, and ${path} is a program of the kernel language`, {
      fix: `write heddle explain ${path}`,
    });
  const file = readGivenFile(path);
  if ('reason' in file) throw new UserError('CLI007', `${path} cannot be read: ${file.reason}`);
  const program = readProgram(file.text, { name: path });
  printData(options['json'] === true ? JSON.stringify(explainSteps(program), null, 2) : explain(program).trimEnd());
}

/** A function that only explains is not given longer than this to run. */
const timeoutMs = 2000;

async function explainFunction(path: string, { options }: Words): Promise<void> {
  const view = viewOf((options['view'] as string | undefined) ?? 'source');
  const argsText = options['args'] as string | undefined;
  const written = argsText === undefined ? undefined : makeArguments(readArguments(argsText));
  const given = await loadFunction(path, options['fn'] as string | undefined);
  const args = written ?? argumentsFor(path, given);
  const parallel = options['parallel'] === true;
  const fastMath = options['fast-math'] === true;
  const compiled = isCompiled(given.value)
    ? (given.value as unknown as ReturnType<typeof jit>)
    : jit(given.value as (...args: JitArgument[]) => JitResult, { ...given.options, parallel, fastMath });
  let ending: HeddleError | undefined;
  try {
    compiled.with({ timeoutMs })(...(args as JitArgument[]));
  } catch (error) {
    if (!(error instanceof HeddleError)) throw error;
    ending = error;
  }
  if (compiled.signatures.length === 0 && ending !== undefined) {
    // That it cannot be compiled is the answer, and no wrong use of the command.
    printMessage(ending.message);
    return setExitCode(1);
  }
  const explanation = compiled.explain(view);
  if (options['json'] === true) {
    const { signatures } = compiled;
    const ended = ending?.message ?? null;
    return printData(JSON.stringify({ file: path, fn: given.name, view, signatures, ended, explanation }, null, 2));
  }
  printData(explanation);
  // Of a call that takes too long everything is known that was asked for.
  if (ending !== undefined && ending.code !== 'TEAM003')
    printMessage(`\nthe call that it was compiled for ended with\n${ending.message}`);
}

function viewOf(word: string): View {
  const view = views.find((each) => each === word);
  if (view === undefined)
    throw unknownWord(
      'CLI005',
      `heddle explain has no view ${JSON.stringify(word)}`,
      word,
      views,
      'heddle explain --help',
    );
  return view;
}

function argumentsFor(path: string, { name, text, value }: GivenFunction): unknown[] {
  const guessed = value.length === 0 ? [] : text === undefined ? undefined : guessArguments(text);
  if (guessed !== undefined) return guessed;
  throw new UserError('CLI009', `heddle explain needs to know what ${name} is called with`, {
    note: 'a function is compiled for the types of its arguments, and those of its parameters are not all written there',
    fix: `write heddle explain ${path} --fn ${name} --args '[1000]', with an element for each argument`,
  });
}
