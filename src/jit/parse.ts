// A function value → the syntax tree of its text. Functions, arrows and methods are all told by Function.prototype.toString; what is
// native, bound or of a class has no text of its own that could be compiled.
import { parseExpressionAt } from 'acorn';
import type { ArrowFunctionExpression, Expression, FunctionExpression, Node } from 'acorn';
import { UserError } from '../base/errors.js';
import { codeFrame } from '../base/code-frame.js';
import type { Place } from '../base/code-frame.js';
import { calledName } from './refuse.js';
import { withoutTraces } from './tool-traces.js';

export interface FunctionSource {
  readonly name: string;
  /** The text as the engine tells it. */
  readonly text: string;
  readonly node: FunctionExpression | ArrowFunctionExpression;
  /** Where a node of the tree stands, for people: in its file, where that is known, else in the function's own text. */
  readonly placeOf: (node: Node) => Place;
  /** All of it, for people. */
  readonly place: Place;
  /** How a node is written in the function's own text. */
  readonly textOf: (node: Node) => string;
}

/** Where a function's text stands in a file; the file's text may be of TypeScript, as long as every character has kept its place. */
export interface Origin {
  readonly file: string;
  readonly text: string;
  /** The offset of the function's first character. */
  readonly start: number;
}

/** The origin of a function, by its text. */
export type Locate = (functionText: string) => Origin | undefined;

type AnyFunction = (...args: never[]) => unknown;

/** @throws {UserError} JIT001 for functions whose text cannot be had or understood */
export function parseFunction(f: AnyFunction, locate?: Locate): FunctionSource {
  const text = Function.prototype.toString.call(f);
  const name = f.name === '' ? 'function' : f.name;
  const origin = locate?.(text);
  const [file, fileText, first] = origin === undefined ? [name, text, 0] : [origin.file, origin.text, origin.start];
  if (/\{\s*\[native code\]\s*\}$/.test(text)) {
    throw new UserError('JIT001', `${calledName(name)} cannot be compiled: its source is not JavaScript`, {
      note: 'built-in and bound functions have no text to compile',
      fix: 'write a function around it and compile that',
    });
  }
  // A method's text is not an expression, but it is the property of an object.
  for (const [before, after] of [
    ['(', ')'],
    ['({', '})'],
  ] as const) {
    const node = tryParse(`${before}${text}${after}`);
    const found = node && functionOf(node);
    if (found === undefined) continue;
    const shift = before.length;
    return {
      name,
      text,
      node: withoutTraces(found, text),
      placeOf: ({ start, end }) => ({
        name: file,
        text: fileText,
        start: first + start - shift,
        end: first + end - shift,
      }),
      place: { name: file, text: fileText, start: first, end: first + text.length },
      textOf: ({ start, end }) => text.slice(start - shift, end - shift),
    };
  }
  const frame = origin && codeFrame({ name: file, text: fileText, start: first, end: first + text.indexOf('(') });
  const summary = `${calledName(name)} cannot be compiled: its source is not that of a plain function`;
  throw new UserError('JIT001', frame ? `${summary}\n${frame}` : summary, {
    note: `it begins ${JSON.stringify(text.slice(0, 40))}`,
    fix: 'give a function, an arrow function or a method; classes, getters, async functions and generators are not',
  });
}

function tryParse(text: string): Expression | undefined {
  try {
    return parseExpressionAt(text, 0, { ecmaVersion: 'latest' });
  } catch (error) {
    // Code that is nested too deeply to be read is no other kind of code; the parser calls that a syntax error.
    const { message } = error as Error;
    if (error instanceof RangeError || /stack space/.test(message)) throw new RangeError(message, { cause: error });
    return undefined;
  }
}

function functionOf(node: Expression): FunctionSource['node'] | undefined {
  let found: Expression | undefined = node;
  if (found.type === 'ParenthesizedExpression') found = found.expression;
  if (found.type === 'ObjectExpression') {
    const [property] = found.properties;
    found = property?.type === 'Property' && property.kind === 'init' ? property.value : undefined;
  }
  if (found?.type !== 'FunctionExpression' && found?.type !== 'ArrowFunctionExpression') return undefined;
  return found.async || found.generator ? undefined : found;
}
