// heddle explain FILE.ir: a program of the kernel language after every pass, then its WebAssembly, as text or JSON.
import { explain, explainSteps, readProgram } from 'heddle/ir';
import { UserError } from '../base/errors.js';
import { printData, readGivenFile } from '../platform/terminal.js';
import type { Command, Words } from './command.js';

export const explainCommand: Command = {
  name: 'explain',
  usage: 'FILE.ir [options]',
  summary: 'what becomes of a program of the kernel language',
  details:
    'Prints the program after every pass that changes it, and then the WebAssembly that comes of it. The language is told in docs/ir.md.',
  options: { json: { type: 'boolean', help: 'every pass and every module as JSON' } },
  run: async (words) => run(words),
};

function run({ positionals, options }: Words): void {
  const [path, ...more] = positionals;
  if (path === undefined)
    throw new UserError('CLI007', 'heddle explain needs a file', { fix: 'write heddle explain program.ir' });
  if (more.length > 0) {
    throw new UserError(
      'CLI006',
      `heddle explain takes one file, and was given ${positionals.length} words: ${positionals.join(' ')}`,
      { fix: `write heddle explain ${positionals.find((word) => word.endsWith('.ir')) ?? path}` },
    );
  }
  if (!path.endsWith('.ir')) {
    throw new UserError('CLI007', `heddle explain cannot read ${path}`, {
      note: 'it explains programs of the kernel language, in files that end with .ir',
      fix: 'for a function, call explain on what jit gives: fn.explain()',
    });
  }
  const file = readGivenFile(path);
  if ('reason' in file) throw new UserError('CLI007', `${path} cannot be read: ${file.reason}`);
  const program = readProgram(file.text, { name: path });
  printData(options['json'] === true ? JSON.stringify(explainSteps(program), null, 2) : explain(program).trimEnd());
}
