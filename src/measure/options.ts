// Checks of what callers hand to the measuring functions; each says what it got.
import { UserError } from '../base/errors.js';
import type { ErrorParts } from '../base/errors.js';
import type { AnyFunction } from './loops.js';

export function showValue(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value === 'function') return 'a function';
  if (Array.isArray(value)) return `an array of ${value.length}`;
  if (typeof value === 'object' && value !== null) return `an object (${Object.prototype.toString.call(value)})`;
  return String(value);
}

export function checkFunction(caller: string, f: unknown): asserts f is AnyFunction {
  if (typeof f === 'function') return;
  const isPromise = typeof f === 'object' && f !== null && 'then' in f;
  throw new UserError(
    'MEASURE001',
    `${caller} measures a function, and was given ${isPromise ? 'a promise' : showValue(f)}`,
    {
      note: isPromise ? 'the call had already begun, so there was nothing left to measure' : undefined,
      fix: `hand over the function itself: ${caller}(() => work(1e6)), or ${caller}(work, { args: [1e6] })`,
    },
  );
}

export function unusableOption(caller: string, option: string, value: unknown, parts: ErrorParts): UserError {
  return new UserError('MEASURE002', `${caller} cannot use ${option}: ${showValue(value)}`, parts);
}

/** @param meaning what is counted */
export function checkCount(
  caller: string,
  option: string,
  value: unknown,
  meaning = 'how often something is repeated',
): void {
  if (value === undefined || (typeof value === 'number' && Number.isSafeInteger(value) && value >= 1)) return;
  throw unusableOption(caller, option, value, {
    note: `${option} is ${meaning}`,
    fix: `give a whole number from 1 up, or leave ${option} out`,
  });
}
