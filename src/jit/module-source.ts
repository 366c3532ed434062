// The text of a module → what tools that compile a function of it need: the loops of prange as plain loops, for a comparison with the
// program that a person would have written; and the names at its top, with which `globals` can be filled, as no closure can be read.
import { parse } from 'acorn';
import type { AnyNode, CallExpression, ForOfStatement, Program } from 'acorn';
import { bare, childrenOf, propertyName, wholeNumber } from './walk.js';

/** Undefined for what is no ECMAScript module: a script, CommonJS, or not JavaScript at all. */
function parseModule(source: string): Program | undefined {
  try {
    const program = parse(source, { ecmaVersion: 'latest', sourceType: 'module', allowHashBang: true });
    return program.body.some(({ type }) => /^(?:Import|Export)/.test(type)) ? program : undefined;
  } catch {
    return undefined;
  }
}

/** The names under which a module has imported `prange`, and those of the namespaces that it is a member of. */
function namesOfPrange({ body }: Program): {
  readonly names: ReadonlySet<string>;
  readonly spaces: ReadonlySet<string>;
} {
  const names = new Set<string>();
  const spaces = new Set<string>();
  for (const statement of body) {
    if (statement.type !== 'ImportDeclaration' || statement.source.value !== 'heddle') continue;
    for (const specifier of statement.specifiers) {
      if (specifier.type === 'ImportNamespaceSpecifier') spaces.add(specifier.local.name);
      if (specifier.type !== 'ImportSpecifier') continue;
      const { imported, local } = specifier;
      if ((imported.type === 'Identifier' ? imported.name : imported.value) === 'prange') names.add(local.name);
    }
  }
  return { names, spaces };
}

interface Replacement {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/**
 * The text of a module with each `for (const i of prange(n))` written as a loop that counts. It computes the same, and no line moves; but plain
 * JavaScript takes a little longer with an iterator, which a comparison with compiled code must not make use of. For the option `transform`
 * of `compare`.
 *
 * @example
 * import { countingLoops } from 'heddle';
 * const module = "import { prange } from 'heddle';\nfor (const i of prange(3)) console.log(i);";
 * console.log(countingLoops(module).split('\n')[1]);
 * // for (let $0 = 0, $1 = 3; $0 < $1; $0 += 1) { const i = $0; console.log(i); }
 */
export function countingLoops(source: string): string {
  const program = parseModule(source);
  if (program === undefined) return source;
  const { names, spaces } = namesOfPrange(program);
  if (names.size + spaces.size === 0) return source;
  const isPrange = (node: AnyNode): node is CallExpression => {
    if (node.type !== 'CallExpression') return false;
    const callee = bare(node.callee);
    if (callee.type === 'Identifier') return names.has(callee.name);
    return (
      callee.type === 'MemberExpression' &&
      callee.object.type === 'Identifier' &&
      spaces.has(callee.object.name) &&
      propertyName(callee) === 'prange'
    );
  };
  const replacements: Replacement[] = [];
  let count = 0;
  /** A name that the text has nowhere. */
  const fresh = (): string => {
    for (;;) {
      const name = `$${count++}`;
      if (!source.includes(name)) return name;
    }
  };
  const visit = (node: AnyNode): void => {
    if (node.type === 'ForOfStatement' && isPrange(node.right)) {
      replacements.push(...counting(source, node, node.right, fresh));
    }
    childrenOf(node).forEach(visit);
  };
  visit(program);
  let text = source;
  for (const { start, end, text: other } of replacements.toSorted((a, b) => b.start - a.start))
    text = text.slice(0, start) + other + text.slice(end);
  return text;
}

/** The head of a loop, and the end of its body, written anew; nothing where its step is not written there. */
function counting(source: string, loop: ForOfStatement, call: CallExpression, fresh: () => string): Replacement[] {
  const { left, body } = loop;
  const given = call.arguments;
  if (loop.await || given.length === 0 || given.length > 3 || given.some(({ type }) => type === 'SpreadElement'))
    return [];
  const step = given[2] === undefined ? 1 : wholeNumber(given[2]);
  if (step === undefined || step === 0) return [];
  const textOf = ({ start, end }: { start: number; end: number }): string => source.slice(start, end);
  const [counter, end, check] = [fresh(), fresh(), fresh()];
  const [first, second] = given;
  const start = second === undefined ? '0' : textOf(first!);
  const isWhole = second === undefined || wholeNumber(first as AnyNode) !== undefined;
  // What prange would refuse, it still does.
  const checked = isWhole ? '' : `, ${check} = ${textOf(call.callee)}(${counter}, ${end})`;
  const isNew = left.type === 'VariableDeclaration';
  const taken = isNew
    ? `${left.kind} ${textOf(left.declarations[0]!.id)} = ${counter};`
    : `${textOf(left)} = ${counter};`;
  const comparison = step > 0 ? '<' : '>';
  // Between head and body nothing but blanks and comments may be lost, and the lines of a head stay where they were.
  const lost = source.slice(loop.start, body.start).split('\n').length - 1;
  const kept = textOf({ start: call.start, end: call.end }).split('\n').length - 1;
  const head = `for (let ${counter} = ${start}, ${end} = ${textOf(second ?? first!)}${checked}; ${counter} ${comparison} ${end}; ${counter} += ${step}) { ${taken} `;
  const lines = head.split('\n').length - 1;
  return [
    { start: loop.start, end: body.start, text: head + '\n'.repeat(Math.max(0, Math.max(lost, kept) - lines)) },
    { start: body.end, end: body.end, text: ' }' },
  ];
}

/**
 * The names at the top of an ECMAScript module whose values never change: imports, functions, and what `const` declares. A tool that compiles a
 * function of the module can give them as `globals`. Empty for any other text.
 *
 * @example
 * import { topLevelNames } from 'heddle';
 * console.log(topLevelNames('export const rate = 0.5; let count = 0; function grown(v) { return v * rate; }')); // [ 'rate', 'grown' ]
 */
export function topLevelNames(source: string): string[] {
  const program = parseModule(source);
  if (program === undefined) return [];
  const assigned = new Set<string>();
  const visit = (node: AnyNode): void => {
    const target =
      node.type === 'AssignmentExpression' ? node.left : node.type === 'UpdateExpression' ? node.argument : undefined;
    if (target?.type === 'Identifier') assigned.add(target.name);
    childrenOf(node).forEach(visit);
  };
  visit(program);
  const names = program.body.flatMap((statement): string[] => {
    if (statement.type === 'ImportDeclaration') return statement.specifiers.map(({ local }) => local.name);
    const isExport = statement.type === 'ExportNamedDeclaration' || statement.type === 'ExportDefaultDeclaration';
    const declaration = isExport ? statement.declaration : statement;
    if (declaration?.type === 'FunctionDeclaration') return declaration.id ? [declaration.id.name] : [];
    if (declaration?.type !== 'VariableDeclaration' || declaration.kind !== 'const') return [];
    return declaration.declarations.flatMap(({ id }) => (id.type === 'Identifier' ? [id.name] : []));
  });
  return names.filter((name) => !assigned.has(name));
}
