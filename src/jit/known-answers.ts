// Comparisons that types answer: with `undefined` and `null`, which nothing here ever is, and of `typeof`. Functions that take several types ask
// for them; what they do with the other types is not compiled.
import type { AnyNode } from 'acorn';
import { Constant } from '../ir/nodes.js';
import { bool } from './code.js';
import type { Block, Body } from './code.js';
import { isScalar } from './things.js';
import type { Thing } from './things.js';
import { bare } from './walk.js';

type Binary = Extract<AnyNode, { type: 'BinaryExpression' }>;

const equalities: ReadonlySet<string> = new Set(['===', '!==', '==', '!=']);

/** `undefined`, `null`, or neither; minifiers write `void 0`. */
export function emptinessOf({ names }: Pick<Body, 'names'>, node: AnyNode): 'undefined' | 'null' | undefined {
  const inner = bare(node);
  if (inner.type === 'Literal' && inner.raw === 'null') return 'null';
  if (inner.type === 'Identifier' && inner.name === 'undefined' && names.declarationOf(inner) === undefined)
    return 'undefined';
  return inner.type === 'UnaryExpression' && inner.operator === 'void' && inner.argument.type === 'Literal'
    ? 'undefined'
    : undefined;
}

function typeofThing(thing: Thing): string {
  if (!isScalar(thing)) return thing.kind === 'nothing' ? 'undefined' : 'object';
  return thing.type === 'f64' ? 'number' : thing.type === 'i64' ? 'bigint' : 'boolean';
}

/** The answer to a comparison that does not depend on values; undefined for any other expression. */
export function knownAnswer(body: Body, node: Binary, block: Block): Constant | undefined {
  const { operator, left, right } = node;
  if (!equalities.has(operator) || left.type === 'PrivateIdentifier') return undefined;
  const isNegated = operator.startsWith('!');
  const isLoose = operator.length === 2;
  const { expression } = body.kernel.grammar;
  for (const [one, other] of [
    [left, right],
    [right, left],
  ] as const) {
    const asked = bare(one);
    const emptiness = emptinessOf(body, asked);
    if (emptiness !== undefined) {
      const its = emptinessOf(body, other);
      const thing = its === undefined ? expression(body, other, block) : undefined;
      const found =
        its ?? (thing !== undefined && !isScalar(thing) && thing.kind === 'nothing' ? 'undefined' : 'a value');
      return bool((found === emptiness || (isLoose && found !== 'a value')) !== isNegated);
    }
    const text = bare(other);
    if (asked.type !== 'UnaryExpression' || asked.operator !== 'typeof') continue;
    if (text.type !== 'Literal' || typeof text.value !== 'string') continue;
    return bool((typeofThing(expression(body, asked.argument, block)) === text.value) !== isNegated);
  }
  return undefined;
}
