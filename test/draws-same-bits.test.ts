// Draws in nested loops, by the same keys whoever runs them: the interpreter of the kernel as it was lowered and after every pass, with
// lanes and without, on one thread and on several. What the keys are is in generators.test.ts.
import { jit, prange, random } from 'heddle';
import type { Generator } from 'heddle';
import { describe, expect, test } from 'vitest';
import { interpret, verify } from '../src/ir/index.js';
import { kindOf } from '../src/jit/array-kinds.js';
import { aliasClassesOf, callMemory, LentArrays } from '../src/jit/arguments.js';
import { Globals } from '../src/jit/globals.js';
import { lowerFunction } from '../src/jit/lower.js';
import { parseFunction } from '../src/jit/parse.js';
import { prange as ownPrange } from '../src/jit/prange.js';
import { pipeline } from '../src/passes/pipeline.js';
import { childKey, generatorOf, rootKey } from '../src/random/keys.js';
import { makeExecutable } from '../src/runtime/executable.js';

type Drawing = (rng: Generator, n: number, m: number, x: Float64Array) => number;

const walk = (by: Generator, steps: number): number => {
  let at = 0;
  for (let i = 0; i < steps; i++) at += by.random() < 0.5 ? -1 : 1;
  return at;
};

const programs: Readonly<Record<string, Drawing>> = {
  'a loop in a loop': (rng, n, m) => {
    let s = 0;
    for (let i = 0; i < n; i++) {
      let t = rng.random();
      for (let j = 0; j < m; j++) t += rng.random();
      s += t;
    }
    return s;
  },
  'three loops, of which the middle one draws by itself, too': (rng, n, m) => {
    let s = 0;
    for (let i = 0; i < n; i++)
      for (let j = 0; j < 3; j++) {
        s += rng.normal();
        for (let k = j; k < m; k++) s += rng.random();
      }
    return s + rng.random();
  },
  'counts of points, in rows': (rng, n, m, x) => {
    let all = 0;
    for (let i = 0; i < n; i++) {
      let hits = 0;
      for (let j = 0; j < m; j++) {
        const a = rng.uniform(-1, 1);
        const b = rng.uniform(-1, 1);
        if (a * a + b * b < 1) hits++;
      }
      x[i % x.length]! += hits;
      all += hits;
    }
    return all;
  },
  'paths that own their draws': (rng, n, m, x) => {
    let best = -Infinity;
    for (const i of prange(n)) {
      let price = 100;
      for (let t = 0; t < m; t++) price *= 1 + 0.01 * rng.normal();
      if (i < x.length) x[i] = price;
      best = Math.max(best, price);
    }
    return best;
  },
  'rejection in prange': (rng, n) => {
    let s = 0;
    for (const i of prange(n)) {
      let v = rng.uniform(-1, 1);
      while (v * v > 0.3) v = rng.uniform(-1, 1);
      s += i < 0 ? 0 : v;
    }
    return s;
  },
  'draws of some iterations only': (rng, n, m) => {
    let s = 0;
    for (let i = 0; i < n + m; i++) {
      if (i % 3 === 0) continue;
      const u = rng.random();
      if (u < 0.5) s += rng.random() + rng.random();
      else if (u > 0.9) s += rng.exponential();
    }
    return s;
  },
  'counts with draws of some iterations only': (rng, n, m) => {
    let hits = 0;
    for (let i = 0; i < n * m; i++) {
      const u = rng.random();
      if (u < 0.5 && rng.random() < u) hits++;
    }
    return hits;
  },
  'loops that are left': (rng, n, m) => {
    let s = 0;
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < m; j++) {
        const u = rng.random();
        if (u > 0.999) break;
        s += u;
      }
      if (s > 1e5) return -s;
    }
    return s;
  },
  'steps and ends of all kinds': (rng, n, m) => {
    let s = 0;
    for (let i = n; i > 0; i -= 2) s += rng.random();
    for (let i = 0.5; i <= n; i += 0.75) s += rng.random();
    for (let i = 1; n >= i; i = i + 3) for (let j = m; j--;) s += rng.random();
    for (let i = 0; i !== n; i++) s += rng.random();
    return s;
  },
  'own draws and those of a generator': (rng, n, m) => {
    let s = 0;
    for (let i = 0; i < n; i++) {
      s += Math.random();
      for (let j = 0; j < m; j++) if (Math.random() < rng.random()) s += 1;
    }
    for (let i = 0; i < n * m; i++) if (rng.random() < Math.random()) s += 1;
    return s;
  },
  'helpers with loops, and loops behind them': (rng, n, m) => {
    let s = walk(rng, m);
    for (let i = 0; i < n; i++) s += walk(rng, m) * walk(rng, 2);
    for (const i of prange(n)) s += walk(rng, m) + (i < 0 ? 1 : 0);
    return s;
  },
  'elements that are walked': (rng, n, m, x) => {
    let s = 0;
    for (const v of x) for (let j = 0; j < m; j++) s += v + rng.integers(0, n + 1);
    return s;
  },
  'prange in prange, and in a loop that draws': (rng, n, m) => {
    let s = 0;
    for (const i of prange(n)) for (const j of prange(m)) s += rng.random() * (i + j);
    for (let i = 0; i < n; i++) {
      s += rng.random();
      let t = 0;
      for (const j of prange(m)) t += rng.random() * j;
      s += t;
    }
    return s;
  },
  'rejection by do, and buffers that are filled anew': (rng, n, m) => {
    const buffer = new Float64Array(8);
    let s = 0;
    for (let i = 0; i < n + m; i++) {
      let v;
      do v = rng.uniform(-1, 1);
      while (v * v > 0.5);
      s += v;
    }
    for (let i = 0; i < n + m; i++) {
      buffer.fill(rng.random());
      s += buffer[i % 8]! + buffer[0]!;
    }
    return s;
  },
  'recursion from a loop': (rng, n, m) => {
    const fall = (by: Generator, depth: number): number =>
      depth <= 0 ? by.random() : by.random() + fall(by, depth - 1) * Math.random();
    let s = 0;
    for (let i = 0; i < n; i++) s += fall(rng, Math.min(m, 20));
    return s;
  },
};

const sizes: readonly [n: number, m: number][] = [
  [0, 3],
  [1, 0],
  [3, 7],
  [17, 5],
  [2, 4095],
  [3, 4097],
  [4099, 2],
];
const seeds = [42, 7] as const;
const elements = [1, 2, 4, 8, 16, 32];

describe.each(Object.entries(programs))('%s', (_, plain) => {
  const source = parseFunction(plain);
  const globals = new Globals(() => ({ walk, prange: ownPrange }));
  const lowered = lowerFunction(
    source,
    [{ generator: 0 }, 'number', 'number', { of: kindOf(new Float64Array())!, aliasClass: 0 }],
    { globals },
  );
  const { kernel, routines, hasKey } = lowered;
  const compiled = jit(plain, { seed: seeds[0], globals: () => ({ walk, prange }) });
  const wanted = sizes.map(([n, m]) => {
    const x = Float64Array.from(elements);
    return [compiled.with({ threads: 1 })(random.generator(seeds[1]), n, m, x), x];
  });
  const scalarsOf = (n: number, m: number): (number | bigint)[] => [
    childKey(rootKey(seeds[1]), 0n),
    n,
    m,
    BigInt(elements.length),
    ...(hasKey ? [rootKey(seeds[0])] : []),
  ];

  test.each([2, 3, 7])('on %i threads, and with all loops that can be shared out', (threads) => {
    for (const parallel of [false, true]) {
      const f = jit(plain, { seed: seeds[0], parallel, globals: () => ({ walk, prange }) }).with({ threads });
      const got = sizes.map(([n, m]) => {
        const x = Float64Array.from(elements);
        return [f(random.generator(seeds[1]), n, m, x), x];
      });
      expect(got).toEqual(wanted);
    }
  });

  test('from the interpreter, before and after the passes', () => {
    let after = kernel;
    for (const { name, run } of pipeline) {
      after = run(after);
      expect({ name, problems: verify({ routines, kernels: [after] }) }).toEqual({ name, problems: [] });
    }
    for (const each of [kernel, after]) {
      const got = sizes.slice(0, 5).map(([n, m]) => {
        const x = Float64Array.from(elements);
        const buffers = [{ elements: x, offset: 0 }];
        const inputs = { scalars: scalarsOf(n, m), buffers, openGenerator: generatorOf };
        const { results } = interpret({ routines, kernels: [each] }, each.name, inputs);
        return [results[0], x];
      });
      expect(got).toEqual(wanted.slice(0, 5));
    }
  });

  test('without lanes', () => {
    for (const parallel of [true, false]) {
      const executable = makeExecutable(kernel, { routines, simd: false, parallel });
      const got = sizes.map(([n, m]) => {
        const x = Float64Array.from(elements);
        const lent = new LentArrays([x], aliasClassesOf([x]), [], callMemory);
        const [result] = executable.call(scalarsOf(n, m), lent.addresses);
        lent.copyBack([true]);
        lent.giveBack();
        return [result, x];
      });
      expect(got).toEqual(wanted);
    }
  });
});

test('asynchronous calls take their keys when they are called', async () => {
  const f = jit((rng: Generator) => rng.random());
  const rng = random.generator(7);
  const given = [f.async(rng), f.async(rng), f.async(rng)];
  const key = (call: bigint): number => generatorOf(childKey(rootKey(7), call), 0n).float64();
  expect(await Promise.all(given)).toEqual([key(0n), key(1n), key(2n)]);
});
