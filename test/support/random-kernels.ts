// Random programs in the kernel language, from a seed: legal, and sure to end. They have what backends find hard: values that live through
// nested loops, ways out of several of them at once, draws from streams of any function around, calls, parallel loops, buffers, checks.
// Elements of `out` are written by parallel loops, one each; `work` by everything else; `data` is only read.
import type { Datum } from '../../src/ir/interpret.js';

export const dataLength = 24;

/** Numbers below `bound`, from a seed: mulberry32. */
function makeChooser(seed: number): (bound: number) => number {
  let state = seed | 0;
  return (bound) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * bound);
  };
}

type Type = 'f64' | 'i64' | 'i32' | 'f32' | 'bool';
const types: readonly Type[] = ['f64', 'f64', 'i64', 'i64', 'i32', 'f32', 'bool'];

const binary: Record<Type, readonly string[]> = {
  f64: ['add', 'sub', 'mul', 'div', 'min', 'max', 'rem'],
  f32: ['add', 'sub', 'mul', 'min', 'max', 'rem'],
  i64: ['add', 'sub', 'mul', 'and', 'or', 'xor', 'shl', 'shrS', 'shrU', 'min', 'max'],
  i32: ['add', 'sub', 'mul', 'and', 'or', 'xor', 'shl', 'shrS', 'shrU', 'min', 'max'],
  bool: ['and', 'or', 'xor', 'eq', 'ne'],
};
const unary: Record<Type, readonly [operation: string, from: Type][]> = {
  f64: [
    ['neg.f64', 'f64'],
    ['floor.f64', 'f64'],
    ['toF64.i64', 'i64'],
    ['toF64.i32', 'i32'],
    ['toF64.f32', 'f32'],
    ['toF64.bool', 'bool'],
  ],
  f32: [
    ['abs.f32', 'f32'],
    ['toF32.f64', 'f64'],
    ['toF32.i32', 'i32'],
  ],
  i64: [
    ['truncI64.f64', 'f64'],
    ['extendS.i32', 'i32'],
    ['extendU.i32', 'i32'],
    ['extendS.bool', 'bool'],
  ],
  i32: [
    ['toInt32.f64', 'f64'],
    ['wrap.i64', 'i64'],
    ['toI32.bool', 'bool'],
  ],
  bool: [['not.bool', 'bool']],
};

interface Value {
  readonly name: string;
  readonly type: Type;
}

interface LoopScope {
  readonly label: string;
  readonly carried: readonly Type[];
  readonly results: readonly Type[];
  /** What a `continue` has to hand on first, so that the loop ends. */
  readonly counter: string | undefined;
}

interface RoutineShape {
  readonly name: string;
  readonly draws: boolean;
  readonly isRecursive: boolean;
}

interface Scope {
  readonly values: readonly Value[];
  readonly streams: readonly string[];
  readonly loops: readonly LoopScope[];
  readonly returns: readonly Type[] | undefined;
  readonly depth: number;
  readonly inParallel: boolean;
  readonly isKernel: boolean;
  /** The index whose element of `out` is this iteration's own. */
  readonly own: string | undefined;
  /** What may be written, and what may be read. */
  readonly buffers: readonly string[];
  readonly readable: readonly string[];
}

class Writer {
  readonly #choose: (bound: number) => number;
  readonly #lines: string[] = [];
  #next = 0;
  /** Statements that may still be written. */
  #left: number;
  readonly #routines: RoutineShape[];

  constructor(choose: (bound: number) => number, routines: RoutineShape[], size: number) {
    this.#choose = choose;
    this.#routines = routines;
    this.#left = size;
  }

  text(): string {
    return this.#lines.join('\n');
  }

  #line(text: string): void {
    this.#lines.push(text);
  }

  #fresh(): string {
    return `v${this.#next++}`;
  }

  #pick<T>(items: readonly T[]): T {
    return items[this.#choose(items.length)]!;
  }

  #constant(type: Type): string {
    switch (type) {
      case 'bool':
        return this.#pick(['true', 'false']);
      case 'f64':
        return this.#pick(['0.0', '1.0', '-2.5', '0.1', '1e300', 'nan', '-0.0', '3.0']);
      case 'f32':
        return this.#pick(['0.0', '1.5', '-2.25', '7.0']);
      default:
        return this.#pick(['0', '1', '-1', '3', '7', '100', '-50']);
    }
  }

  operand(scope: Scope, type: Type): string {
    const fitting = scope.values.filter((value) => value.type === type);
    if (fitting.length === 0 || this.#choose(6) === 0) return this.#constant(type);
    // What was computed last is read most.
    const back = Math.min(fitting.length - 1, this.#choose(4) * this.#choose(3));
    return `%${fitting[fitting.length - 1 - back]!.name}`;
  }

  #list(scope: Scope, wanted: readonly Type[]): string {
    return `[${wanted.map((type) => this.operand(scope, type)).join(', ')}]`;
  }

  /** A pure operation; what it gives is to be seen behind it. */
  #pure(scope: Scope): Scope {
    const type = this.#pick(types);
    const name = this.#fresh();
    const way = this.#choose(10);
    if (way < 2) {
      const [operation, from] = this.#pick(unary[type]);
      this.#line(`%${name} = ${operation} ${this.operand(scope, from)}`);
      return { ...scope, values: [...scope.values, { name, type }] };
    }
    if (way < 4) {
      const compared = this.#pick(['f64', 'i64', 'i32', 'f32'] as const);
      const operation = this.#pick(['eq', 'ne', 'lt', 'le', 'gt', 'ge']);
      this.#line(
        `%${name} = ${operation}.${compared} ${this.operand(scope, compared)} ${this.operand(scope, compared)}`,
      );
      return { ...scope, values: [...scope.values, { name, type: 'bool' }] };
    }
    const condition = way === 4 ? `${this.operand(scope, 'bool')} ` : '';
    const operation = way === 4 ? 'select' : this.#pick(binary[type]);
    this.#line(`%${name} = ${operation}.${type} ${condition}${this.operand(scope, type)} ${this.operand(scope, type)}`);
    return { ...scope, values: [...scope.values, { name, type }] };
  }

  /** An index that lies inside of all buffers, perhaps with a constant beside it. */
  #index(scope: Scope): string {
    const masked = this.#fresh();
    this.#line(`%${masked} = and.i64 ${this.operand(scope, 'i64')} 15`);
    if (this.#choose(2) === 0) return `%${masked}`;
    const beside = this.#fresh();
    this.#line(`%${beside} = add.i64 %${masked} ${this.#choose(8)}`);
    return `%${beside}`;
  }

  #statement(scope: Scope): Scope {
    const way = this.#choose(40);
    const add = (...added: readonly Value[]): Scope => ({ ...scope, values: [...scope.values, ...added] });
    const canNest = scope.depth < 4;
    if (way < 14 || this.#left <= 0) return this.#pure(scope);
    if (way < 17 && scope.readable.length > 0) {
      const name = this.#fresh();
      const index = this.#index(scope);
      const buffer = this.#pick(scope.readable);
      this.#line(`%${name}: f64 = load ${buffer}[${index}]`);
      return add({ name, type: 'f64' });
    }
    if (way < 18 && scope.isKernel) {
      // Rows and columns of `data`: 4 × 6 by constant strides, or 6 × 4 by one that only the run knows.
      const [name, row, column, beside] = [this.#fresh(), this.#fresh(), this.#fresh(), this.#fresh()];
      this.#line(`%${row} = and.i64 ${this.operand(scope, 'i64')} 3`);
      this.#line(`%${column} = and.i64 ${this.operand(scope, 'i64')} 3`);
      this.#line(`%${beside} = add.i64 %${column} ${this.#choose(3)}`);
      this.#line(`%${name}: f64 = load ${this.#pick(['grid', 'turned'])}[%${row}, %${beside}]`);
      return add({ name, type: 'f64' });
    }
    if (way < 19) {
      if (scope.own !== undefined && scope.isKernel)
        this.#line(`store out[%${scope.own}] ${this.operand(scope, 'f64')}`);
      else if (scope.buffers.length > 0) {
        const index = this.#index(scope);
        this.#line(`store ${this.#pick(scope.buffers)}[${index}] ${this.operand(scope, 'f64')}`);
      }
      return scope;
    }
    if (way < 22 && scope.streams.length > 0) {
      const name = this.#fresh();
      const type = this.#pick(['f64', 'f32', 'i64'] as const);
      this.#line(`%${name}: ${type} = draw $${this.#pick(scope.streams)}`);
      return add({ name, type });
    }
    if (way < 23) {
      const stream = `s${this.#fresh()}`;
      this.#line(`stream $${stream} = gen ${this.operand(scope, 'i64')} ${this.operand(scope, 'i64')}`);
      return { ...scope, streams: [...scope.streams, stream] };
    }
    if (way < 24) {
      const condition = this.#fresh();
      this.#line(`%${condition} = ne.i64 ${this.operand(scope, 'i64')} ${this.#choose(4) === 0 ? 3 : 123_456_789}`);
      this.#line(
        `check %${condition} site ${this.#choose(100)} index ${this.operand(scope, 'i64')} length ${this.operand(scope, 'i64')}`,
      );
      return scope;
    }
    if (way < 27 && canNest) return this.#if(scope);
    if (way < 33 && canNest) return this.#for(scope);
    if (way < 35 && canNest) return this.#loop(scope);
    if (way < 37 && this.#routines.length > 0) {
      const routine = this.#pick(this.#routines);
      if (routine.draws && scope.streams.length === 0) return scope;
      const small = this.#fresh();
      this.#line(`%${small} = and.i64 ${this.operand(scope, 'i64')} 7`);
      const [a, b] = [this.#fresh(), this.#fresh()];
      const draws = routine.draws ? ` draws [$${this.#pick(scope.streams)}]` : '';
      const x = this.operand(scope, 'f64');
      const typed = x.startsWith('%') ? x : `${x}:f64`;
      this.#line(`%${a}: f64, %${b}: i64 = call @${routine.name} [${typed}, %${small}]${draws}`);
      return add({ name: a, type: 'f64' }, { name: b, type: 'i64' });
    }
    if (way < 38 && scope.isKernel) {
      const buffer = `own${this.#fresh()}`;
      const isOpen = !scope.inParallel && this.#choose(2) === 0;
      const extent = isOpen ? '%size' : '24';
      this.#line(`allocate ${buffer}: f64[${extent}] strides [1] both alias ${100 + this.#next++}`);
      return { ...scope, buffers: [...scope.buffers, buffer], readable: [...scope.readable, buffer] };
    }
    if (scope.isKernel && canNest) return this.#parallel(scope);
    return this.#pure(scope);
  }

  /** Statements, and the values that may be read behind them. */
  statements(scope: Scope, most: number): Scope {
    let inner = scope;
    for (let count = 1 + this.#choose(most); count > 0; count--) {
      this.#left--;
      inner = this.#statement(inner);
    }
    return inner;
  }

  /** Ends a region: mostly by handing on, sometimes by leaving for somewhere else. */
  #end(scope: Scope, yields: readonly Type[], innermost: LoopScope | undefined): void {
    const leave = (): void => {
      const canReturn = scope.returns !== undefined && !scope.inParallel;
      const way = this.#choose(8);
      if (way === 0 && canReturn) return this.#line(`return ${this.#list(scope, scope.returns)}`);
      const loop = scope.loops.length > 0 ? this.#pick(scope.loops) : undefined;
      if (loop && way < 4) return this.#line(`break @${loop.label} ${this.#list(scope, loop.results)}`);
      if (loop && way < 6) return this.#continue(scope, loop);
      this.#handOn(scope, yields, innermost);
    };
    if (this.#choose(5) > 0) return this.#handOn(scope, yields, innermost);
    leave();
  }

  #continue(scope: Scope, loop: LoopScope): void {
    if (loop.counter === undefined) return this.#line(`continue @${loop.label} ${this.#list(scope, loop.carried)}`);
    const rest = loop.carried.slice(1).map((type) => this.operand(scope, type));
    this.#line(`continue @${loop.label} [${[loop.counter, ...rest].join(', ')}]`);
  }

  #handOn(scope: Scope, yields: readonly Type[], innermost: LoopScope | undefined): void {
    const counter = innermost?.counter;
    if (counter === undefined) return this.#line(`yield ${this.#list(scope, yields)}`);
    const rest = yields.slice(1).map((type) => this.operand(scope, type));
    this.#line(`yield [${[counter, ...rest].join(', ')}]`);
  }

  #if(scope: Scope): Scope {
    const results = Array.from({ length: this.#choose(3) }, () => ({ name: this.#fresh(), type: this.#pick(types) }));
    const yields = results.map(({ type }) => type);
    const head = results.map(({ name, type }) => `%${name}: ${type}`).join(', ');
    this.#line(`${head}${head ? ' = ' : ''}if ${this.operand(scope, 'bool')} {`);
    const inner = { ...scope, depth: scope.depth + 1 };
    this.#end(this.statements(inner, 3), yields, undefined);
    this.#line('} else {');
    this.#end(this.statements(inner, 2), yields, undefined);
    this.#line('}');
    return { ...scope, values: [...scope.values, ...results] };
  }

  #carried(scope: Scope, first: readonly Type[]): { carried: Value[]; text: string } {
    const carried = [...first, ...Array.from({ length: this.#choose(3) }, () => this.#pick(types))].map((type) => ({
      name: this.#fresh(),
      type,
    }));
    const text = carried
      .map(({ name, type }, position) => {
        const initial = position < first.length ? '0' : this.operand(scope, type);
        return `%${name}: ${type} = ${initial}`;
      })
      .join(', ');
    return { carried, text };
  }

  #assigned(values: readonly Value[]): string {
    const head = values.map(({ name, type }) => `%${name}: ${type}`).join(', ');
    return head === '' ? '' : `${head} = `;
  }

  #for(scope: Scope): Scope {
    const label = `l${this.#fresh()}`;
    const { carried, text } = this.#carried(scope, []);
    const results = carried.map(({ type }) => ({ name: this.#fresh(), type }));
    const index = this.#fresh();
    const far = scope.depth < 1 ? 150 : scope.depth < 2 ? 20 : 5;
    const count = this.#choose(3) === 0 ? '%n' : String(this.#choose(far));
    const start = this.#choose(3) === 0 ? ` from ${this.#choose(4) - 1} step 1` : '';
    let owned = '';
    const streams = [...scope.streams];
    if (this.#choose(5) === 0) {
      const stream = `s${this.#fresh()}`;
      const kind = this.#choose(2) === 0 && start === '' ? 'lanes' : 'each';
      owned = ` draws $${stream} ${kind} ${this.operand(scope, 'i64')}`;
      streams.push(stream);
    }
    this.#line(`${this.#assigned(results)}for @${label} %${index}${start} < ${count} (${text})${owned} {`);
    const loop = { label, carried: carried.map(({ type }) => type), results: results.map(({ type }) => type) };
    const target: LoopScope = { ...loop, counter: undefined };
    const inner = {
      ...scope,
      streams,
      values: [...scope.values, { name: index, type: 'i64' as const }, ...carried],
      loops: [...scope.loops, target],
      depth: scope.depth + 1,
    };
    this.#end(this.statements(inner, 5), target.carried, target);
    this.#line('}');
    return { ...scope, values: [...scope.values, ...results] };
  }

  /** Counts its rounds in the first value that it carries. */
  #loop(scope: Scope): Scope {
    const label = `l${this.#fresh()}`;
    const { carried, text } = this.#carried(scope, ['i64']);
    const results = Array.from({ length: this.#choose(3) }, () => ({ name: this.#fresh(), type: this.#pick(types) }));
    const [next, isDone] = [this.#fresh(), this.#fresh()];
    this.#line(`${this.#assigned(results)}loop @${label} (${text}) {`);
    const target: LoopScope = {
      label,
      carried: carried.map(({ type }) => type),
      results: results.map(({ type }) => type),
      counter: `%${next}`,
    };
    this.#line(`%${next} = add.i64 %${carried[0]!.name} 1`);
    this.#line(`%${isDone} = ge.i64 %${next} ${1 + this.#choose(scope.depth < 2 ? 30 : 4)}`);
    const inner = {
      ...scope,
      values: [...scope.values, ...carried],
      loops: [...scope.loops, target],
      depth: scope.depth + 1,
    };
    this.#line(`if %${isDone} {`);
    this.#line(`break @${label} ${this.#list(inner, target.results)}`);
    this.#line('} else {\nyield []\n}');
    this.#end(this.statements(inner, 4), target.carried, target);
    this.#line('}');
    return { ...scope, values: [...scope.values, ...results] };
  }

  #parallel(scope: Scope): Scope {
    const label = `p${this.#fresh()}`;
    const index = this.#fresh();
    // Inside another parallel loop it writes nothing, as elements are owned by the outer one.
    const owns = scope.own === undefined;
    let owned = '';
    const streams: string[] = [];
    if (this.#choose(3) === 0) {
      const stream = `s${this.#fresh()}`;
      owned = ` draws $${stream} each ${this.operand(scope, 'i64')}`;
      streams.push(stream);
    }
    const count = this.#pick(['0', '1', '2', '9', '24', '%n']);
    const start = this.#choose(4) === 0 ? ' from 2 step 1' : '';
    this.#line(`for @${label} parallel %${index}${start} < ${count} ()${owned} {`);
    const inner: Scope = {
      ...scope,
      streams,
      values: [...scope.values, { name: index, type: 'i64' }],
      loops: [],
      depth: scope.depth + 1,
      inParallel: true,
      own: owns ? index : scope.own,
      buffers: [],
    };
    const after = this.statements(inner, 5);
    if (owns) this.#line(`store out[%${index}] ${this.operand(after, 'f64')}`);
    this.#line('yield []');
    this.#line('}');
    return scope;
  }

  routine(scope: Scope, shape: RoutineShape): void {
    let inner = scope;
    if (shape.isRecursive) {
      const [isEnd, less] = [this.#fresh(), this.#fresh()];
      this.#line(`%${isEnd} = le.i64 %k 0\nif %${isEnd} {\nreturn [%x, %k]\n} else {\nyield []\n}`);
      this.#line(`%${less} = sub.i64 %k 1`);
      inner = this.statements(inner, 4);
      const [a, b] = [this.#fresh(), this.#fresh()];
      const draws = shape.draws ? ' draws [$g]' : '';
      this.#line(`%${a}: f64, %${b}: i64 = call @${shape.name} [%x, %${less}]${draws}`);
      inner = { ...inner, values: [...inner.values, { name: a, type: 'f64' }, { name: b, type: 'i64' }] };
    }
    inner = this.statements(inner, 6);
    this.#line(`return ${this.#list(inner, ['f64', 'i64'])}`);
  }

  kernel(scope: Scope, most: number): void {
    const inner = this.statements(scope, most);
    this.#line(`return ${this.#list(inner, scope.returns!)}`);
  }
}

export interface RandomKernel {
  readonly text: string;
  readonly scalars: readonly Datum[];
}

/** The program's kernel is `k`; its buffers are data, work and out, of `dataLength` doubles each, and data twice more. */
export function randomKernel(seed: number, size = 40): RandomKernel {
  const choose = makeChooser(seed);
  const routines: RoutineShape[] = [];
  const texts: string[] = [];
  const shared = { loops: [], depth: 0, inParallel: false, own: undefined, buffers: [], readable: [] };
  for (let count = choose(4); count > 0; count--) {
    const shape: RoutineShape = {
      name: `r${routines.length}`,
      draws: choose(2) === 0,
      isRecursive: choose(3) === 0,
    };
    const writer = new Writer(choose, [...routines], size / 2);
    writer.routine(
      {
        ...shared,
        values: [
          { name: 'x', type: 'f64' },
          { name: 'k', type: 'i64' },
          { name: 'n', type: 'i64' },
        ],
        streams: shape.draws ? ['g'] : [],
        returns: ['f64', 'i64'],
        isKernel: false,
        depth: 2,
      },
      shape,
    );
    const draws = shape.draws ? ' draws [$g]' : '';
    texts.push(
      `routine @${shape.name}(%x: f64, %k: i64)${draws} -> (f64, i64) {\n%n = add.i64 %k 2\n${writer.text()}\n}`,
    );
    routines.push(shape);
  }
  const writer = new Writer(choose, routines, size);
  const returns: readonly Type[] = ['f64', 'i64', 'bool', 'f32'];
  writer.kernel(
    {
      ...shared,
      values: [
        { name: 'x', type: 'f64' },
        { name: 'n', type: 'i64' },
        { name: 'key', type: 'i64' },
        { name: 'flag', type: 'bool' },
      ],
      streams: [],
      returns,
      isKernel: true,
      buffers: ['work'],
      readable: ['data', 'work'],
    },
    14,
  );
  const buffers = ['data', 'work', 'out'].map(
    (name, position) =>
      `buffer ${name}: f64[${dataLength}] strides [1] ${name === 'data' ? 'read' : 'both'} alias ${position}`,
  );
  buffers.push(
    'buffer grid: f64[4, 6] strides [6, 1] read alias 0',
    'buffer turned: f64[%four, 6] strides [1, %four] read alias 0',
  );
  texts.push(
    `kernel @k(%x: f64, %n: i64, %key: i64, %flag: bool, %size: i64, %four: i64) -> (${returns.join(', ')}) {\n${buffers.join('\n')}\nbody {\n${writer.text()}\n}\n}`,
  );
  return {
    text: `${texts.join('\n')}\n`,
    scalars: [choose(1000) / 8 - 30, BigInt(choose(20)), BigInt(choose(1e6)), choose(2) === 0, BigInt(dataLength), 4n],
  };
}
