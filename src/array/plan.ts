// Which kernels compute some nodes, in which order: each step is one kernel, run once or for every place of a few outer dimensions. An
// expression is cut where a result of a large reduction or of a concatenation is needed for each element, and where random numbers are
// not used in the order in which they are drawn; all else is fused into the step that stores or reduces it.
import { canTakeColumns, columnSteps } from './column-steps.js';
import type { DType } from './dtypes.js';
import { apply, operandsOf, wholeAccess } from './expressions.js';
import type { Definition, Node, Stored } from './expressions.js';
import { Fusion, isWrittenOut } from './fuse.js';
import type { Affine, DrawLeaf, DrawWindow, Instruction } from './fuse.js';
import { baseOf, collapse, outerDimensions, touched } from './iteration.js';
import type { Space, Written } from './iteration.js';
import { formOf, kernelOf, namesOf, reductionNames } from './kernel-form.js';
import type { BufferForm, InstructionForm, KernelForm, ReductionForm, StrideForm } from './kernel-form.js';
import { isContiguous, reshapeStrides, sizeOf, stridesOf } from './layout.js';
import type { Shape } from './layout.js';
import { Place } from './place.js';
import { goesOn, ownStep } from './step.js';
import type { Step, StepBuffer, StepScalar } from './step.js';
import { partialsOf, reductionsTogether, rootsTogether } from './together.js';
import type { Reduce } from './together.js';
import { permuteDims } from './views.js';

type Kernels = Extract<Definition, { kind: 'kernels' }>;

/** Graphs deeper than this are stored in between, as a kernel cannot be any size. */
const mostDepth = 200;

export class Plan {
  readonly steps: Step[] = [];
  /** What the plan stores, besides what it was asked for. */
  readonly places: Place[] = [];
  readonly #planned = new Map<Node, Stored>();
  readonly #copies = new Map<Node, Node>();
  readonly #windows = new Map<Node, DrawWindow>();

  /** Nodes that the plan has come across and stores. */
  get stored(): ReadonlyMap<Node, Stored> {
    return this.#planned;
  }

  /** Sees to it that the node is stored, and says where. */
  store(node: Node, reason = 'this array is asked for'): Stored {
    const before = this.#whereIs(node);
    if (before !== undefined) return before;
    this.#storeDeepOperands(node);
    const stored = this.#alias(node) ?? this.#storeNew(node, reason);
    this.#planned.set(node, stored);
    return stored;
  }

  /** The same for several; what one pass can give together is computed together. */
  storeAll(roots: readonly Node[]): void {
    const isShallow = roots.every(({ depth }) => depth <= mostDepth);
    const isStored = (node: Node): boolean => this.#whereIs(node) !== undefined;
    if (isShallow) {
      for (const group of reductionsTogether(roots, isStored)) this.#storeReductions(group);
      for (const group of rootsTogether(roots, isStored)) this.#storeGroup(group);
    }
    for (const root of roots) this.store(root);
  }

  #storeReductions(nodes: readonly Node[]): void {
    const definitions = nodes.map(({ definition }) => definition as Reduce);
    const [{ source: first, axes }] = definitions as [Reduce];
    const isReduced = first.shape.map((_, axis) => axes.includes(axis));
    const targets = nodes.map((node) => this.#newPlace(node.dtype, node.shape));
    const outputs = targets.map(({ offset, strides }) => {
      let kept = 0;
      return { offset, strides: isReduced.map((reduced) => (reduced ? 0 : strides[kept++]!)) };
    });
    const sources = definitions.map(({ source }) => source);
    const partials = partialsOf(definitions[0]!);
    const space = this.#space(sources, isReduced, outputs, partials === 16);
    // With too many dimensions each is stored by itself.
    if (space === undefined) return;
    const forms = definitions.map(({ operator, source: { dtype } }) => ({ operator, dtype, partials }));
    const places = targets.map(({ place }) => place);
    this.#addReductions(space, places, forms, `one pass gives these ${nodes.length} reductions`);
    for (const [index, node] of nodes.entries()) this.#planned.set(node, targets[index]!);
  }

  #storeGroup(nodes: readonly Node[]): void {
    const targets = nodes.map((node) => this.#newPlace(node.dtype, node.shape));
    const isReduced = nodes[0]!.shape.map(() => false);
    const space = this.#space(nodes, isReduced, targets, false);
    const places = targets.map(({ place }) => place);
    const nothing = nodes.map(() => null);
    this.#addStep(space!, places, nothing, `one pass gives these ${nodes.length} arrays`);
    for (const [index, node] of nodes.entries()) this.#planned.set(node, targets[index]!);
  }

  /** Stores the node's elements where `target` says. */
  storeInto(node: Node, target: Stored, reason: string): void {
    this.#storeDeepOperands(node);
    this.#storeElements(node, target, reason);
  }

  readonly #cut = (node: Node, wantsContiguous: boolean): Stored => {
    const reason = reasonFor(node);
    const stored = this.store(node, reason);
    if (!wantsContiguous || isContiguous(node.shape, stored.strides)) return stored;
    let copy = this.#copies.get(node);
    if (copy === undefined) this.#copies.set(node, (copy = apply('cast', node.dtype, node.shape, [node])));
    return this.store(copy, 'another shape needs its elements to follow each other');
  };

  readonly #whereIs = (node: Node): Stored | undefined => {
    const { definition } = node;
    if (definition.kind !== 'stored') return this.#planned.get(node);
    definition.place.assertAlive();
    return definition;
  };

  /** The same, where what is made by kernels of its own is stored for that. */
  #whereOrOwn(node: Node): Stored | undefined {
    const before = this.#whereIs(node);
    return (
      before ?? (node.definition.kind === 'kernels' && node.size > 0 ? this.store(node, reasonFor(node)) : undefined)
    );
  }

  #storeDeepOperands(root: Node): void {
    if (root.depth <= mostDepth) return;
    const deep: Node[] = [];
    const seen = new Set<Node>();
    const open = [root];
    for (let node = open.pop(); node !== undefined; node = open.pop()) {
      if (seen.has(node) || node.depth < mostDepth) continue;
      seen.add(node);
      if (node !== root && node.depth % mostDepth === 0) deep.push(node);
      open.push(...operandsOf(node.definition));
    }
    for (const node of deep.sort((a, b) => a.depth - b.depth)) {
      if (this.#whereIs(node) === undefined)
        this.#planned.set(node, this.#storeNew(node, 'the expression is too deep for one kernel'));
    }
  }

  /** A view of what is stored is stored. */
  #alias(node: Node): Stored | undefined {
    const { definition } = node;
    if (definition.kind === 'view') {
      const source = this.#whereOrOwn(definition.source);
      if (source === undefined) return undefined;
      let { offset } = source;
      const strides = node.shape.map(() => 0);
      for (const [axis, map] of definition.access.entries()) {
        offset += source.strides[axis]! * map.offset;
        if (map.axis >= 0) strides[map.axis]! += source.strides[axis]! * map.step;
      }
      return { kind: 'stored', place: source.place, strides, offset };
    }
    if (definition.kind === 'reshape') {
      const source = this.#whereOrOwn(definition.source);
      const strides = source && reshapeStrides(definition.source.shape, source.strides, node.shape);
      return strides && { ...source, strides };
    }
    return undefined;
  }

  #newPlace(dtype: DType, shape: Shape): Stored {
    const place = new Place(dtype, sizeOf(shape));
    this.places.push(place);
    return { kind: 'stored', place, strides: stridesOf(shape), offset: 0 };
  }

  #storeNew(node: Node, reason: string): Stored {
    const { definition } = node;
    if (node.size > 0 && definition.kind === 'kernels') return this.#storeOwn(node, definition, reason);
    const target = this.#newPlace(node.dtype, node.shape);
    this.#storeElements(node, target, reason);
    return target;
  }

  #storeElements(node: Node, target: Stored, reason: string): void {
    if (node.size === 0) return;
    const { definition } = node;
    if (definition.kind === 'concat') {
      let offset = target.offset;
      for (const part of definition.parts) {
        this.storeInto(part, { ...target, offset }, `${reason}; one of its parts`);
        offset += part.shape[definition.axis]! * target.strides[definition.axis]!;
      }
    } else if (definition.kind === 'reduce' && !isWrittenOut(definition.operator, definition.source, definition.axes))
      this.#storeReduction(definition, target, reason);
    else {
      const output = { offset: target.offset, strides: target.strides };
      const space = this.#space(
        [node],
        node.shape.map(() => false),
        [output],
        false,
      );
      // Where nothing is reduced, there is always room: dimensions that are too many are left to a loop around the kernel.
      this.#addStep(space!, [target.place], [null], reason);
    }
  }

  /** Where its elements lie is where its kernels put them: a whole place, or a part of a larger one. */
  #storeOwn(node: Node, { operands, own }: Kernels, reason: string): Stored {
    const stored = operands.map((operand) => this.#cut(operand, own.takesStrides !== true));
    const whole = this.#newPlace(node.dtype, own.padded ?? node.shape);
    const room = (dtype: DType, length: number): Stored => this.#newPlace(dtype, [length]);
    const steps = own.steps(stored, whole, room);
    for (const [index, step] of steps.entries()) this.steps.push(ownStep(step, index === 0 ? reason : goesOn));
    return whole;
  }

  #storeReduction(definition: Reduce, target: Stored, reason: string): void {
    const { operator, source, axes } = definition;
    let kept = 0;
    const strides = source.shape.map((_, axis) => (axes.includes(axis) ? 0 : target.strides[kept++]!));
    const isReduced = source.shape.map((_, axis) => axes.includes(axis));
    const partials = partialsOf(definition);
    const output = { offset: target.offset, strides };
    const reduction = { operator, dtype: source.dtype, partials } as const;
    const space = this.#space([source], isReduced, [output], partials === 16);
    if (space !== undefined) return this.#addReductions(space, [target.place], [reduction], reason);
    // With the axes that are kept in front, and elements that follow each other, two dimensions are left.
    const order = source.shape
      .map((_, axis) => axis)
      .sort((a, b) => Number(isReduced[a]) - Number(isReduced[b]) || a - b);
    const ordered = permuteDims(source, order);
    const copy = apply('cast', ordered.dtype, ordered.shape, [ordered]);
    this.store(copy, 'a kernel has at most 4 dimensions, and this reduction would have more');
    const moved = { offset: output.offset, strides: order.map((axis) => strides[axis]!) };
    const smaller = this.#space(
      [copy],
      order.map((axis) => isReduced[axis]!),
      [moved],
      partials === 16,
    );
    this.#addReductions(smaller!, [target.place], [reduction], reason);
  }

  /** The space of some nodes' elements, with everything written out for one of each; undefined where it has too many dimensions. */
  #space(
    nodes: readonly Node[],
    isReduced: readonly boolean[],
    outputs: readonly Affine[],
    wantsReducedLast: boolean,
  ): Written | undefined {
    const { shape } = nodes[0]!;
    const access = wholeAccess(shape);
    for (;;) {
      const fusion = new Fusion(shape.length, { find: this.#whereIs, cut: this.#cut }, this.#windows);
      const results = nodes.map((node) => fusion.build(node, access));
      const space = collapse(shape, isReduced, fusion.instructions, outputs, wantsReducedLast);
      const outer = outerDimensions(space);
      if (outer !== undefined) return { ...space, outer, results };
      const draws = space.instructions.filter((instruction) => instruction.kind === 'draw');
      if (draws.length === 0) return undefined;
      this.#storeDraws(draws, space.extents);
    }
  }

  /** Stores what a space needs of random arrays that it cannot draw in their order. */
  #storeDraws(draws: readonly DrawLeaf[], extents: readonly number[]): void {
    const byNode = new Map<Node, DrawLeaf[]>();
    for (const draw of draws) byNode.set(draw.node, [...(byNode.get(draw.node) ?? []), draw]);
    for (const [node, uses] of byNode) {
      const all = uses.map((use) => touched(use, extents));
      const firstRow = Math.min(...all.map((each) => each.firstRow));
      const rows = Math.max(...all.map((each) => each.endRow)) - firstRow;
      const firstColumn = Math.min(...all.map((each) => each.firstColumn));
      const columns = Math.max(...all.map((each) => each.endColumn)) - firstColumn;
      const { place } = this.#newPlace(node.dtype, [rows, columns]);
      const strides = [columns, 1];
      const row = { offset: firstRow, strides: [1, 0] };
      const column = { offset: firstColumn, strides: [0, 1] };
      const instructions: Instruction[] = [{ ...uses[0]!, row, column }];
      const space = collapse([rows, columns], [false, false], instructions, [{ offset: 0, strides }], false);
      const outer = space.extents.length - 1;
      this.#addStep(
        { ...space, outer, results: [0] },
        [place],
        [null],
        'its random numbers are not used in the order in which they are drawn',
      );
      this.#windows.set(node, { place, firstRow, firstColumn, columns });
    }
  }

  /** What a kernel of the space reads, as forms and as the numbers of this time. */
  #formsOf({ outer, extents, instructions }: Space, targets: readonly Place[]) {
    const outerOf = ({ offset, strides }: Affine): Affine => ({ offset, strides: strides.slice(0, outer) });
    const innerForms = ({ strides }: Affine): StrideForm[] => strides.slice(outer).map(formOf);
    const moves = ({ strides }: Affine): StepScalar[] =>
      strides.slice(outer).flatMap((stride) => (formOf(stride) === 's' ? [{ value: BigInt(stride) }] : []));
    const scalars: StepScalar[] = extents.slice(outer).map((extent) => ({ value: BigInt(extent) }));
    const own: StepScalar[] = [];
    const buffers: StepBuffer[] = [];
    const bufferForms: BufferForm[] = [];
    const inPlace: (number | null)[] = targets.map(() => null);
    const forms = instructions.map((instruction): InstructionForm => {
      switch (instruction.kind) {
        case 'load': {
          const { place, dtype, at } = instruction;
          const target = targets.indexOf(place);
          if (target >= 0) inPlace[target] = buffers.length;
          buffers.push({ place, at: outerOf(at) });
          bufferForms.push({ dtype, strides: innerForms(at) });
          scalars.push(...moves(at));
          return { kind: 'load', buffer: buffers.length - 1 };
        }
        case 'scalar':
          own.push({ value: instruction.value });
          return { kind: 'scalar', dtype: instruction.dtype };
        case 'iota': {
          const { offset, strides } = outerOf(instruction.at);
          own.push({ value: BigInt(offset), strides }, ...moves(instruction.at));
          return { kind: 'iota', strides: innerForms(instruction.at) };
        }
        case 'draw': {
          const { offset, strides } = outerOf(baseOf(instruction));
          own.push({ value: BigInt.asIntN(64, instruction.key) }, { value: BigInt(offset), strides });
          return { kind: 'draw', dtype: instruction.dtype };
        }
        case 'apply':
          return instruction;
      }
    });
    return { outerOf, innerForms, moves, scalars, own, buffers, bufferForms, inPlace, forms };
  }

  /** A step that gives reductions; where the last axis is kept its columns are put together side by side. */
  #addReductions(
    space: Written,
    targets: readonly Place[],
    reductions: readonly ReductionForm[],
    reason: string,
  ): void {
    if (!canTakeColumns(space, targets, reductions)) return this.#addStep(space, targets, reductions, reason);
    const { scalars, own, buffers, bufferForms, forms } = this.#formsOf(space, targets);
    const read = { scalars: [...scalars, ...own], buffers, bufferForms, forms };
    const room = (dtype: DType, length: number): Place => this.#newPlace(dtype, [length]).place;
    this.steps.push(...columnSteps(space, read, targets, reductions, reason, room));
  }

  #addStep(
    space: Written,
    targets: readonly Place[],
    reductions: readonly (ReductionForm | null)[],
    reason: string,
  ): void {
    const { outer, extents, isReduced, outputs, results } = space;
    const { outerOf, innerForms, moves, scalars, own, buffers, bufferForms, inPlace, forms } = this.#formsOf(
      space,
      targets,
    );
    const kept = (d: number): boolean => !isReduced[outer + d];
    for (const [index, output] of outputs.entries()) {
      buffers.push({ place: targets[index]!, at: outerOf(output) });
      bufferForms.push({ dtype: targets[index]!.dtype, strides: innerForms(output) });
      scalars.push(...moves(output));
    }
    scalars.push(...own);
    const form: KernelForm = {
      dimensions: isReduced.slice(outer).map((_, d) => (kept(d) ? 'kept' : 'reduced')),
      buffers: bufferForms,
      instructions: forms,
      outputs: results.map((result, index) => ({
        result,
        reduction: reductions[index]!,
        inPlace: inPlace[index]!,
      })),
    };
    const key = JSON.stringify(form);
    const work = extents.reduce((product, extent) => product * extent, 1);
    this.steps.push({
      key,
      kernel: () => kernelOf(form),
      outer: extents.slice(0, outer),
      buffers,
      scalars,
      work,
      reason,
      does: () =>
        namesOf(
          forms,
          reductions.flatMap((each) => (each === null ? [] : [each.operator])),
        ),
    });
  }
}

function reasonFor({ definition }: Node): string {
  switch (definition.kind) {
    case 'reduce':
      return `its ${reductionNames[definition.operator]} is needed for each element`;
    case 'concat':
      return 'its parts are stored side by side';
    case 'kernels':
      return definition.own.reason;
    case 'apply':
      return 'its elements are needed more than once, and reading them is cheaper than computing them';
    default:
      return 'another shape needs its elements';
  }
}
