// What the numbers that statements and checks carry through the compiler mean in the person's text: loops, by their source ids, and
// accesses of elements, by the sites of their checks. Passes hand the numbers on; explain.ts reads them.
import type { Node } from 'acorn';
import type { SourceId } from '../ir/nodes.js';
import type { FunctionSource } from './parse.js';

/** A node, and the function's text in which it stands. */
export interface NodePlace {
  readonly source: FunctionSource;
  readonly node: Node;
}

/** An access `array[index]`, or that to an array with a shape, whose place may have to be checked: the node is that of the index. */
export interface AccessPlace extends NodePlace {
  readonly array: string;
  /** Of an array with a shape. */
  readonly axis?: number;
}

export class Places {
  /** Loops, by their ids. */
  readonly loops: NodePlace[] = [];
  readonly accesses = new Map<number, AccessPlace>();
  readonly #ids = new Map<Node, SourceId>();

  /** The same for each time that a loop is written out. */
  loop(source: FunctionSource, node: Node): SourceId {
    const known = this.#ids.get(node);
    if (known !== undefined) return known;
    const id = this.loops.push({ source, node }) - 1;
    this.#ids.set(node, id);
    return id;
  }
}
