// The short way for the most usual work: element-wise operations on stored arrays of one shape and on numbers. It is the same kernel that the
// plan would come to, but found by a name that is put together in one walk, as planning takes longer than working on a short array.
import type { Scalar } from '../ir/operations.js';
import type { DType } from './dtypes.js';
import type { Node, Stored } from './expressions.js';
import { kernelOf } from './kernel-form.js';
import type { BufferForm, InstructionForm } from './kernel-form.js';
import { isContiguous, isSameShape, stridesOf } from './layout.js';
import { Place } from './place.js';
import type { Executable } from '../runtime/executable.js';

/** More operations are worth a plan. */
const mostInstructions = 12;

class Walk {
  readonly buffers: Stored[] = [];
  readonly scalars: Scalar[];
  readonly #node: Node;
  key = 'quick';
  #instructions = 0;

  constructor(node: Node) {
    this.#node = node;
    this.scalars = [BigInt(node.size)];
  }

  /** Whether all of it can go the short way. */
  visit(node: Node): boolean {
    if (++this.#instructions > mostInstructions) return false;
    const { definition } = node;
    switch (definition.kind) {
      case 'scalar':
        this.scalars.push(definition.value);
        this.key += ` c:${node.dtype}`;
        return true;
      case 'stored':
        if (!isSameShape(node.shape, this.#node.shape) || !isContiguous(node.shape, definition.strides)) return false;
        definition.place.assertAlive();
        this.buffers.push(definition);
        this.key += ` a:${node.dtype}`;
        return true;
      case 'apply':
        this.key += ` (${definition.operation}:${node.dtype}`;
        for (const operand of definition.operands) if (!this.visit(operand)) return false;
        this.key += ')';
        return true;
      default:
        return false;
    }
  }
}

/** Computes and stores the node, if it is of that kind; `executables` keeps what was compiled. */
export function computeQuickly(
  node: Node,
  executables: Map<string, Executable>,
  compile: (kernel: ReturnType<typeof kernelOf>) => Executable,
): boolean {
  if (node.definition.kind !== 'apply' || node.size === 0) return false;
  const walk = new Walk(node);
  if (!walk.visit(node)) return false;
  let executable = executables.get(walk.key);
  if (executable === undefined) executables.set(walk.key, (executable = compile(kernelOf(formOf(node)))));
  const place = new Place(node.dtype, node.size);
  const addresses = walk.buffers.map((stored) => stored.place.addressOf(stored.offset));
  addresses.push(place.addressOf(0));
  executable.call(walk.scalars, addresses);
  node.store({ kind: 'stored', place, strides: stridesOf(node.shape), offset: 0 });
  return true;
}

/** Buffers and numbers in the order in which the walk meets them. */
function formOf(root: Node): Parameters<typeof kernelOf>[0] {
  const buffers: BufferForm[] = [];
  const instructions: InstructionForm[] = [];
  const add = (instruction: InstructionForm): number => instructions.push(instruction) - 1;
  const visit = (node: Node): number => {
    const { definition, dtype } = node;
    if (definition.kind === 'scalar') return add({ kind: 'scalar', dtype });
    if (definition.kind === 'apply') {
      const operands = definition.operands.map(visit);
      const from: DType[] = definition.operands.map((operand) => operand.dtype);
      return add({ kind: 'apply', operation: definition.operation, from, dtype, operands });
    }
    return add({ kind: 'load', buffer: buffers.push({ dtype, strides: ['1'] }) - 1 });
  };
  const result = visit(root);
  buffers.push({ dtype: root.dtype, strides: ['1'] });
  return { dimensions: ['kept'], buffers, instructions, outputs: [{ result, reduction: null, inPlace: null }] };
}
