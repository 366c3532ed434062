// A module in WebAssembly's text format, for people (and for tests, which assemble it again with another tool).
import { instructionFormats } from './instructions.js';
import type { Instruction } from './instructions.js';
import type { ValueType, WasmFunction, WasmModule } from './module.js';

export function printWat({ memory, functions }: WasmModule): string {
  const lines = ['(module'];
  if (memory !== undefined) {
    const { initialPages, maximumPages, isShared } = memory;
    const limits = [initialPages, maximumPages, isShared ? 'shared' : undefined]
      .filter((part) => part !== undefined)
      .join(' ');
    lines.push(`  (import "env" "memory" (memory ${limits}))`);
  }
  for (const f of functions) lines.push(...printFunction(f, functions));
  return `${lines.join('\n')})\n`;
}

function printFunction(f: WasmFunction, functions: readonly WasmFunction[]): string[] {
  const list = (word: string, types: readonly ValueType[]): string =>
    types.length === 0 ? '' : ` (${word} ${types.join(' ')})`;
  const exported = f.isExported ? ` (export ${JSON.stringify(f.name)})` : '';
  const lines = [`  (func $${f.name}${exported}${list('param', f.type.parameters)}${list('result', f.type.results)}`];
  if (f.locals.length > 0) lines.push(`   ${list('local', f.locals)}`);
  let depth = 2;
  for (const instruction of f.body) {
    const [name] = instruction;
    if (name === 'end' || name === 'else') depth--;
    lines.push('  '.repeat(depth) + printInstruction(instruction, functions));
    if (['block', 'loop', 'if', 'else'].includes(name)) depth++;
  }
  lines[lines.length - 1] += ')';
  return lines;
}

function printInstruction([name, ...immediates]: Instruction, functions: readonly WasmFunction[]): string {
  const [first, second, third] = immediates;
  switch (instructionFormats.get(name)?.immediate) {
    case 'block':
      return first === undefined ? name : `${name} (result ${first})`;
    case 'memory':
      return `${name} offset=${first} align=${second}`;
    case 'memoryLane':
      return `${name} offset=${first} align=${second} ${third}`;
    case 'f32':
    case 'f64':
      return `${name} ${printFloat(Number(first))}`;
    case 'bytes':
      return `${name} ${name === 'v128.const' ? 'i8x16 ' : ''}${immediates.join(' ')}`;
    case 'twoIndices':
      return name;
    case 'index':
      if (name === 'call') return `call $${functions[Number(first)]!.name}`;
      return name === 'memory.fill' ? name : `${name} ${first}`;
    default:
      return [name, ...immediates].join(' ');
  }
}

function printFloat(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (Object.is(value, -0)) return '-0';
  return Number.isFinite(value) ? String(value) : value > 0 ? 'inf' : '-inf';
}
