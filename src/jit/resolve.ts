// Which declaration each name in a function means: settled once, from the text alone, before anything is lowered. So what a name stands
// for depends neither on the order in which code is compiled nor on how a minifier has spelled it (docs/random.md decides by declarations
// which loops are counted).
// A use before its `let` or `const` is refused here: JavaScript would throw a ReferenceError, whatever the values.
import type { AnyNode, Node } from 'acorn';
import type { FunctionSource } from './parse.js';
import { refuse, refuseYet } from './refuse.js';
import { childrenOf, isFunction } from './walk.js';

export interface Declaration {
  readonly name: string;
  readonly kind: 'parameter' | 'let' | 'const' | 'var';
  /** The offset from which on it has been initialised: code before that must not touch it. */
  readonly readyAt: number;
}

/** Whether a declaration begins anew wherever it is reached, as `let` and `const` do. */
export const isLexical = ({ kind }: Declaration): boolean => kind === 'let' || kind === 'const';

type Scope = Map<string, Declaration>;

/** Names that mean the language's own values; a declaration of one of them would change the meaning of all code around it. */
const reserved: ReadonlySet<string> = new Set(['Math', 'Number', 'NaN', 'Infinity', 'undefined']);

export class Resolution {
  readonly #source: FunctionSource;
  readonly #declarations = new Map<Node, Declaration>();
  readonly #assigned = new Map<Node, Declaration>();
  /** `var` declarations with a first value, which may stand where code runs again. */
  readonly #varsSet = new Map<Node, Declaration>();

  /** @throws {UserError | UnsupportedError} JIT002 and JIT004, with the place */
  constructor(source: FunctionSource) {
    this.#source = source;
    const { params, body } = source.node;
    const scope: Scope = new Map();
    for (const parameter of params) {
      if (parameter.type === 'Identifier') this.#declare(scope, parameter, 'parameter', parameter.start);
    }
    this.#hoistVars(body, scope);
    if (body.type === 'BlockStatement') this.#block(body.body, [scope]);
    else this.#visit(body, [scope]);
  }

  /** What an identifier means; undefined for a name from outside of the function. */
  declarationOf(identifier: Node): Declaration | undefined {
    return this.#declarations.get(identifier);
  }

  /** What may have another value after the node than before: assigned by `=`, `+=` …, `++` or `--`, or by a `var` with a value. */
  assignedIn(node: Node): Set<Declaration> {
    const found = new Set<Declaration>();
    for (const [identifier, declaration] of [...this.#assigned, ...this.#varsSet]) {
      if (identifier.start >= node.start && identifier.end <= node.end) found.add(declaration);
    }
    return found;
  }

  /** Whether it ever gets another value than its first. */
  isAssigned(declaration: Declaration): boolean {
    const times = (of: ReadonlyMap<Node, Declaration>): number =>
      [...of.values()].filter((one) => one === declaration).length;
    // A parameter has had its first value before any `var` gives it another.
    return times(this.#assigned) > 0 || times(this.#varsSet) > (declaration.kind === 'parameter' ? 0 : 1);
  }

  #declare(scope: Scope, identifier: AnyNode & { name: string }, kind: Declaration['kind'], readyAt: number): void {
    const { name } = identifier;
    if (reserved.has(name))
      throw refuseYet(this.#source, identifier, `a variable called ${name}`, 'give it another name');
    const declaration = scope.get(name) ?? { name, kind, readyAt };
    scope.set(name, declaration);
    this.#declarations.set(identifier, declaration);
  }

  /** `var` belongs to the function, wherever it stands; until it is reached it is undefined, which reading tells. */
  #hoistVars(node: AnyNode, scope: Scope): void {
    if (node.type === 'VariableDeclaration' && node.kind === 'var') {
      for (const { id } of node.declarations) if (id.type === 'Identifier') this.#declare(scope, id, 'var', 0);
    }
    for (const child of childrenOf(node)) if (!isFunction(child)) this.#hoistVars(child, scope);
  }

  /** A list of statements with a scope of its own. */
  #block(statements: readonly Node[], outer: readonly Scope[]): void {
    const scope: Scope = new Map();
    for (const statement of statements) this.#declareLexical(statement as AnyNode, scope);
    for (const statement of statements) this.#visit(statement as AnyNode, [...outer, scope]);
  }

  #declareLexical(node: AnyNode, scope: Scope): void {
    if (node.type !== 'VariableDeclaration' || node.kind === 'var') return;
    const { kind } = node;
    for (const { id, end } of node.declarations) {
      if (id.type === 'Identifier') this.#declare(scope, id, kind === 'const' ? 'const' : 'let', end);
    }
  }

  #visit(node: AnyNode, scopes: readonly Scope[]): void {
    switch (node.type) {
      case 'Identifier':
        return this.#use(node, scopes);
      case 'BlockStatement':
        return this.#block(node.body, scopes);
      case 'ForStatement': {
        const scope: Scope = new Map();
        if (node.init) this.#declareLexical(node.init, scope);
        const inside = [...scopes, scope];
        for (const part of [node.init, node.test, node.update]) if (part) this.#visit(part, inside);
        // A single statement as a body cannot declare; a block brings its own scope.
        return this.#visit(node.body, inside);
      }
      case 'VariableDeclarator':
        if (node.init) {
          this.#visit(node.init, scopes);
          const declaration = this.#declarations.get(node.id);
          // A `var` may name a parameter again.
          if (declaration && !isLexical(declaration)) this.#varsSet.set(node.id, declaration);
        }
        return;
      case 'MemberExpression':
        this.#visit(node.object, scopes);
        if (node.computed) this.#visit(node.property, scopes);
        return;
      case 'AssignmentExpression':
      case 'UpdateExpression': {
        const target = node.type === 'AssignmentExpression' ? node.left : node.argument;
        for (const child of childrenOf(node)) this.#visit(child, scopes);
        const declaration = this.#declarations.get(target);
        if (declaration !== undefined) this.#assigned.set(target, declaration);
        return;
      }
      case 'Property':
        if (node.computed) this.#visit(node.key, scopes);
        return this.#visit(node.value, scopes);
      case 'LabeledStatement':
        return this.#visit(node.body, scopes);
      case 'BreakStatement':
      case 'ContinueStatement':
        return;
      default:
        // Functions inside are refused when they are lowered.
        for (const child of childrenOf(node)) if (!isFunction(child)) this.#visit(child, scopes);
    }
  }

  #use(identifier: AnyNode & { name: string }, scopes: readonly Scope[]): void {
    const { name } = identifier;
    const declaration = scopes.findLast((scope) => scope.has(name))?.get(name);
    if (declaration === undefined) return;
    if (identifier.start < declaration.readyAt) {
      throw refuse(this.#source, identifier, 'JIT004', `${name} is used before it is declared`, {
        note: 'JavaScript would throw a ReferenceError here',
        fix: `declare ${name} before this, or give one of the two another name`,
      });
    }
    this.#declarations.set(identifier, declaration);
  }
}
