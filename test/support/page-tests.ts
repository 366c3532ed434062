// The tests that every executed page has to pass, lesson and manual alike: its programs type-check and run, the output it shows has the
// shape of what they print, its commands end well, and what it quotes of files is what the files say.
import { describe, expect, test } from 'vitest';
import { readText, runShell } from './programs.js';
import type { CompiledProgram, Outcome } from './programs.js';
import { isTypeScript, misquotations, ownBlocks } from './page-programs.js';
import type { CodeBlock, Page } from './markdown.js';
import { commentedOutput, findMissingLine } from './output-shape.js';

/** A block of sample output counts as a sample of the block directly above it. */
function sampleBelow({ codeBlocks }: Page, block: CodeBlock): string | undefined {
  const next = codeBlocks[codeBlocks.indexOf(block) + 1];
  return next?.language === 'text' && next.followsCode ? next.text : undefined;
}

export function expectSample(page: Page, block: CodeBlock, output: string): void {
  const samples = [commentedOutput(isTypeScript(block) ? block.text : ''), sampleBelow(page, block)];
  for (const sample of samples) {
    const missing = findMissingLine(sample ?? '', output);
    const where = `${page.path}:${block.line}: shows a line that this block does not print`;
    expect(missing, `${where}; it prints:\n${output}`).toBeUndefined();
  }
}

export function expectSuccess({ exitCode, output, errors }: Outcome, what: string): void {
  expect(exitCode, `${what}\n${output}\n${errors}`).toBe(0);
}

const knownLanguages = ['ts', 'typescript', 'js', 'sh', 'text', 'json'];

export function testPage(page: Page, program: CompiledProgram | undefined): void {
  describe(page.path, () => {
    test('uses only fences that are understood', () => {
      for (const { language, info, line } of page.codeBlocks) {
        expect(knownLanguages, `${page.path}:${line}`).toContain(language);
        if (language === 'sh') expect(info, `${page.path}:${line}`).toBe('');
      }
    });

    test('quotes programs word for word', () => expect(misquotations(page)).toEqual([]));

    if (program !== undefined) {
      test('has code that type-checks', () => expect(program.typeErrors).toEqual([]));

      test.concurrent('has code that runs and prints what the page shows', async () => {
        const outcome = await program.run();
        expectSuccess(outcome, page.path);
        for (const [index, block] of ownBlocks(page).entries()) expectSample(page, block, outcome.outputs[index]!);
      });
    }

    for (const block of page.codeBlocks.filter(({ language }) => language === 'sh')) {
      test.concurrent(`has commands that work: ${block.text.split('\n')[0]}`, async () => {
        let output = '';
        for (const command of splitCommands(block.text))
          output += await runCommand(command, `${page.path}:${block.line}`);
        expectSample(page, block, output);
      });
    }
  });
}

/** A command a line; a comment behind it, and what stands before and after `&&`, apart. */
const splitCommands = (text: string): string[] =>
  text
    .replaceAll('\\\n', ' ')
    .split(/\n|&&/)
    .map((line) => line.replace(/(?:^|\s)#.*$/, '').trim())
    .filter((line) => line !== '');

const outcomes = new Map<string, Promise<Outcome>>();

/** Runs a command (once, however many pages show it) and gives its output. What would install something is only looked over. */
export async function runCommand(command: string, where: string): Promise<string> {
  const [, script] = /^npm (?:run )?(start|test|(?<=run )[\w:-]+)(?: |$)/.exec(command) ?? [];
  if (script !== undefined) {
    const { scripts } = JSON.parse(readText('package.json')) as { scripts: Record<string, string> };
    expect(scripts, `${where}: package.json has no script ${script}`).toHaveProperty([script]);
    return '';
  }
  if (/^(?:npm (?:ci|install)|git clone|cd)\b/.test(command)) return '';
  expect(command, `${where}: a command that the suite does not know how to check`).toMatch(
    /^(?:npx heddle|node (?:dist|build)\/)/,
  );
  let outcome = outcomes.get(command);
  if (outcome === undefined) outcomes.set(command, (outcome = runShell(command)));
  expectSuccess(await outcome, `${where}: ${command}`);
  return (await outcome).output;
}
