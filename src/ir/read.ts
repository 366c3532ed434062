// Reads the text form of the kernel language. It settles names and the types of written numbers; whether what was written is legal is
// the verifier's to say. Wrong text is a UserError IR001 that shows the line and the column.
// It is long because it has a short method for each form of the language, in the order of print.ts.
import { Constant, foldOperations, reductionOperators, resultTypeOf, Stream, Value } from './nodes.js';
import type {
  Buffer,
  Carried,
  Dimension,
  Gathering,
  Kernel,
  LoopReduction,
  Operand,
  OwnedStream,
  Program,
  Reduction,
  Region,
  Routine,
  Statement,
  Terminator,
} from './nodes.js';
import { isOperation, signatureOf } from './operations.js';
import type { Scalar } from './operations.js';
import { syntaxError, tokenize } from './tokens.js';
import type { SourceText, Token } from './tokens.js';
import { elementOf, isFloat, isStorageType, lanesOf, parseType, storageTypes, withLanes } from './types.js';
import type { Type } from './types.js';

/**
 * The program that a text of the kernel language stands for; whether it is legal is for `verify` to say. `name` is what the text is called in
 * messages, such as the name of its file.
 *
 * @throws {UserError} IR001 at the first word that does not fit
 */
export function readProgram(text: string, { name }: { readonly name?: string } = {}): Program {
  return new Reader({ text, name }).program();
}

type Kind = Token['kind'];

/** Regions inside each other; whoever walks a program calls itself for each, and stacks end. */
const deepestRegion = 200;

const statementWords = 'a statement, `yield`, `break`, `continue` or `return`';

class Reader {
  readonly #sourceText: SourceText;
  readonly #tokens: readonly Token[];
  #position = 0;
  // Names of the kernel or routine that is being read. Each name is given once in it, so no region needs names of its own.
  #values = new Map<string, Value>();
  #streams = new Map<string, Stream>();
  #buffers = new Map<string, Buffer>();
  #reductions = new Map<string, Reduction | LoopReduction>();
  /** What the innermost regions' terminators hand on: types for `yield`, and for each label those of `break` and `continue`. */
  #yields: (readonly Type[])[] = [];
  #labels = new Map<string, { readonly breaks: readonly Type[]; readonly continues: readonly Type[] }>();
  #returns: readonly Type[] = [];

  constructor(source: SourceText) {
    this.#sourceText = source;
    this.#tokens = tokenize(source);
  }

  program(): Program {
    const routines: Routine[] = [];
    const kernels: Kernel[] = [];
    while (this.#skipEnds().kind !== 'eof') {
      const word = this.#take('name', '`routine` or `kernel`');
      this.#forgetNames();
      if (word.text === 'routine') routines.push(this.#routine());
      else if (word.text === 'kernel') kernels.push(this.#kernel());
      else throw this.#wrong(word, '`routine` or `kernel`');
    }
    return { routines, kernels };
  }

  #forgetNames(): void {
    this.#values = new Map();
    this.#streams = new Map();
    this.#buffers = new Map();
    this.#reductions = new Map();
    this.#labels = new Map();
    this.#yields = [];
  }

  // Words.

  get #next(): Token {
    return this.#tokens[this.#position]!;
  }

  #skipEnds(): Token {
    while (this.#next.kind === 'end') this.#position++;
    return this.#next;
  }

  #wrong(found: Token, wanted: string): Error {
    return syntaxError(
      this.#sourceText,
      found,
      `expected ${wanted}, found ${found.kind === 'end' || found.kind === 'eof' ? found.text : `\`${found.text}\``}`,
    );
  }

  #take(kind: Kind, wanted: string): Token {
    const token = this.#next;
    if (token.kind !== kind) throw this.#wrong(token, wanted);
    this.#position++;
    return token;
  }

  #sign(text: string): void {
    if (!this.#takeIf('sign', text)) throw this.#wrong(this.#next, `\`${text}\``);
  }

  #word(text: string): void {
    if (!this.#takeIf('name', text)) throw this.#wrong(this.#next, `\`${text}\``);
  }

  #takeIf(kind: Kind, text: string): boolean {
    const isNext = this.#next.kind === kind && this.#next.text === text;
    if (isNext) this.#position++;
    return isNext;
  }

  /** `open item, item close`, also with none. */
  #list<T>(open: string, close: string, item: (index: number) => T): T[] {
    this.#sign(open);
    const items: T[] = [];
    if (this.#takeIf('sign', close)) return items;
    do items.push(item(items.length));
    while (this.#takeIf('sign', ','));
    this.#sign(close);
    return items;
  }

  #end(): void {
    this.#take('end', 'the end of the line');
  }

  #integer(what: string): number {
    const token = this.#take('number', what);
    if (!/^\d{1,15}$/.test(token.text)) throw this.#wrong(token, what);
    return Number(token.text);
  }

  #source(): number {
    if (this.#next.kind !== 'source') return -1;
    const token = this.#take('source', 'a source id');
    if (!/^\d{1,15}$/.test(token.text)) throw this.#wrong(token, 'a source id such as !3');
    return Number(token.text);
  }

  // Names.

  #type(): Type {
    const token = this.#take('name', 'a type');
    const type = parseType(token.text);
    if (type === undefined)
      throw syntaxError(
        this.#sourceText,
        token,
        `\`${token.text}\` is not a type; types are i32, i64, f32, f64, bool, and lanes such as f64x4`,
      );
    return type;
  }

  #define(name: Token, type: Type): Value {
    if (this.#values.has(name.text)) throw syntaxError(this.#sourceText, name, `%${name.text} is assigned twice`);
    const value = new Value(type, name.text);
    this.#values.set(name.text, value);
    return value;
  }

  #typedValue(): Value {
    const name = this.#take('value', 'a value such as %x');
    this.#sign(':');
    return this.#define(name, this.#type());
  }

  #streamName(): Token {
    const name = this.#take('stream', 'a stream such as $g');
    if (this.#streams.has(name.text)) throw syntaxError(this.#sourceText, name, `$${name.text} is started twice`);
    return name;
  }

  #startStream({ text }: Token, lanes: number): Stream {
    const stream = new Stream(text, lanes);
    this.#streams.set(text, stream);
    return stream;
  }

  #known<T>(names: ReadonlyMap<string, T>, token: Token, what: string): T {
    const known = names.get(token.text);
    if (known === undefined) throw syntaxError(this.#sourceText, token, `there is no ${what} ${token.text} here`);
    return known;
  }

  /** A value, or a number of the type that its own suffix or else the context gives it. */
  #operand(expected: Type | undefined): Operand {
    const token = this.#next;
    if (token.kind === 'value') {
      this.#position++;
      return this.#known(this.#values, token, 'value');
    }
    const isWritten = token.kind === 'number' || (token.kind === 'name' && /^(?:true|false|inf|nan)$/.test(token.text));
    if (!isWritten) throw this.#wrong(token, 'a value or a number');
    this.#position++;
    const type = this.#takeIf('sign', ':') ? this.#type() : expected;
    if (type === undefined)
      throw syntaxError(this.#sourceText, token, `a number here needs its type behind it, as in ${token.text}:f64`);
    return new Constant(type, this.#scalar(token, type));
  }

  #scalar(token: Token, type: Type): Scalar {
    const element = elementOf(type);
    const { text } = token;
    if (element === 'bool' && /^(?:true|false)$/.test(text)) return text === 'true';
    if (isFloat(element) && /[.e]|inf|nan/.test(text)) {
      const value = Number(text.replace('inf', 'Infinity').replace('nan', 'NaN'));
      return element === 'f32' ? Math.fround(value) : value;
    }
    const isInteger = /^-?\d+$/.test(text);
    if (element === 'i64' && isInteger && BigInt.asIntN(64, BigInt(text)) === BigInt(text)) return BigInt(text);
    if (element === 'i32' && isInteger && (Number(text) | 0) === Number(text)) return Number(text) | 0;
    const example = { bool: 'true', f32: '1.0', f64: '1.0', i32: '1 (within 32 bits)', i64: '1 (within 64 bits)' }[
      element
    ];
    throw syntaxError(
      this.#sourceText,
      token,
      `${text} is not written as ${element === 'i32' || element === 'i64' ? 'an' : 'a'} ${element}, which looks like ${example}`,
    );
  }

  #operandList(types: readonly (Type | undefined)[] | Type): Operand[] {
    return this.#list('[', ']', (index) => this.#operand(typeof types === 'string' ? types : types[index]));
  }

  // Kernels and routines.

  #header(): { name: string; parameters: Value[]; streams: Stream[]; results: Type[] } {
    const name = this.#take('label', 'a name such as @sum').text;
    const parameters = this.#list('(', ')', () => this.#typedValue());
    const streams = this.#takeIf('name', 'draws')
      ? this.#list('[', ']', () => this.#startStream(this.#streamName(), 1))
      : [];
    const results = this.#takeIf('sign', '->') ? this.#list('(', ')', () => this.#type()) : [];
    this.#returns = results;
    this.#sign('{');
    this.#end();
    return { name, parameters, streams, results };
  }

  #routine(): Routine {
    const header = this.#header();
    const body = this.#region([]);
    this.#close();
    return { ...header, body };
  }

  #close(): void {
    this.#sign('}');
    this.#end();
  }

  #kernel(): Kernel {
    const { streams, ...header } = this.#header();
    if (streams.length > 0) throw this.#wrong(this.#next, 'a kernel without `draws`: its streams begin inside it');
    const buffers: Buffer[] = [];
    const dimensions: Dimension[] = [];
    const reductions: Reduction[] = [];
    for (;;) {
      const word = this.#take('name', '`buffer`, `nest`, `reduction` or `body`');
      if (word.text === 'buffer') buffers.push(this.#buffer());
      else if (word.text === 'nest') dimensions.push(this.#dimension());
      else if (word.text === 'reduction') reductions.push(this.#reduction(dimensions));
      else if (word.text === 'body') break;
      else throw this.#wrong(word, '`buffer`, `nest`, `reduction` or `body`');
      this.#end();
    }
    this.#sign('{');
    this.#end();
    const body = this.#region([]);
    this.#close();
    this.#close();
    return { ...header, buffers, dimensions, reductions, body };
  }

  #buffer(): Buffer {
    const name = this.#take('name', "a buffer's name");
    if (this.#buffers.has(name.text)) throw syntaxError(this.#sourceText, name, `there are two buffers ${name.text}`);
    this.#sign(':');
    const storage = this.#take('name', 'a storage type');
    if (!isStorageType(storage.text)) {
      throw syntaxError(
        this.#sourceText,
        storage,
        `\`${storage.text}\` is not a storage type; they are ${Object.keys(storageTypes).join(', ')}`,
      );
    }
    const shape = this.#operandList('i64');
    this.#word('strides');
    const strides = this.#operandList('i64');
    const access = this.#take('name', '`read`, `write` or `both`');
    if (!/^(?:read|write|both)$/.test(access.text)) throw this.#wrong(access, '`read`, `write` or `both`');
    this.#word('alias');
    const aliasClass = this.#integer('the number of an alias class');
    const buffer: Buffer = {
      name: name.text,
      storage: storage.text,
      shape,
      strides,
      access: access.text as Buffer['access'],
      aliasClass,
    };
    this.#buffers.set(name.text, buffer);
    return buffer;
  }

  #dimension(): Dimension {
    const index = this.#define(this.#take('value', 'an index such as %i'), 'i64');
    this.#sign('<');
    const extent = this.#operand('i64');
    return { index, extent, owned: this.#owned(1) };
  }

  #owned(lanes: number): OwnedStream[] {
    const all: OwnedStream[] = [];
    while (this.#takeIf('name', 'draws')) all.push(this.#ownedStream(lanes));
    return all;
  }

  #ownedStream(lanes: number): OwnedStream {
    const name = this.#streamName();
    const kind = this.#take('name', '`lanes` or `each`');
    if (kind.text !== 'lanes' && kind.text !== 'each') throw this.#wrong(kind, '`lanes` or `each`');
    const key = this.#operand('i64');
    const base = this.#takeIf('name', 'from') ? this.#operand('i64') : new Constant('i64', 0n);
    const continues = this.#takeIf('name', 'continuing')
      ? this.#known(this.#streams, this.#take('stream', 'a stream such as $g'), 'stream')
      : undefined;
    return { stream: this.#startStream(name, lanes), kind: kind.text, key, base, continues };
  }

  #reductionHead(): Omit<Gathering, 'partials'> {
    const name = this.#take('reduction', 'a reduction such as &sum');
    if (this.#reductions.has(name.text))
      throw syntaxError(this.#sourceText, name, `there are two reductions &${name.text}`);
    this.#sign(':');
    const typeName = this.#next;
    const element = this.#type();
    if (lanesOf(element) > 1) throw this.#wrong(typeName, 'a scalar type');
    const operator = this.#take('name', 'an operator such as add');
    const known = reductionOperators.find((candidate) => candidate === operator.text);
    if (known === undefined) throw this.#wrong(operator, `an operator (${reductionOperators.join(', ')})`);
    return { name: name.text, element: elementOf(element), operator: known };
  }

  #partials(): 1 | 16 {
    this.#word('partials');
    const partials = this.#next;
    if (partials.text !== '1' && partials.text !== '16') throw this.#wrong(partials, '1 or 16');
    this.#position++;
    return partials.text === '1' ? 1 : 16;
  }

  #loopReductions(): LoopReduction[] {
    if (!this.#takeIf('name', 'gathers')) return [];
    return this.#list('(', ')', () => {
      const head = this.#reductionHead();
      const partials = this.#partials();
      this.#sign('=');
      const initial = this.#operand(resultTypeOf(head));
      const reduction: LoopReduction = { ...head, partials, initial };
      this.#reductions.set(head.name, reduction);
      return reduction;
    });
  }

  #reduction(dimensions: readonly Dimension[]): Reduction {
    const head = this.#reductionHead();
    this.#word('over');
    const over = this.#list('[', ']', () => {
      const dimension = this.#take('value', 'a dimension such as %i');
      if (!dimensions.some(({ index }) => index.name === dimension.text))
        throw syntaxError(this.#sourceText, dimension, `%${dimension.text} is not a dimension of the nest`);
      return dimension.text;
    });
    const partials = this.#partials();
    this.#word('into');
    const into = this.#known(this.#buffers, this.#take('name', "a buffer's name"), 'buffer');
    const reduction: Reduction = { ...head, over, partials, into };
    this.#reductions.set(head.name, reduction);
    return reduction;
  }

  // Bodies.

  /** Statements up to and with the terminator; the brace that closes is left. `yields` are the types that a `yield` hands on. */
  #region(yields: readonly Type[]): Region {
    if (this.#yields.length === deepestRegion)
      throw syntaxError(this.#sourceText, this.#next, `code inside of code is at most ${deepestRegion} deep`);
    this.#yields.push(yields);
    // What a region begins is not known behind it, and its names are free again.
    const buffers = new Map(this.#buffers);
    const statements: Statement[] = [];
    let terminator = this.#terminator();
    while (terminator === undefined) {
      statements.push(this.#statement());
      terminator = this.#terminator();
    }
    this.#yields.pop();
    this.#buffers = buffers;
    return { statements, terminator };
  }

  #terminator(): Terminator | undefined {
    this.#skipEnds();
    const word = this.#next;
    if (word.kind !== 'name') return undefined;
    if (!['yield', 'return', 'break', 'continue', 'unreachable'].includes(word.text)) return undefined;
    this.#position++;
    const terminator = this.#terminatorAfter(word.text);
    this.#end();
    return terminator;
  }

  #terminatorAfter(word: string): Terminator {
    if (word === 'unreachable') return { kind: 'unreachable' };
    if (word === 'yield') return { kind: 'yield', operands: this.#operandList(this.#yields.at(-1)!) };
    if (word === 'return') return { kind: 'return', operands: this.#operandList(this.#returns) };
    const label = this.#take('label', 'the label of a loop around here, such as @loop');
    const { breaks, continues } = this.#known(this.#labels, label, 'loop');
    return word === 'break'
      ? { kind: 'break', label: label.text, operands: this.#operandList(breaks) }
      : { kind: 'continue', label: label.text, operands: this.#operandList(continues) };
  }

  #statement(): Statement {
    if (this.#next.kind !== 'value') return this.#effect(this.#take('name', statementWords));
    const names: { name: Token; type: Type | undefined }[] = [];
    do {
      const name = this.#take('value', 'a value such as %x');
      names.push({ name, type: this.#takeIf('sign', ':') ? this.#type() : undefined });
    } while (this.#takeIf('sign', ','));
    this.#sign('=');
    const word = this.#take('name', 'an operation');
    const untyped = names.find(({ type }) => type === undefined);
    if (names.length === 1 && untyped !== undefined) return this.#pure(names[0]!.name, word);
    if (untyped !== undefined)
      throw syntaxError(
        this.#sourceText,
        untyped.name,
        `%${untyped.name.text} needs a type: %${untyped.name.text}: f64`,
      );
    const types = names.map(({ type }) => type!);
    const define = (): Value[] => names.map(({ name, type }) => this.#define(name, type!));
    switch (word.text) {
      case 'if':
        return this.#if(types, define);
      case 'for':
        return this.#for(types, define);
      case 'loop':
        return this.#loop(types, define);
      case 'call':
        return this.#call(define);
      case 'splat':
      case 'ramp':
      case 'fold':
      case 'load':
      case 'draw': {
        if (names.length > 1) throw syntaxError(this.#sourceText, word, `\`${word.text}\` gives one value`);
        const lanes = lanesOf(types[0]!);
        if (word.text === 'splat' || word.text === 'ramp') return this.#fromScalar(word.text, define);
        if (word.text === 'fold') return this.#fold(define);
        return word.text === 'load' ? this.#load(define, lanes) : this.#draw(define, lanes);
      }
      default:
        throw this.#wrong(
          word,
          '`load`, `draw`, `splat`, `ramp`, `fold`, `call`, `if`, `for` or `loop` (a pure operation has its type behind it, as add.f64 has)',
        );
    }
  }

  #pure(name: Token, word: Token): Statement {
    const dot = word.text.lastIndexOf('.');
    const operation = word.text.slice(0, Math.max(0, dot));
    const over = parseType(word.text.slice(dot + 1));
    if (!isOperation(operation) || over === undefined)
      throw syntaxError(this.#sourceText, word, `\`${word.text}\` is not an operation; one looks like add.f64`);
    const signature = signatureOf(operation, over);
    if (signature === undefined) throw syntaxError(this.#sourceText, word, `there is no ${operation} over ${over}`);
    const operands = signature.operands.map((type) => this.#operand(type));
    const source = this.#source();
    this.#end();
    return { kind: 'pure', operation, over, operands, result: this.#define(name, signature.result), source };
  }

  #effect(word: Token): Statement {
    switch (word.text) {
      case 'store':
        return this.#store();
      case 'check':
        return this.#check();
      case 'stream':
        return this.#stream();
      case 'reduce':
        return this.#reduce();
      case 'allocate': {
        const buffer = this.#buffer();
        const source = this.#source();
        this.#end();
        return { kind: 'allocate', buffer, source };
      }
      case 'if':
        return this.#if([], () => []);
      case 'for':
        return this.#for([], () => []);
      case 'loop':
        return this.#loop([], () => []);
      case 'call':
        return this.#call(() => []);
      default:
        throw this.#wrong(word, statementWords);
    }
  }

  #mask(lanes: number): Operand | undefined {
    return this.#takeIf('name', 'mask') ? this.#operand(withLanes('bool', lanes)) : undefined;
  }

  #element(): { buffer: Buffer; index: Operand[] } {
    const buffer = this.#known(this.#buffers, this.#take('name', "a buffer's name"), 'buffer');
    return { buffer, index: this.#operandList('i64') };
  }

  #load(define: () => Value[], lanes: number): Statement {
    const element = this.#element();
    const mask = this.#mask(lanes);
    const source = this.#source();
    this.#end();
    return { kind: 'load', ...element, mask, result: define()[0]!, source };
  }

  #fromScalar(kind: 'splat' | 'ramp', define: () => Value[]): Statement {
    const operand = this.#operand(undefined);
    const source = this.#source();
    this.#end();
    return { kind, operand, result: define()[0]!, source };
  }

  #fold(define: () => Value[]): Statement {
    const word = this.#take('name', 'an operation such as add');
    const operation = foldOperations.find((candidate) => candidate === word.text);
    if (operation === undefined) throw this.#wrong(word, `one of ${foldOperations.join(', ')}`);
    const operand = this.#operand(undefined);
    const source = this.#source();
    this.#end();
    return { kind: 'fold', operation, operand, result: define()[0]!, source };
  }

  #store(): Statement {
    const element = this.#element();
    const value = this.#operand(storageTypes[element.buffer.storage].value);
    const mask = this.#mask(lanesOf(value.type));
    const source = this.#source();
    this.#end();
    return { kind: 'store', ...element, value, mask, source };
  }

  #check(): Statement {
    const condition = this.#operand('bool');
    this.#word('site');
    const site = this.#integer('the number of an error site');
    this.#word('index');
    const index = this.#operand('i64');
    this.#word('length');
    const length = this.#operand('i64');
    const source = this.#source();
    this.#end();
    return { kind: 'check', condition, site, index, length, source };
  }

  #stream(): Statement {
    const name = this.#streamName();
    this.#sign('=');
    this.#word('gen');
    const [key, ordinal] = [this.#operand('i64'), this.#operand('i64')];
    const stream = this.#startStream(name, lanesOf(ordinal.type));
    const source = this.#source();
    this.#end();
    return { kind: 'stream', stream, key, ordinal, source };
  }

  #draw(define: () => Value[], lanes: number): Statement {
    const stream = this.#known(this.#streams, this.#take('stream', 'a stream such as $g'), 'stream');
    const mask = this.#mask(lanes);
    const source = this.#source();
    this.#end();
    return { kind: 'draw', stream, mask, result: define()[0]!, source };
  }

  #reduce(): Statement {
    const reduction = this.#known(this.#reductions, this.#take('reduction', 'a reduction such as &sum'), 'reduction');
    const value = this.#operand(reduction.element);
    const mask = this.#mask(lanesOf(value.type));
    const source = this.#source();
    this.#end();
    return { kind: 'reduce', reduction, value, mask, source };
  }

  #call(define: () => Value[]): Statement {
    const callee = this.#take('label', 'a routine such as @sin').text;
    const operands = this.#operandList([]);
    const streams = this.#takeIf('name', 'draws')
      ? this.#list('[', ']', () => this.#known(this.#streams, this.#take('stream', 'a stream such as $g'), 'stream'))
      : [];
    const source = this.#source();
    this.#end();
    return { kind: 'call', callee, operands, streams, results: define(), source };
  }

  #if(types: readonly Type[], define: () => Value[]): Statement {
    const condition = this.#operand('bool');
    const source = this.#openBlock();
    const consequent = this.#region(types);
    this.#sign('}');
    this.#word('else');
    this.#sign('{');
    this.#end();
    const alternate = this.#region(types);
    this.#close();
    return { kind: 'if', condition, results: define(), consequent, alternate, source };
  }

  #openBlock(): number {
    const source = this.#source();
    this.#sign('{');
    this.#end();
    return source;
  }

  #carried(): Carried[] {
    return this.#list('(', ')', () => {
      const name = this.#take('value', 'a value such as %x');
      this.#sign(':');
      const type = this.#type();
      this.#sign('=');
      const initial = this.#operand(type);
      return { value: this.#define(name, type), initial };
    });
  }

  #loopBody(
    label: string,
    breaks: readonly Type[],
    carried: readonly Carried[],
    yields: boolean,
  ): { body: Region; source: number } {
    const continues = carried.map(({ value }) => value.type);
    const source = this.#openBlock();
    this.#labels.set(label, { breaks, continues });
    const body = this.#region(yields ? continues : []);
    this.#labels.delete(label);
    this.#close();
    return { body, source };
  }

  #label(): string {
    const label = this.#take('label', "the loop's label, such as @loop");
    if (this.#labels.has(label.text))
      throw syntaxError(this.#sourceText, label, `a loop around this one is called @${label.text} already`);
    return label.text;
  }

  #for(types: readonly Type[], define: () => Value[]): Statement {
    const label = this.#label();
    const isParallel = this.#takeIf('name', 'parallel');
    const index = this.#define(this.#take('value', 'an index such as %i'), 'i64');
    let start: Operand = new Constant('i64', 0n);
    let step = 1;
    if (this.#takeIf('name', 'from')) {
      start = this.#operand('i64');
      this.#word('step');
      step = this.#integer('how many ordinals an iteration covers');
    }
    this.#sign('<');
    const count = this.#operand('i64');
    const carried = this.#carried();
    const reductions = this.#loopReductions();
    const owned = this.#owned(step);
    const { body, source } = this.#loopBody(label, types, carried, true);
    const results = define();
    const head = { label, index, start, step, count, carried, owned, isParallel, reductions };
    return { kind: 'for', ...head, results, body, source };
  }

  #loop(types: readonly Type[], define: () => Value[]): Statement {
    const label = this.#label();
    const carried = this.#carried();
    const { body, source } = this.#loopBody(label, types, carried, true);
    return { kind: 'loop', label, carried, results: define(), body, source };
  }
}
