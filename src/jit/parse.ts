// A function value → the syntax tree of its text. Functions, arrows and methods are all told by Function.prototype.toString; what is
// native, bound or of a class has no text of its own that could be compiled.
import { parseExpressionAt } from 'acorn';
import type { ArrowFunctionExpression, Expression, FunctionExpression, Node } from 'acorn';
import { UserError } from '../base/errors.js';
import type { Place } from '../base/code-frame.js';
import { calledName } from './refuse.js';
import { withoutTraces } from './tool-traces.js';

export interface FunctionSource {
  readonly name: string;
  /** The text as the engine tells it. */
  readonly text: string;
  readonly node: FunctionExpression | ArrowFunctionExpression;
  /** Where a node of the tree stands in the text. */
  readonly placeOf: (node: Node) => Place;
}

type AnyFunction = (...args: never[]) => unknown;

/** @throws {UserError} JIT001 for functions whose text cannot be had or understood */
export function parseFunction(f: AnyFunction): FunctionSource {
  const text = Function.prototype.toString.call(f);
  const name = f.name === '' ? 'function' : f.name;
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
      placeOf: ({ start, end }) => ({ name, text, start: start - shift, end: end - shift }),
    };
  }
  throw new UserError('JIT001', `${calledName(name)} cannot be compiled: its source is not that of a plain function`, {
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
