// Functions of about twenty lines, of the kinds that people compile, each in as many variants as are wanted: another name and another
// constant make another function, which neither heddle nor the engine has seen.

export interface Kind {
  readonly what: string;
  readonly text: (variant: number) => string;
  /** Of arguments an array stands for a Float64Array of so many elements and that value. */
  readonly args: readonly (number | { readonly length: number; readonly value: number })[];
}

const elements = (length: number, value: number): Kind['args'][number] => ({ length, value });

export const kinds: readonly Kind[] = [
  {
    what: 'points in a circle',
    text: (variant) => `function inside${variant}(n, radius) {
      let count = 0;
      let nearest = radius;
      let farthest = 0;
      for (let i = 0; i < n; i++) {
        const x = Math.random() * 2 - 1;
        const y = Math.random() * 2 - 1;
        const square = x * x + y * y;
        if (square <= radius * radius) {
          count++;
        }
        if (square < nearest) {
          nearest = square;
        }
        if (square > farthest) {
          farthest = square;
        }
      }
      return (4 * count) / n + nearest + farthest + ${variant};
    }`,
    args: [100, 1],
  },
  {
    what: 'a stencil over arrays',
    text: (variant) => `function smooth${variant}(from, to, width, height) {
      let changed = 0;
      let total = 0;
      for (let y = 1; y < height - 1; y++) {
        for (let x = 1; x < width - 1; x++) {
          const at = y * width + x;
          const up = from[at - width];
          const down = from[at + width];
          const left = from[at - 1];
          const right = from[at + 1];
          const mean = (up + down + left + right) * 0.25 + ${variant};
          if (mean !== from[at]) changed++;
          to[at] = mean;
        }
      }
      for (let i = 0; i < width * height; i++) {
        total += to[i];
      }
      return total + changed;
    }`,
    args: [elements(64, 1), elements(64, 0), 8, 8],
  },
  {
    what: 'exp, log and sin',
    text: (variant) => `function wave${variant}(price, strike, rate, spread, years) {
      let t = years;
      let sum = 0;
      let best = 0;
      const steps = ${10 + (variant % 7)};
      for (let i = 1; i <= steps; i++) {
        t = (years * i) / steps;
        const root = Math.sqrt(t);
        const first = (Math.log(price / strike) + (rate + (spread * spread) / 2) * t) / (spread * root);
        const second = first - spread * root;
        const discount = Math.exp(-rate * t);
        const value = price * (Math.sin(first) - Math.sin(second)) - strike * discount;
        if (value > best) {
          best = value;
        }
        sum += value;
      }
      return best + sum / steps + ${variant};
    }`,
    args: [100, 110, 0.05, 0.2, 1],
  },
  {
    what: 'a prange with sums',
    text: (variant) => `function field${variant}(n, from, to) {
      let total = 0;
      let most = 0;
      for (const i of prange(n)) {
        const x = from[i];
        let sum = 0;
        let value = x;
        for (let j = 0; j < 8; j++) {
          value = value * value * 0.25 + ${variant % 5};
          sum += value / (j + 1);
          if (sum > 1e6) {
            break;
          }
        }
        to[i] = sum;
        total += sum;
        most = Math.max(most, sum);
      }
      return total + most;
    }`,
    args: [50, elements(50, 0.5), elements(50, 0)],
  },
  {
    what: 'while loops and branches',
    text: (variant) => `function longest${variant}(n) {
      let most = 0;
      let which = 0;
      for (let start = 1; start <= n; start++) {
        let x = start;
        let steps = 0;
        while (x !== 1) {
          if (x % 2 === 0) {
            x = x / 2;
          } else {
            x = 3 * x + 1;
          }
          steps++;
        }
        if (steps > most) {
          most = steps;
          which = start;
        }
      }
      return which + ${variant};
    }`,
    args: [30],
  },
  {
    what: 'a recurrence with its statistics',
    text: (variant) => `function orbit${variant}(n, r) {
      let x = 0.3;
      let low = 1;
      let high = 0;
      let sum = 0;
      let crossings = 0;
      let above = false;
      for (let i = 0; i < n; i++) {
        x = r * x * (1 - x);
        low = Math.min(low, x);
        high = Math.max(high, x);
        sum += x;
        const isAbove = x > 0.5;
        if (isAbove !== above) {
          crossings++;
          above = isAbove;
        }
      }
      return sum / n + low + high + crossings + ${variant};
    }`,
    args: [100, 3.7],
  },
];
