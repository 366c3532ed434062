// Loops with checks, before and after, called with numbers around the places where a check begins to fail and where integers wrap.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { interpret, readProgram, verify } from '../ir/index.js';
import type { Program } from '../ir/index.js';
import { hoistChecks } from './hoist-checks.js';
import { removeChecks } from './remove-checks.js';
import { shareExpressions } from './share-expressions.js';
import { simplify } from './simplify.js';

const factors = fc.constantFrom(-64, -3, -1, 0, 1, 2, 5, 64);
const numbers = fc.oneof(
  fc.bigInt(-12n, 40n),
  fc
    .tuple(fc.constantFrom(53n, 57n, 60n, 62n), fc.bigInt(-2n, 2n), fc.constantFrom(1n, -1n))
    .map(([power, offset, sign]) => sign * (2n ** power + offset)),
  fc.constantFrom(2n ** 63n - 1n, -(2n ** 63n)),
);
const ends = fc.constantFrom('%m', '%i', '%end', '3');

/** Places are a·i + b·j + k, in a nest of which the inner loop may end where the outer one is. */
const program = fc.record({ a: factors, b: factors, shift: factors, end: ends, isStrict: fc.boolean() }).map(
  ({ a, b, shift, end, isStrict }) => `kernel @k(%n: i64, %m: i64, %k: i64, %length: i64) -> (i64) {
  body {
    %s: i64 = for @outer %i < %n (%v: i64 = 0) {
      %end = add.i64 %i ${shift}
      %row = mul.i64 %i ${a}
      %start = add.i64 %row %k
      %t: i64 = for @inner %j < ${end} (%w: i64 = %v) {
        %column = mul.i64 %j ${b}
        %p = add.i64 %start %column
        %isAfter = ge.i64 %p 0
        %isBefore = ${isStrict ? 'lt' : 'ge'}.i64 ${isStrict ? '%p %length' : '%length %p'}
        %isIn = and.bool %isAfter %isBefore
        check %isIn site 7 index %p length %length
        %u = add.i64 %w %p
        %isLate = gt.i64 %j 20
        if %isLate {
          break @inner [%u]
        } else {
          yield []
        }
        yield [%u]
      }
      %isLast = gt.i64 %i 20
      if %isLast {
        break @outer [%t]
      } else {
        yield []
      }
      yield [%t]
    }
    return [%s]
  }
}
`,
);

const apply = (before: Program, passes: readonly (typeof hoistChecks)[]): Program => ({
  ...before,
  kernels: before.kernels.map((kernel) => passes.reduce((so, { run }) => run(so), kernel)),
});

it.each([
  ['hoisted', [hoistChecks]],
  ['removed', [removeChecks]],
  ['removed, hoisted and simplified', [simplify, removeChecks, shareExpressions, hoistChecks, simplify]],
])('checks that are %s fail where they did', (_, passes) => {
  fc.assert(
    fc.property(program, fc.array(fc.tuple(numbers, numbers, numbers, numbers), { minLength: 8 }), (text, calls) => {
      const before = readProgram(text);
      const after = apply(before, passes);
      expect(verify(after)).toEqual([]);
      for (const scalars of calls) {
        const [wanted, found] = [before, after].map((each) => interpret(each, 'k', { scalars, buffers: [] }));
        expect(found).toEqual(wanted);
      }
    }),
    { numRuns: 80 },
  );
});
