// Which declaration each name in a function means: settled once, from the text alone, before anything is lowered. So what a name stands
// for depends neither on the order in which code is compiled nor on how a minifier has spelled it (docs/random.md decides by declarations
// which loops are counted). Functions inside the function are entered: their names are settled with the rest.
// A use before its `let` or `const` is refused here: JavaScript would throw a ReferenceError, whatever the values.
import type { AnyNode, CallExpression, Function as FunctionSyntax, Node, Pattern } from 'acorn';
import type { FunctionSource } from './parse.js';
import { refuse, refuseYet } from './refuse.js';
import { childrenOf, isFunction } from './walk.js';

export type FunctionNode = FunctionSyntax & AnyNode;

export interface Declaration {
  readonly name: string;
  readonly kind: 'parameter' | 'let' | 'const' | 'var' | 'function';
  /** The offset of the name where it is declared first. */
  readonly at: number;
  /** The offset from which on it has been initialised: code before that must not touch it. */
  readonly readyAt: number;
  /** The function whose code it stands in. */
  readonly within: Node;
}

/** Whether a declaration begins anew wherever it is reached, as `let` and `const` do. */
export const isLexical = ({ kind }: Declaration): boolean => kind === 'let' || kind === 'const';

type Scope = Map<string, Declaration>;
type Named = AnyNode & { name: string };

/** Names that mean the language's own values; a declaration of one of them would change the meaning of all code around it. */
const reserved: ReadonlySet<string> = new Set(['Math', 'Number', 'BigInt', 'Boolean', 'NaN', 'Infinity', 'undefined']);

/** The names that a pattern declares or assigns; undefined where it holds anything but names. */
export function namesIn(pattern: AnyNode): Named[] | undefined {
  if (pattern.type === 'Identifier') return [pattern];
  if (pattern.type === 'AssignmentPattern') return namesIn(pattern.left);
  if (pattern.type === 'RestElement') return namesIn(pattern.argument);
  // An element that is assigned.
  if (pattern.type === 'MemberExpression') return [];
  if (pattern.type !== 'ArrayPattern') return undefined;
  const names = pattern.elements.map((element) => (element === null ? [] : namesIn(element as AnyNode)));
  return names.some((each) => each === undefined) ? undefined : (names.flat() as Named[]);
}

/** The name that a parameter declares, which may have a default. */
const patternOf = (parameter: Pattern): AnyNode =>
  parameter.type === 'AssignmentPattern' ? parameter.left : parameter;

export class Resolution {
  readonly #source: FunctionSource;
  readonly #declarations = new Map<Node, Declaration>();
  readonly #assigned = new Map<Node, Declaration>();
  /** `var` declarations with a first value, which may stand where code runs again. */
  readonly #varsSet = new Map<Node, Declaration>();
  /** What is a function for good, and which. */
  readonly #functions = new Map<Declaration, FunctionNode>();
  /** Calls of those, by where they stand. */
  readonly #calls = new Map<Node, Declaration>();
  readonly #variables = new Map<Node, Declaration[]>();
  readonly #initials = new Map<Declaration, AnyNode>();
  readonly #sources = new Map<Declaration, AnyNode[]>();
  readonly #callNodes = new Map<CallExpression, Declaration>();
  #within: FunctionNode;

  /** @throws {UserError | UnsupportedError} JIT002 and JIT004, with the place */
  constructor(source: FunctionSource) {
    this.#source = source;
    const node = source.node as FunctionNode;
    this.#within = node;
    const scope: Scope = new Map();
    if (node.type === 'FunctionExpression' && node.id) {
      this.#declare(scope, node.id, 'function', 0);
      this.#functions.set(scope.get(node.id.name)!, node);
    }
    this.#function(node, [scope]);
  }

  /** What an identifier means; undefined for a name from outside of the function. */
  declarationOf(identifier: Node): Declaration | undefined {
    return this.#declarations.get(identifier);
  }

  /** The function that a name stands for always. */
  functionOf(declaration: Declaration): FunctionNode | undefined {
    return this.isAssigned(declaration) ? undefined : this.#functions.get(declaration);
  }

  /** The expression that a `let` or a `const` begins with. */
  initialOf(declaration: Declaration): AnyNode | undefined {
    return this.#initials.get(declaration);
  }

  /** Its `var`s, which are there from its beginning. */
  varsOf(node: Node): readonly Declaration[] {
    return this.#variables.get(node) ?? [];
  }

  /** The names that its parameters declare. */
  parametersOf(node: FunctionNode): Named[] {
    return node.params.flatMap((parameter) => namesIn(patternOf(parameter)) ?? []);
  }

  /** Variables of the code around a function that it uses. */
  outsideOf(node: FunctionNode): Declaration[] {
    const found = new Set<Declaration>();
    for (const [use, declaration] of this.#declarations) {
      const isInside = use.start >= node.start && use.end <= node.end;
      const isOutside = declaration.within.start < node.start || declaration.within.end > node.end;
      if (isInside && isOutside) found.add(declaration);
    }
    return [...found];
  }

  /** The functions of this text that are called within the node, not counting calls inside functions that only stand there. */
  calledIn(node: Node): Set<FunctionNode> {
    const called = new Set<FunctionNode>();
    for (const [callee, declaration] of this.#calls) {
      const target = this.#functions.get(declaration);
      if (target && callee.start >= node.start && callee.end <= node.end) called.add(target);
    }
    return called;
  }

  /**
   * What may have another value after the node than before: assigned by `=`, `+=` …, `++` or `--`, or by a `var` with a value, there or in a
   * function that is called there.
   */
  assignedIn(node: Node, seen = new Set<Node>()): Set<Declaration> {
    const found = new Set<Declaration>();
    for (const [identifier, declaration] of [...this.#assigned, ...this.#varsSet]) {
      if (identifier.start >= node.start && identifier.end <= node.end) found.add(declaration);
    }
    for (const called of this.calledIn(node)) {
      if (seen.has(called)) continue;
      seen.add(called);
      for (const declaration of this.assignedIn(called, seen)) found.add(declaration);
    }
    return found;
  }

  /** What is declared by the node, or in it. */
  declaredIn(node: Node): Declaration[] {
    return [...this.#declarations].flatMap(([identifier, declaration]) => {
      const isInside = identifier.start >= node.start && identifier.end <= node.end;
      return isInside && declaration.at === identifier.start ? [declaration] : [];
    });
  }

  /** The expressions that a name may get its value from; undefined stands for one that is none. */
  sourcesOf(declaration: Declaration): AnyNode[] {
    const initial = this.#initials.get(declaration);
    return [...(initial ? [initial] : []), ...(this.#sources.get(declaration) ?? [])];
  }

  /** The arguments that calls in this text give to a parameter. */
  givenTo(declaration: Declaration): AnyNode[] {
    return [...this.#callNodes].flatMap(([call, called]) => {
      const node = this.#functions.get(called);
      const index = node?.params.findIndex((each) => this.#declarations.get(patternOf(each)) === declaration) ?? -1;
      const given = index < 0 ? undefined : call.arguments[index];
      return given === undefined ? [] : [given];
    });
  }

  /** Where it gets another value. */
  assignmentsOf(declaration: Declaration, within: Node): Node[] {
    return [...this.#assigned]
      .filter(([node, one]) => one === declaration && node.start >= within.start && node.end <= within.end)
      .map(([node]) => node);
  }

  /** Whether a function that the code calls assigns it. */
  isCapturedIn(declaration: Declaration, code: Node): boolean {
    return [...this.calledIn(code)].some((called) => this.assignedIn(called).has(declaration));
  }

  /** Where its name stands, within a node. */
  usesOf(declaration: Declaration, within: Node): Node[] {
    return [...this.#declarations]
      .filter(([node, one]) => one === declaration && node.start >= within.start && node.end <= within.end)
      .map(([node]) => node);
  }

  /** Whether it ever gets another value than its first. */
  isAssigned(declaration: Declaration): boolean {
    const times = (of: ReadonlyMap<Node, Declaration>): number =>
      [...of.values()].filter((one) => one === declaration).length;
    // A parameter has had its first value before any `var` gives it another.
    return times(this.#assigned) > 0 || times(this.#varsSet) > (declaration.kind === 'parameter' ? 0 : 1);
  }

  #declare(scope: Scope, identifier: Named, kind: Declaration['kind'], readyAt: number): Declaration {
    const { name } = identifier;
    if (reserved.has(name))
      throw refuseYet(this.#source, identifier, `a variable called ${name}`, 'give it another name');
    const declaration = scope.get(name) ?? { name, kind, at: identifier.start, readyAt, within: this.#within };
    scope.set(name, declaration);
    this.#declarations.set(identifier, declaration);
    return declaration;
  }

  #function(node: FunctionNode, outer: readonly Scope[]): void {
    const around = this.#within;
    this.#within = node;
    const scope: Scope = new Map();
    for (const parameter of node.params) {
      for (const identifier of namesIn(patternOf(parameter)) ?? [])
        this.#declare(scope, identifier, 'parameter', identifier.start);
      this.#defaults(parameter, [...outer, scope]);
    }
    this.#hoistVars(node.body, scope);
    this.#variables.set(
      node,
      [...scope.values()].filter(({ kind }) => kind === 'var'),
    );
    if (node.body.type === 'BlockStatement') this.#block(node.body.body, [...outer, scope]);
    else this.#visit(node.body, [...outer, scope]);
    this.#within = around;
  }

  /** `var` belongs to the function, wherever it stands; until it is reached it is undefined, which reading tells. */
  #hoistVars(node: AnyNode, scope: Scope): void {
    if (node.type === 'VariableDeclaration' && node.kind === 'var') {
      for (const { id } of node.declarations)
        for (const identifier of namesIn(id) ?? []) this.#declare(scope, identifier, 'var', 0);
    }
    for (const child of childrenOf(node)) if (!isFunction(child)) this.#hoistVars(child, scope);
  }

  /** A list of statements with a scope of its own. */
  #block(statements: readonly Node[], outer: readonly Scope[], around?: readonly Scope[]): void {
    const scope: Scope = new Map();
    for (const statement of statements) this.#declareLexical(statement as AnyNode, scope, around);
    for (const statement of statements) this.#visit(statement as AnyNode, [...outer, scope]);
  }

  #declareLexical(node: AnyNode, scope: Scope, around?: readonly Scope[]): void {
    if (node.type === 'FunctionDeclaration' && node.id) {
      // Outside of modules it would be the function's own, too, from here on.
      if (around?.some((outer) => outer.has(node.id.name)))
        throw refuseYet(
          this.#source,
          node.id,
          'a function in a block, of a name that is declared around it,',
          'give it another name',
        );
      this.#functions.set(this.#declare(scope, node.id, 'function', 0), node);
      return;
    }
    if (node.type !== 'VariableDeclaration' || node.kind === 'var') return;
    const { kind } = node;
    for (const { id, init, end } of node.declarations) {
      for (const identifier of namesIn(id) ?? []) {
        const declaration = this.#declare(scope, identifier, kind === 'const' ? 'const' : 'let', end);
        if (id.type === 'Identifier' && init) this.#initials.set(declaration, init);
        if (id.type === 'Identifier' && init && isFunction(init))
          this.#functions.set(declaration, init as FunctionNode);
      }
    }
  }

  #visit(node: AnyNode, scopes: readonly Scope[]): void {
    if (isFunction(node)) {
      const own: Scope = new Map();
      if (node.type === 'FunctionExpression' && node.id)
        this.#functions.set(this.#declare(own, node.id, 'function', 0), node);
      return this.#function(node as FunctionNode, [...scopes, own]);
    }
    switch (node.type) {
      case 'Identifier':
        return this.#use(node, scopes);
      case 'BlockStatement':
        return this.#block(node.body, scopes, scopes);
      case 'SwitchStatement': {
        this.#visit(node.discriminant, scopes);
        const scope: Scope = new Map();
        for (const { consequent } of node.cases)
          for (const statement of consequent) this.#declareLexical(statement, scope, scopes);
        for (const each of node.cases) {
          if (each.test) this.#visit(each.test, [...scopes, scope]);
          for (const statement of each.consequent) this.#visit(statement, [...scopes, scope]);
        }
        return;
      }
      case 'ForStatement': {
        const scope: Scope = new Map();
        if (node.init) this.#declareLexical(node.init, scope);
        const inside = [...scopes, scope];
        for (const part of [node.init, node.test, node.update]) if (part) this.#visit(part, inside);
        // A single statement as a body cannot declare; a block brings its own scope.
        return this.#visit(node.body, inside);
      }
      case 'ForOfStatement': {
        this.#visit(node.right, scopes);
        const scope: Scope = new Map();
        this.#declareLexical(node.left, scope);
        if (node.left.type === 'VariableDeclaration' && node.left.kind === 'var') {
          for (const identifier of namesIn(node.left.declarations[0]!.id) ?? [])
            this.#varsSet.set(identifier, this.#declarations.get(identifier)!);
        }
        if (node.left.type !== 'VariableDeclaration') {
          this.#visit(node.left, scopes);
          this.#assign(node.left);
        }
        return this.#visit(node.body, [...scopes, scope]);
      }
      case 'VariableDeclarator':
        if (node.init) {
          this.#visit(node.init, scopes);
          this.#defaults(node.id, scopes);
          for (const identifier of namesIn(node.id) ?? []) {
            const declaration = this.#declarations.get(identifier);
            // A `var` may name a parameter again.
            if (declaration && !isLexical(declaration)) this.#varsSet.set(identifier, declaration);
          }
        }
        return;
      case 'MemberExpression':
        this.#visit(node.object, scopes);
        if (node.computed) this.#visit(node.property, scopes);
        return;
      case 'CallExpression':
        for (const child of childrenOf(node)) this.#visit(child, scopes);
        this.#call(node, node.callee);
        return;
      case 'AssignmentExpression':
      case 'UpdateExpression': {
        for (const child of childrenOf(node)) this.#visit(child, scopes);
        const target = node.type === 'AssignmentExpression' ? node.left : node.argument;
        this.#assign(target);
        const declaration = this.#declarations.get(target);
        if (declaration && node.type === 'AssignmentExpression')
          this.#sources.set(declaration, [...(this.#sources.get(declaration) ?? []), node.right]);
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
        for (const child of childrenOf(node)) this.#visit(child, scopes);
    }
  }

  /** The values that a pattern has for what is missing. */
  #defaults(pattern: AnyNode, scopes: readonly Scope[]): void {
    if (pattern.type === 'AssignmentPattern') {
      this.#visit(pattern.right, scopes);
      this.#defaults(pattern.left, scopes);
    } else if (pattern.type === 'ArrayPattern') {
      for (const element of pattern.elements) if (element !== null) this.#defaults(element, scopes);
    }
  }

  #assign(target: AnyNode): void {
    for (const identifier of namesIn(target) ?? []) {
      const declaration = this.#declarations.get(identifier);
      if (declaration !== undefined) this.#assigned.set(identifier, declaration);
    }
  }

  #call(call: CallExpression, callee: AnyNode): void {
    if (callee.type === 'ParenthesizedExpression') return this.#call(call, callee.expression);
    let declaration = this.#declarations.get(callee);
    if (isFunction(callee)) {
      // Called where it is written: it has no name, and is known by this call alone.
      declaration = { name: 'function', kind: 'function', at: -1, readyAt: 0, within: this.#within };
      this.#functions.set(declaration, callee as FunctionNode);
    }
    if (declaration === undefined) return;
    this.#calls.set(callee, declaration);
    this.#callNodes.set(call, declaration);
  }

  #use(identifier: Named, scopes: readonly Scope[]): void {
    const { name } = identifier;
    const declaration = scopes.findLast((scope) => scope.has(name))?.get(name);
    if (declaration === undefined) return;
    // What a function inside reads has a value by the time that it is called, or reading it tells.
    if (identifier.start < declaration.readyAt && declaration.within === this.#within) {
      throw refuse(this.#source, identifier, 'JIT004', `${name} is used before it is declared`, {
        note: 'JavaScript would throw a ReferenceError here',
        fix: `declare ${name} before this, or give one of the two another name`,
      });
    }
    this.#declarations.set(identifier, declaration);
  }
}
