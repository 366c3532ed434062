// Checks of what callers hand to the measuring functions; each says what it got.
import { UserError } from '../base/errors.js';
import type { ErrorParts } from '../base/errors.js';
import { findUnknownOption } from '../base/nearest.js';
import { showValue } from '../base/show-value.js';
import type { AnyFunction } from './loops.js';

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

/** Before anything is read from them: they may be null, and a mistyped name would be silently without effect. */
export function checkOptions(caller: string, options: unknown, known: readonly string[]): void {
  if (typeof options !== 'object' || options === null) {
    throw unusableOption(caller, 'options', options, { fix: `give an object with any of ${known.join(', ')}` });
  }
  const unknown = findUnknownOption(options, known);
  if (unknown) throw new UserError('MEASURE002', `${caller} has no option ${unknown.name}`, { fix: unknown.fix });
}

export function checkArgs(caller: string, args: unknown): void {
  if (args === undefined || Array.isArray(args)) return;
  throw unusableOption(caller, 'args', args, {
    note: 'args are what the function is called with, in their order',
    fix: 'give an array, also for a single argument: args: [1e6]',
  });
}

export function checkSignal(caller: string, signal: unknown): void {
  if (signal === undefined) return;
  if (typeof signal === 'object' && signal !== null) {
    const { aborted, throwIfAborted, addEventListener } = signal as Partial<AbortSignal>;
    const hasMethods = typeof throwIfAborted === 'function' && typeof addEventListener === 'function';
    if (typeof aborted === 'boolean' && hasMethods) return;
  }
  throw unusableOption(caller, 'signal', signal, {
    note: 'signal ends the measurement when it is aborted',
    fix: 'give the signal of an AbortController, or AbortSignal.timeout(milliseconds)',
  });
}

/** For options that are functions. */
export function checkCallback(caller: string, option: string, value: unknown, fix: string): void {
  if (value !== undefined && typeof value !== 'function') throw unusableOption(caller, option, value, { fix });
}

/** As `timer`, but refuses what is no time: every figure that came of it would be NaN. */
export function checkedTimer(caller: string, timer: () => number): () => number {
  return () => {
    const seconds: unknown = timer();
    if (typeof seconds === 'number' && Number.isFinite(seconds)) return seconds;
    throw new UserError('MEASURE002', `${caller} cannot use timer: it returned ${showValue(seconds)}`, {
      fix: 'give a clock that returns seconds, as a finite number',
    });
  };
}
