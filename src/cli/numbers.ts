// The numbers that people write after a command: 1000000, 10_000_000, 1e9.
import { UserError } from '../base/errors.js';

const decimal = /^[+-]?(?:\d+(?:_\d+)*)(?:\.\d*(?:_\d+)*)?(?:e[+-]?\d+)?$/i;

function parseDecimal(word: string): number {
  return decimal.test(word) ? Number(word.replaceAll('_', '')) : NaN;
}

/** A whole number from 1 to 2⁵³ − 1. */
export function parseCount(word: string, what: string): number {
  const value = parseDecimal(word);
  if (Number.isSafeInteger(value) && value >= 1) return value;
  throw new UserError('CLI004', `${what} cannot be ${word}`, {
    note: whyNot(word, value),
    fix: 'give a whole number from 1 to 9007199254740991, such as 1000000, 1_000_000 or 1e6',
  });
}

function whyNot(word: string, value: number): string {
  if (Number.isNaN(value)) return 'that is not a number';
  if (!Number.isFinite(value)) return 'that is larger than any number that JavaScript has';
  if (value < 1) return 'it has to be at least 1';
  if (!Number.isInteger(value)) return 'it has to be whole';
  return `beyond 2^53 not every whole number exists in JavaScript, so ${word} could not be counted to`;
}

/** A time in seconds, above 0. */
export function parseSeconds(word: string, what: string): number {
  const value = parseDecimal(word);
  if (value > 0 && value <= 2_000_000) return value;
  throw new UserError('CLI004', `${what} cannot be ${word}`, { fix: 'give seconds above 0, such as 30 or 0.5' });
}

/** A seed: an integer number up to 2⁵³ − 1 in size, or any larger one written with an n (`12345678901234567890n`). */
export function parseSeed(word: string): number | bigint {
  if (/^-?\d+(?:_\d+)*n$/.test(word)) return BigInt(word.slice(0, -1).replaceAll('_', ''));
  const value = parseDecimal(word);
  if (Number.isSafeInteger(value)) return value;
  throw new UserError('CLI004', `--seed cannot be ${word}`, {
    fix: 'give a whole number up to 9007199254740991 in size, or a larger one with an n behind it, such as 12345678901234567890n',
  });
}
