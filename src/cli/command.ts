// What a command is, and how its words are read: options by Node's own parser, mistakes answered with the nearest right word.
import { UserError } from '../base/errors.js';
import { nearest } from '../base/nearest.js';
import { environmentVariable, outputIsTerminal, parseArgs } from '../platform/terminal.js';

export interface OptionSpec {
  readonly type: 'string' | 'boolean';
  /** How the help names its value: `S` in `--seed S`. */
  readonly value?: string;
  readonly short?: string;
  readonly help: string;
}

export interface Command {
  readonly name: string;
  /** What follows the name in the usage line. */
  readonly usage: string;
  readonly summary: string;
  readonly details?: string;
  readonly options: Readonly<Record<string, OptionSpec>>;
  readonly run: (words: Words) => Promise<void>;
}

/** What was written after the command's name. */
export interface Words {
  readonly positionals: readonly string[];
  readonly options: Readonly<Record<string, string | boolean | undefined>>;
  readonly useColor: boolean;
}

export const commonOptions: Readonly<Record<string, OptionSpec>> = {
  'no-color': { type: 'boolean', help: 'plain text; so does NO_COLOR in the environment' },
  help: { type: 'boolean', short: 'h', help: 'this text' },
};

export function readWords(command: Command, words: readonly string[]): Words {
  const specs: Readonly<Record<string, OptionSpec>> = { ...command.options, ...commonOptions };
  const prepared = joinNegativeValues(words, specs);
  const { tokens } = parseArgs({ args: prepared, options: specs, strict: false, tokens: true, allowPositionals: true });
  const positionals: string[] = [];
  const options: Record<string, string | boolean> = {};
  for (const token of tokens) {
    if (token.kind === 'positional') positionals.push(token.value);
    if (token.kind !== 'option') continue;
    const spec = specs[token.name];
    if (spec === undefined || (token.rawName !== `--${token.name}` && token.rawName !== `-${spec.short}`)) {
      throw unknownWord(
        'CLI002',
        `heddle ${command.name} has no option ${token.rawName}`,
        token.rawName,
        Object.keys(specs).map((name) => `--${name}`),
        `heddle ${command.name} --help`,
      );
    }
    if (spec.type === 'boolean' && token.value !== undefined) {
      throw new UserError('CLI003', `--${token.name} takes no value, and was given ${JSON.stringify(token.value)}`, {
        fix: `write --${token.name} alone`,
      });
    }
    if (
      spec.type === 'string' &&
      (token.value === undefined || token.value === '' || (!token.inlineValue && token.value.startsWith('--')))
    ) {
      throw new UserError('CLI003', `--${token.name} needs a value`, { fix: `write --${token.name} ${spec.value}` });
    }
    options[token.name] = token.value ?? true;
  }
  return { positionals, options, useColor: wantsColor(options) };
}

/** A word that begins like a negative number is a value, never an option: `--seed -5` becomes `--seed=-5`, and a lone `-5` stays a word. */
function joinNegativeValues(words: readonly string[], specs: Readonly<Record<string, OptionSpec>>): string[] {
  const joined: string[] = [];
  const negative: string[] = [];
  for (const word of words) {
    const before = joined.at(-1);
    if (!/^-[\d.]/.test(word)) joined.push(word);
    else if (before?.startsWith('--') && specs[before.slice(2)]?.type === 'string')
      joined[joined.length - 1] = `${before}=${word}`;
    else negative.push(word);
  }
  return negative.length === 0 ? joined : [...joined, '--', ...negative];
}

function wantsColor(options: Readonly<Record<string, string | boolean>>): boolean {
  if (options['no-color'] === true || environmentVariable('NO_COLOR')) return false;
  return outputIsTerminal() && environmentVariable('TERM') !== 'dumb';
}

/** An error for a word that is none of `known`, with the nearest of them if one is near. */
export function unknownWord(
  code: string,
  summary: string,
  word: string,
  known: readonly string[],
  help: string,
): UserError {
  const guess = nearest(word, known);
  return new UserError(code, summary, {
    fix:
      guess === undefined
        ? `one of ${known.join(', ')}; ${help} tells more`
        : `did you mean ${guess}? ${help} lists them all`,
  });
}

/** `a,b` → a and b. */
export const splitNames = (text: string | boolean | undefined): string[] =>
  typeof text === 'string' ? text.split(',').map((name) => name.trim()) : [];

export const bold = (text: string, useColor: boolean): string => (useColor ? `\u001B[1m${text}\u001B[22m` : text);
