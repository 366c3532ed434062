// How the compiler says no: a code, what is not possible, the place in the person's own text, what was found there, and what to do.
import type { Node } from 'acorn';
import { codeFrame } from '../base/code-frame.js';
import { UnsupportedError, UserError } from '../base/errors.js';
import type { FunctionSource } from './parse.js';

interface Advice {
  readonly note?: string;
  readonly fix?: string;
}

/** How a message calls a function; one without a name is known as 'function' only where its text is shown. */
export const calledName = (name: string): string => (name === 'function' ? 'the function' : name);

/** Wrong in the function itself: whoever wrote it can mend it. */
export function refuse(source: FunctionSource, node: Node, code: string, summary: string, advice: Advice): UserError {
  return new UserError(code, `${summary}\n${codeFrame(source.placeOf(node))}`, advice);
}

/** JIT002: right in JavaScript, but not something that we compile yet. */
export function refuseYet(source: FunctionSource, node: Node, what: string, fix: string): UnsupportedError {
  return new UnsupportedError('JIT002', `${what} cannot be compiled yet\n${codeFrame(source.placeOf(node))}`, { fix });
}
