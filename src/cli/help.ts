// The help texts, made from what the commands say of themselves, and laid out for the width of the terminal.
import { wrapText } from '../base/text-table.js';
import { commonOptions } from './command.js';
import type { Command, OptionSpec } from './command.js';

/** Wider lines than this tire the eye, however wide the terminal is. */
const widest = 100;

export function generalHelp(commands: readonly Command[], width: number): string {
  return [
    'heddle: parallel numeric computing for TypeScript, measured',
    '',
    'usage: heddle COMMAND …',
    '',
    ...twoColumns(
      commands.map(({ name, usage, summary }) => [`${name} ${usage}`, summary]),
      width,
    ),
    '',
    wrapText('heddle COMMAND --help tells more; heddle --version tells the version.', Math.min(width, widest)),
  ].join('\n');
}

export function commandHelp(command: Command, width: number): string {
  const { name, usage, summary, details } = command;
  const options: Readonly<Record<string, OptionSpec>> = { ...command.options, ...commonOptions };
  const head = `heddle ${name} ${usage}: ${summary}${details === undefined ? '' : `\n\n${details}`}`;
  const rows = Object.entries(options).map(([option, spec]): Row => [optionUsage(option, spec), spec.help]);
  return [wrapText(head, Math.min(width, widest)), '', ...twoColumns(rows, width)].join('\n');
}

function optionUsage(name: string, { short, value }: OptionSpec): string {
  return `${short === undefined ? '' : `-${short}, `}--${name}${value === undefined ? '' : ` ${value}`}`;
}

type Row = readonly [left: string, right: string];

function twoColumns(rows: readonly Row[], width: number): string[] {
  const leftWidth = Math.max(...rows.map(([left]) => left.length));
  const indentation = ' '.repeat(leftWidth + 4);
  return rows.map(([left, right]) => {
    const lines = wrapText(right, Math.max(20, Math.min(width, widest) - indentation.length));
    return `  ${left.padEnd(leftWidth)}  ${lines.replaceAll('\n', `\n${indentation}`)}`;
  });
}
