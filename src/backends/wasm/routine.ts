// Routines of pure operations, branches and calls → a WebAssembly module without memory, in which each is a function of its parameters: what plain
// programs call the mathematical functions by. Every value gets a local of its own.
import { UnsupportedError } from '../../base/errors.js';
import { Constant } from '../../ir/nodes.js';
import type { Operand, Pure, Region, Routine, Statement, Value } from '../../ir/nodes.js';
import { elementOf, lanesOf } from '../../ir/types.js';
import type { Type } from '../../ir/types.js';
import type { Instruction } from './encode/instructions.js';
import type { ValueType, WasmFunction, WasmModule } from './encode/module.js';
import { pureInstructions } from './pure.js';

/**
 * All routines are exported by their names.
 *
 * @throws {UnsupportedError} WASM002 for a statement that is none of those above
 */
export function compileRoutines(routines: readonly Routine[]): WasmModule {
  const indices = new Map(routines.map(({ name }, index) => [name, index]));
  return { memory: undefined, functions: routines.map((routine) => compileRoutine(routine, indices)) };
}

const notYet = (what: string): UnsupportedError =>
  new UnsupportedError('WASM002', `the WebAssembly backend cannot compile ${what} as a function yet`, {
    fix: 'interpret the program',
  });

function wasmType(type: Type): ValueType {
  const element = elementOf(type);
  if (lanesOf(type) > 1) throw notYet(type);
  return element === 'bool' ? 'i32' : element;
}

function compileRoutine(routine: Routine, indices: ReadonlyMap<string, number>): WasmFunction {
  const { name, parameters, results } = routine;
  const places = new Map<Value, number>(parameters.map((value, index) => [value, index]));
  const locals: ValueType[] = [];
  const body: Instruction[] = [];

  const push = (operand: Operand): void => {
    if (!(operand instanceof Constant)) {
      body.push(['local.get', places.get(operand)!]);
      return;
    }
    const { type, value } = operand;
    const element = elementOf(type);
    body.push(element === 'bool' ? ['i32.const', Number(value)] : [`${element}.const`, value as number | bigint]);
  };
  const pop = (value: Value): void => {
    let place = places.get(value);
    if (place === undefined) {
      place = parameters.length + locals.length;
      locals.push(wasmType(value.type));
      places.set(value, place);
    }
    body.push(['local.set', place]);
  };

  const pure = ({ operation, over, operands, result }: Pure): void => {
    if (operation === 'select') {
      const [condition, yes, no] = operands;
      for (const operand of [yes!, no!, condition!]) push(operand);
      body.push(['select']);
      return pop(result);
    }
    const instructions = pureInstructions(operation, elementOf(over));
    if (instructions === undefined) throw notYet(`${operation} over ${over}`);
    for (const operand of operands) push(operand);
    body.push(...instructions);
    return pop(result);
  };

  const statement = (one: Statement): void => {
    switch (one.kind) {
      case 'pure':
        return pure(one);
      case 'call': {
        const index = indices.get(one.callee);
        if (index === undefined) throw notYet(`a call of @${one.callee}, which is not among the routines`);
        for (const operand of one.operands) push(operand);
        body.push(['call', index]);
        return one.results.toReversed().forEach(pop);
      }
      case 'if':
        push(one.condition);
        body.push(['if']);
        region(one.consequent, one.results);
        body.push(['else']);
        region(one.alternate, one.results);
        body.push(['end']);
        return;
      default:
        throw notYet(`the statement ${one.kind} of a routine`);
    }
  };

  /** A branch ends with its results in the locals that they have behind it, or returns. */
  const region = ({ statements, terminator }: Region, yielded: readonly Value[]): void => {
    statements.forEach(statement);
    if (terminator.kind !== 'yield' && terminator.kind !== 'return') throw notYet(`${terminator.kind} in a routine`);
    terminator.operands.forEach(push);
    if (terminator.kind === 'return') body.push(['return']);
    else yielded.toReversed().forEach(pop);
  };
  region(routine.body, []);
  return {
    name,
    type: { parameters: parameters.map(({ type }) => wasmType(type)), results: results.map(wasmType) },
    locals,
    body,
    isExported: true,
  };
}
