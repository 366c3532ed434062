// What Node's console shows of our results: what they say of themselves. The method stands in a class of its own because its computed name
// keeps a class in every bundle: esbuild cannot know that Symbol.for has no effects. So one small class stays, and not four large ones.

/** Shown by `console.log` in Node as its `toString` says. */
export abstract class Printable {
  abstract toString(): string;

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.toString();
  }
}
