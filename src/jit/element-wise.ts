// Functions of elements, called with typed arrays and scalars: compiled once for each combination of their kinds, run over all elements on
// all threads. Where the arrays of another room are given, that room is handed the code for one element.
import { UserError } from '../base/errors.js';
import { showValue } from '../base/show-value.js';
import { printKernel } from '../ir/print.js';
import type { Kernel, Routine } from '../ir/nodes.js';
import type { Scalar } from '../ir/operations.js';
import { isAnythingHeld, refuseHeld } from '../memory/uses.js';
import { CheckFailure } from '../runtime/check-failure.js';
import { makeExecutable } from '../runtime/executable.js';
import type { Executable } from '../runtime/executable.js';
import { aliasClassesOf, callMemory, LentArrays, refuseForeignMemory } from './arguments.js';
import type { HeapArray } from './arguments.js';
import { kindOf } from './array-kinds.js';
import { lowerElement, lowerElementWise } from './element-code.js';
import type { ElementArgument, ElementCode, ElementKind, LoweredElementWise } from './element-code.js';
import { Globals } from './globals.js';
import { fromCaller, withinLimits } from './jit.js';
import { parseFunction } from './parse.js';
import type { FunctionSource } from './parse.js';

export type { ElementCode, ElementKind };

type AnyFunction = (...args: never[]) => unknown;

const results = { number: 'Float64Array', boolean: 'Uint8Array', bigint: 'BigInt64Array' } as const;
const resultBytes = { number: 8, boolean: 1, bigint: 8 } as const;

interface Compiled {
  readonly lowered: LoweredElementWise;
  readonly executable: Executable;
}

interface Listed {
  readonly signature: string;
  readonly kernel: Kernel;
  readonly routines: readonly Routine[];
  readonly executable: Executable | undefined;
}

export class ElementFunction {
  readonly name: string;
  readonly #plain: AnyFunction;
  readonly #globals: Globals;
  readonly #threads: number | undefined;
  #source: FunctionSource | undefined;
  readonly #compiled = new Map<string, Compiled>();
  readonly #codes = new Map<string, ElementCode>();
  /** What has been compiled so far, by how it was called. */
  readonly #listed = new Map<string, Listed>();

  constructor(
    plain: AnyFunction,
    { globals, threads }: { readonly globals: (() => object) | undefined; readonly threads: number | undefined },
  ) {
    this.name = plain.name === '' ? 'the function' : plain.name;
    this.#plain = plain;
    this.#globals = new Globals(globals);
    this.#threads = threads;
  }

  get #parsed(): FunctionSource {
    return (this.#source ??= parseFunction(this.#plain));
  }

  get signatures(): string[] {
    return [...this.#listed.keys()];
  }

  explain(view: 'ir' | 'passes' | 'wat'): string[] {
    return [...this.#listed.values()].map(({ signature, kernel, routines, executable }) => {
      const made = view === 'ir' ? undefined : (executable ?? makeExecutable(kernel, { routines }));
      return `; ${signature}\n${view === 'wat' ? made!.wat() : printKernel(made?.kernel ?? kernel)}`;
    });
  }

  /** The code for one element where its arguments are of these kinds; `signature` is how people know the call. */
  code(kinds: readonly ElementKind[], signature: string): ElementCode {
    const key = kinds.join();
    let code = this.#codes.get(key);
    if (code === undefined) {
      code = withinLimits(this.name, () => lowerElement(this.#parsed, kinds, this.#globals));
      this.#codes.set(key, code);
    }
    if (!this.#listed.has(signature)) {
      const { parameters, statements, result, routines, name } = code;
      const kernel: Kernel = {
        name: /^[\w.]+$/.test(name) ? name : 'function',
        parameters,
        buffers: [],
        dimensions: [],
        reductions: [],
        results: [result.type],
        body: { statements, terminator: { kind: 'return', operands: [result] } },
      };
      this.#listed.set(signature, { signature, kernel, routines, executable: undefined });
    }
    return code;
  }

  /** Calls it for each element; at least one argument is a typed array. */
  call(args: readonly unknown[], out: HeapArray | undefined, entry: AnyFunction): HeapArray {
    const arrays = args.filter((arg) => ArrayBuffer.isView(arg)) as HeapArray[];
    return fromCaller(() => {
      const length = this.#lengthOf(out === undefined ? arrays : [...arrays, out]);
      // Elements of `out` that another one still needs are not written over.
      const isApart = out === undefined || arrays.every((array) => isSamePlace(array, out) || isFarFrom(array, out));
      const target = isApart ? out : undefined;
      const all = target === undefined ? arrays : [...arrays, target];
      const classes = aliasClassesOf(all);
      const types = args.map((arg, index): ElementArgument => this.#typeOf(arg, index, arrays, classes));
      const compiled = this.#compile(types, target, classes);
      if (target !== undefined) refuseForeignMemory(this.name, target, args.length);
      const made = this.#run(compiled, args, all, classes, target, length);
      if (isApart) return made;
      // As many elements, each converted as a store of it is.
      (out as { set(values: HeapArray): void }).set(made);
      return out;
    }, entry);
  }

  #run(
    { lowered, executable }: Compiled,
    args: readonly unknown[],
    all: readonly HeapArray[],
    classes: readonly number[],
    target: HeapArray | undefined,
    length: number,
  ): HeapArray {
    const { result } = lowered;
    const fresh = target === undefined ? [length * resultBytes[result]] : [];
    if (isAnythingHeld()) {
      const asOf = (index: number): string => (index < 0 ? 'out' : `argument ${index + 1}`);
      refuseHeld(
        all.map((array) => ({ array, isWritten: array === target, by: this.name, as: asOf(args.indexOf(array)) })),
      );
    }
    const lent = new LentArrays(all, classes, fresh, callMemory);
    try {
      const scalars = [BigInt(length), ...(args.filter((arg) => !ArrayBuffer.isView(arg)) as Scalar[])];
      executable.call(scalars, lent.addresses, this.#threads);
      if (target === undefined) return lent.taken(lent.addresses.at(-1)!, results[result], length);
      lent.copyBack(all.map((array) => array === target));
      return target;
    } catch (error) {
      throw error instanceof CheckFailure ? lowered.errorOf(error.record) : error;
    } finally {
      lent.giveBack();
    }
  }

  #lengthOf(arrays: readonly HeapArray[]): number {
    const [first, ...others] = arrays.map((array) => array.length);
    const other = others.find((length) => length !== first);
    if (other === undefined) return first!;
    throw new UserError('ARRAY002', `${this.name}: arrays of ${first} and ${other} elements do not fit together`, {
      note: 'each element of one belongs to the element of the other at the same place',
      fix: 'give arrays of one length, and single numbers for what is the same for all elements',
    });
  }

  #typeOf(arg: unknown, index: number, arrays: readonly HeapArray[], classes: readonly number[]): ElementArgument {
    if (typeof arg === 'number' || typeof arg === 'boolean') return typeof arg as ElementKind;
    if (typeof arg === 'bigint' && BigInt.asIntN(64, arg) === arg) return 'bigint';
    const of = kindOf(arg);
    if (of !== undefined) return { of, aliasClass: classes[arrays.indexOf(arg as HeapArray)]! };
    throw wrongElement(this.name, arg, index);
  }

  #compile(types: readonly ElementArgument[], out: HeapArray | undefined, classes: readonly number[]): Compiled {
    const target = out && { of: kindOf(out)!, aliasClass: classes.at(-1)! };
    const nameOf = (type: ElementArgument): string => (typeof type === 'string' ? type : type.of.signature);
    const keyOf = (type: ElementArgument): string =>
      typeof type === 'string' ? type : `${type.of.name} ${type.aliasClass}`;
    const key = `${types.map(keyOf).join()} ${target === undefined ? '' : keyOf(target)}`;
    let compiled = this.#compiled.get(key);
    if (compiled === undefined) {
      compiled = withinLimits(this.name, () => {
        const lowered = lowerElementWise(this.#parsed, types, this.#globals, target);
        const { kernel, routines } = lowered;
        return { lowered, executable: makeExecutable(kernel, { routines, name: this.name }) };
      });
      this.#compiled.set(key, compiled);
      const signature = `(${types.map(nameOf).join(', ')})`;
      const { kernel, routines } = compiled.lowered;
      if (!this.#listed.has(signature))
        this.#listed.set(signature, { signature, kernel, routines, executable: compiled.executable });
    }
    return compiled;
  }
}

/** What is no argument of a function of elements. */
export function wrongElement(name: string, arg: unknown, index: number): UserError {
  return new UserError('JIT008', `argument ${index + 1} of ${name} cannot be ${showValue(arg)}`, {
    note: 'functions of elements take arrays of heddle, or typed arrays, and beside them numbers, booleans and bigints',
    fix: Array.isArray(arg) ? 'make it an array: asarray(values)' : 'give one of those',
  });
}

const isSamePlace = (a: HeapArray, b: HeapArray): boolean =>
  a.buffer === b.buffer && a.byteOffset === b.byteOffset && a.BYTES_PER_ELEMENT === b.BYTES_PER_ELEMENT;

const isFarFrom = (a: HeapArray, b: HeapArray): boolean => new Set(aliasClassesOf([a, b])).size === 2;
