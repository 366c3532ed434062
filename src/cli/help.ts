// The help texts, made from what the commands say of themselves.
import { commonOptions } from './command.js';
import type { Command, OptionSpec } from './command.js';

export function generalHelp(commands: readonly Command[]): string {
  return [
    'heddle: parallel numeric computing for TypeScript, measured',
    '',
    'usage: heddle COMMAND …',
    '',
    ...twoColumns(commands.map(({ name, usage, summary }) => [`${name} ${usage}`, summary])),
    '',
    'heddle COMMAND --help tells more; heddle --version tells the version.',
  ].join('\n');
}

export function commandHelp(command: Command): string {
  const options: Readonly<Record<string, OptionSpec>> = { ...command.options, ...commonOptions };
  return [
    `heddle ${command.name} ${command.usage}: ${command.summary}`,
    ...(command.details === undefined ? [] : ['', command.details]),
    '',
    ...twoColumns(
      Object.entries(options).map(([name, { value, help }]) => [
        `--${name}${value === undefined ? '' : ` ${value}`}`,
        help,
      ]),
    ),
  ].join('\n');
}

function twoColumns(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`);
}
