// The text of a routine without branches and loops → the routine, as the reader of the kernel language would give it. A function that uses
// Math.sin waits for its text to be read when it is first called; the reader, which knows all of the language and the place of every
// mistake, takes six times as long there. These texts are ours, and a test holds both against each other.
import { Constant, Value } from '../nodes.js';
import type { Operand, Routine, Statement } from '../nodes.js';
import { signatureOf } from '../operations.js';
import type { OperationName, Scalar } from '../operations.js';
import type { Type } from '../types.js';

const header = /^routine @([\w.]+)\((.*)\) -> \((.*)\) \{$/;
const call = / = call @([\w.]+) \[(.*)\]$/;

const listed = (text: string): string[] => (text === '' ? [] : text.split(', '));

function scalarOf(text: string, type: Type): Scalar {
  if (type === 'bool') return text === 'true';
  if (type === 'i64') return BigInt(text);
  return Number(text.replace('inf', 'Infinity').replace('nan', 'NaN'));
}

class Lines {
  readonly #values = new Map<string, Value>();

  define(name: string, type: Type): Value {
    const value = new Value(type, name.slice(1));
    this.#values.set(name, value);
    return value;
  }

  /** `%x: f64` */
  defineTyped = (text: string): Value => {
    const colon = text.indexOf(':');
    return this.define(text.slice(0, colon), text.slice(colon + 2) as Type);
  };

  /** `%x`, `1.0`, or `1.0:f64` where nothing else tells the type. */
  operand(text: string, type: Type | undefined): Operand {
    if (text.startsWith('%')) return this.#values.get(text)!;
    const colon = text.indexOf(':');
    if (colon < 0) return new Constant(type!, scalarOf(text, type!));
    const own = text.slice(colon + 1) as Type;
    return new Constant(own, scalarOf(text.slice(0, colon), own));
  }

  statement(line: string): Statement {
    if (line.includes('= call @')) {
      const called = call.exec(line)!;
      const [, callee, given] = called as unknown as [string, string, string];
      const results = line.slice(0, called.index);
      const operands = listed(given).map((each) => this.operand(each, undefined));
      return {
        kind: 'call',
        callee,
        operands,
        streams: [],
        results: listed(results).map(this.defineTyped),
        source: -1,
      };
    }
    // %z = add.f64 %x %y
    const words = line.split(' ');
    const [operation, over] = words[2]!.split('.') as [OperationName, Type];
    const signature = signatureOf(operation, over)!;
    const operands = signature.operands.map((type, index) => this.operand(words[index + 3]!, type));
    return { kind: 'pure', operation, over, operands, result: this.define(words[0]!, signature.result), source: -1 };
  }
}

/** Undefined for a routine with branches or loops. */
export function readLines(text: string): Routine | undefined {
  const [first, ...lines] = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith(';'));
  const [, name, given, returned] = header.exec(first!) as unknown as [string, string, string, string];
  // Regions have lines of their own that end with a brace.
  if (lines.slice(0, -1).some((line) => line.endsWith('{'))) return undefined;
  const reading = new Lines();
  const parameters = listed(given).map(reading.defineTyped);
  const results = listed(returned) as Type[];
  const statements = lines.slice(0, -2).map((line) => reading.statement(line));
  const handed = listed(lines.at(-2)!.slice('return ['.length, -1));
  const operands = handed.map((each, index) => reading.operand(each, results[index]));
  return { name, parameters, streams: [], results, body: { statements, terminator: { kind: 'return', operands } } };
}
