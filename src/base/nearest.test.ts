// Did you mean …? The table's distance is held against the recursive definition of the same distance; suggestions against the words
// that people mistype.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { editDistance, nearest } from './nearest.js';

/** The definition, word for word: exponential, so for short words only. */
function defined(a: string, b: string): number {
  if (a === '' || b === '') return a.length + b.length;
  const [restA, restB] = [a.slice(1), b.slice(1)];
  const swapped = a.length > 1 && b.length > 1 && a[0] === b[1] && a[1] === b[0];
  return Math.min(
    defined(restA, restB) + (a[0] === b[0] ? 0 : 1),
    defined(restA, b) + 1,
    defined(a, restB) + 1,
    swapped ? defined(a.slice(2), b.slice(2)) + 1 : Infinity,
  );
}

// Few letters, so that equal and swapped ones are frequent.
const word = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 6 });

describe('editDistance', () => {
  test.each([
    ['', '', 0],
    ['pi', 'pi', 0],
    ['pu', 'pi', 1],
    ['ip', 'pi', 1],
    ['srot', 'sort', 1],
    ['kitten', 'sitting', 3],
    ['', 'sum', 3],
    // Swapped letters are not changed again: that is the "optimal string alignment".
    ['ca', 'abc', 3],
  ])('from %j to %j is %i', (a, b, distance) => {
    expect(editDistance(a, b)).toBe(distance);
  });

  test('is what its definition says', () => {
    fc.assert(
      fc.property(word, word, (a, b) => {
        expect(editDistance(a, b)).toBe(defined(a, b));
      }),
    );
  });

  test('is symmetric, 0 only for equal words, and at least the difference in length', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (a, b) => {
        const distance = editDistance(a, b);
        expect(editDistance(b, a)).toBe(distance);
        expect(distance === 0).toBe(a === b);
        expect(distance).toBeGreaterThanOrEqual(Math.abs(a.length - b.length));
        expect(distance).toBeLessThanOrEqual(Math.max(a.length, b.length));
      }),
    );
  });
});

describe('nearest', () => {
  const commands = ['pi', 'sum', 'sort', 'measure', 'explain', 'info'];
  test.each([
    ['pu', 'pi'],
    ['PI', 'pi'],
    ['srot', 'sort'],
    ['mesure', 'measure'],
    ['explian', 'explain'],
    ['inf', 'info'],
    ['sun', 'sum'],
    ['frobnicate', undefined],
    ['', undefined],
    ['measurement', undefined],
  ])('%j means %j', (typed, meant) => {
    expect(nearest(typed, commands)).toBe(meant);
  });

  test('nothing is near where nothing is known', () => {
    expect(nearest('pi', [])).toBeUndefined();
  });

  test('of equally near names the first is taken', () => {
    expect(nearest('sut', ['sum', 'sub'])).toBe('sum');
  });

  test('a known name is its own nearest, whatever its case', () => {
    fc.assert(
      fc.property(fc.constantFrom(...commands), (name) => {
        expect(nearest(name.toUpperCase(), commands)).toBe(name);
      }),
    );
  });
});
