// The quantile of the normal distribution, from which docs/random.md, 2, makes normal random numbers: algorithm AS 241, PPND16 (Wichura 1988),
// about 1 part in 10¹⁶. A rational function in the middle, and in the tails two of the root of −log of the distance to the end; all three are
// computed and the right one chosen, so that lanes do the same.
import { f64 } from './text.js';

/** Lines that give %name = c₀ + c₁·x + … in Horner's form, as the published algorithm has it. */
function horner(name: string, x: string, coefficients: readonly number[]): string {
  const lines: string[] = [];
  let sum = f64(coefficients.at(-1)!);
  for (let index = coefficients.length - 2; index >= 0; index--) {
    const step = index === 0 ? `%${name}` : `%${name}.${index}`;
    lines.push(
      `%${name}.${index}x = mul.f64 ${sum} ${x}`,
      `${step} = add.f64 %${name}.${index}x ${f64(coefficients[index]!)}`,
    );
    sum = step;
  }
  return lines.join('\n  ');
}

const middle = {
  above: [
    3.3871328727963665, 133.14166789178438, 1971.5909503065513, 13731.69376550946, 45921.95393154987, 67265.7709270087,
    33430.57558358813, 2509.0809287301227,
  ],
  below: [
    1, 42.31333070160091, 687.1870074920579, 5394.196021424751, 21213.794301586597, 39307.89580009271,
    28729.085735721943, 5226.495278852854,
  ],
};
const near = {
  above: [
    1.4234371107496835, 4.630337846156546, 5.769497221460691, 3.6478483247632045, 1.2704582524523684,
    0.2417807251774506, 0.022723844989269184, 0.0007745450142783414,
  ],
  below: [
    1, 2.053191626637759, 1.6763848301838038, 0.6897673349851, 0.14810397642748008, 0.015198666563616457,
    0.0005475938084995345, 1.0507500716444169e-9,
  ],
};
const far = {
  above: [
    6.657904643501103, 5.463784911164114, 1.7848265399172913, 0.29656057182850487, 0.026532189526576124,
    0.0012426609473880784, 0.000027115555687434876, 2.0103343992922881e-7,
  ],
  below: [
    1, 0.599832206555888, 0.1369298809227358, 0.014875361290850615, 0.0007868691311456133, 0.000018463183175100548,
    1.421511758316446e-7, 2.0442631033899397e-15,
  ],
};

/** For 0 < p < 1. */
export const normalQuantile = `
routine @normalQuantile(%p: f64) -> (f64) {
  %q = sub.f64 %p 0.5
  %size = abs.f64 %q
  %isMiddle = le.f64 %size 0.425
  %q2 = mul.f64 %q %q
  %r = sub.f64 0.180625 %q2
  ${horner('a', '%r', middle.above)}
  ${horner('b', '%r', middle.below)}
  %ab = div.f64 %a %b
  %central = mul.f64 %q %ab
  %isLow = lt.f64 %q 0.0
  %rest = sub.f64 1.0 %p
  %tail = select.f64 %isLow %p %rest
  %log: f64 = call @log [%tail]
  %minus = neg.f64 %log
  %root = sqrt.f64 %minus
  %s = sub.f64 %root 1.6
  ${horner('c', '%s', near.above)}
  ${horner('d', '%s', near.below)}
  %cd = div.f64 %c %d
  %t = sub.f64 %root 5.0
  ${horner('e', '%t', far.above)}
  ${horner('f', '%t', far.below)}
  %ef = div.f64 %e %f
  %isNear = le.f64 %root 5.0
  %outer = select.f64 %isNear %cd %ef
  %outerMinus = neg.f64 %outer
  %signed = select.f64 %isLow %outerMinus %outer
  %result = select.f64 %isMiddle %central %signed
  return [%result]
}`;
