// The names around a function that `globals: () => ({ rate, helper })` gives it. A closure cannot be read, so the arrow is read twice: as
// text, which tells how the function's own text spells each value, whatever a minifier or a module transform made of both; and called,
// once, which tells the values.
import type { AnyNode } from 'acorn';
import { UserError } from '../base/errors.js';
import { showValue } from '../base/show-value.js';
import { parseFunction } from './parse.js';
import type { Locate } from './parse.js';
import { bare, propertyName } from './walk.js';

/** How a name, or a member of a module, is written: `rate`, `constants.rate`. Undefined for any other expression. */
export function spellingOf(node: AnyNode): string | undefined {
  const inner = bare(node);
  if (inner.type === 'Identifier') return inner.name;
  const property = propertyName(inner);
  if (inner.type !== 'MemberExpression' || property === undefined) return undefined;
  const object = spellingOf(inner.object);
  return object && `${object}.${property}`;
}

/**
 * Objects that transforms of modules write for another module, or for the module itself, in front of what is imported or exported: tsc,
 * esbuild, Vite and vitest, webpack. (SWC and Babel write `_outside`, which a person may have written too.) A helper from another file has another one than the function beside whose text `globals` stands.
 */
const moduleObject = /^(?:exports|\w+_\d+|import_\w+|__vi(?:te_ssr)?_import_\d+__|\w+__WEBPACK_IMPORTED_MODULE_\d+__)$/;

/** The name that stands in the source for a name or a member as a transform of modules has written it. */
export function writtenName(spelling: string): string {
  const [object, name, ...more] = spelling.split('.');
  return name !== undefined && more.length === 0 && moduleObject.test(object!) ? name : spelling;
}

export class Globals {
  readonly #values = new Map<string, unknown>();
  /** Where functions of these names stand. */
  readonly locate: Locate | undefined;

  /** @throws {UserError} JIT018 for anything but an arrow that gives an object of names */
  constructor(given: (() => object) | undefined, locate?: Locate) {
    this.locate = locate;
    if (given === undefined) return;
    const example = 'write globals: () => ({ rate, helper })';
    if (typeof given !== 'function')
      throw new UserError('JIT018', `the option globals cannot be ${showValue(given)}`, { fix: example });
    const { node } = parseFunction(given);
    let result: AnyNode = node.body;
    if (result.type === 'BlockStatement') {
      const [only] = result.body;
      result = only?.type === 'ReturnStatement' && only.argument ? only.argument : result;
    }
    result = bare(result);
    const values: unknown = given();
    if (result.type !== 'ObjectExpression' || typeof values !== 'object' || values === null)
      throw new UserError('JIT018', 'the option globals has to give an object of names', {
        note: `it is ${String(given)}`,
        fix: example,
      });
    for (const property of result.properties) {
      const name =
        property.type === 'Property' && !property.computed
          ? property.key.type === 'Identifier'
            ? property.key.name
            : String((property.key as { value?: unknown }).value)
          : undefined;
      if (name === undefined)
        throw new UserError('JIT018', 'the option globals has to name each value', { fix: example });
      const value = (values as Record<string, unknown>)[name];
      this.#values.set(name, value);
      // A minifier renames the value and keeps the key; the function's text has the value's new name.
      const spelling = property.type === 'Property' ? spellingOf(property.value) : undefined;
      if (spelling !== undefined) this.#values.set(spelling, value);
    }
  }

  has(spelling: string): boolean {
    return this.#values.has(spelling) || this.#values.has(writtenName(spelling));
  }

  valueOf(spelling: string): unknown {
    return this.#values.get(this.#values.has(spelling) ? spelling : writtenName(spelling));
  }
}
