// Names that JavaScript has everywhere and compiled code has not: what to write instead.
import type { AnyNode } from 'acorn';
import { spellingOf } from './globals.js';
import { propertyName } from './walk.js';

const outside = 'do it outside, and give what comes of it as an argument';
const asArray = 'use a typed array that is long enough, and count its elements: x[n++] = v';

const byName: Readonly<Record<string, readonly [what: string, fix: string]>> = {
  parseInt: ['parseInt, which reads text,', 'write Math.trunc(x)'],
  parseFloat: ['parseFloat, which reads text,', 'its argument is a number already: leave it out'],
  eval: ['eval', 'write the code that it would run'],
  Function: ['code that is made of text', 'write the code that it would run'],
  String: ['text', outside],
  Array: ['an ordinary array', asArray],
  Object: ['an object', 'use a variable for each of its values, or a tuple: [x, y]'],
  Map: ['a Map', 'use a typed array, with keys as places'],
  Set: ['a Set', 'use a Uint8Array, with 1 at the places of what is in it'],
  Date: ['the time', outside],
  performance: ['the time', outside],
  console: ['printing', 'return the values, and print them outside'],
  JSON: ['text', outside],
  Promise: ['a promise', outside],
  fetch: ['a request', outside],
  setTimeout: ['a timer', outside],
  crypto: ['crypto', 'draw by Math.random(), which compiled code takes from a generator that can be seeded'],
  arguments: ['arguments', 'name each parameter'],
  Math: ['Math as a value', 'write its functions where they are called: Math.sqrt(x)'],
  globalThis: ['globalThis', 'write what it holds by its name: Math.sqrt(x)'],
  Symbol: ['a symbol', 'use numbers'],
  Intl: ['text', outside],
  Atomics: ['Atomics', 'gather in a prange loop: s += x; what iterations share needs no lock'],
};

/** What a name of JavaScript is that stands at the beginning of an expression, and what to do instead. */
export function knownName(node: AnyNode): readonly [what: string, fix: string] | undefined {
  if (node.type === 'MemberExpression' && (node.object.type === 'Literal' || node.object.type === 'TemplateLiteral'))
    return ['text', 'use numbers, and make text of them outside'];
  const [head = ''] = spellingOf(node)?.split('.') ?? [];
  if (Object.hasOwn(byName, head)) return byName[head];
  const method = propertyName(node);
  if (method === 'push' || method === 'pop') return [`${method} of an array that grows`, asArray];
  return method === 'toString' || method === 'toFixed' ? ['text', outside] : undefined;
}
