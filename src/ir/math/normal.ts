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
    3.387132872796366608, 133.14166789178437745, 1971.5909503065514427, 13731.693765509461125, 45921.953931549871457,
    67265.770927008700853, 33430.575583588128105, 2509.0809287301226727,
  ],
  below: [
    1, 42.313330701600911252, 687.1870074920579083, 5394.1960214247511077, 21213.794301586595867, 39307.89580009271061,
    28729.085735721942674, 5226.495278852854561,
  ],
};
const near = {
  above: [
    1.42343711074968357734, 4.6303378461565452959, 5.7694972214606914055, 3.64784832476320460504,
    1.27045825245236838258, 0.24178072517745061177, 0.0227238449892691845833, 7.7454501427834140764e-4,
  ],
  below: [
    1, 2.05319162663775882187, 1.6763848301838038494, 0.68976733498510000455, 0.14810397642748007459,
    0.0151986665636164571966, 5.475938084995344946e-4, 1.05075007164441684324e-9,
  ],
};
const far = {
  above: [
    6.6579046435011037772, 5.4637849111641143699, 1.7848265399172913358, 0.29656057182850489123,
    0.026532189526576123093, 0.0012426609473880784386, 2.71155556874348757815e-5, 2.01033439929228813265e-7,
  ],
  below: [
    1, 0.59983220655588793769, 0.13692988092273580531, 0.0148753612908506148525, 7.868691311456132591e-4,
    1.8463183175100546818e-5, 1.4215117583164458887e-7, 2.04426310338993978564e-15,
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
