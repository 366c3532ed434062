// Pieces of kernel-language text that the mathematical functions are written with: numbers, and polynomials in Horner's form.

/** A double as the kernel language writes it. */
export function f64(value: number): string {
  const text = String(value).replace('Infinity', 'inf').replace('NaN', 'nan');
  return /[.en]/.test(text) ? text : `${text}.0`;
}

/** The bits of a double, as an i64 is written. */
export function bitsOf(value: number): string {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  return String(view.getBigInt64(0));
}

/** 1.5·2⁵²: added to a double below 2⁵¹ it leaves the nearest integer in the lowest bits, where i64 operations reach it. */
export const roundingShift = 1.5 * 2 ** 52;

/**
 * Lines that give %name = c₀ + c₁·x + c₂·x² + …. The even and the odd powers are two chains in x², as half as many steps then wait for
 * each other; `square` is x², where the code around has it already.
 */
export function polynomial(name: string, x: string, coefficients: readonly number[], square?: string): string {
  const lines: string[] = [];
  const x2 = square ?? `%${name}.x2`;
  if (square === undefined) lines.push(`${x2} = mul.f64 ${x} ${x}`);
  const chain = (parity: 0 | 1): string => {
    const own = coefficients.filter((_, index) => index % 2 === parity);
    let sum = f64(own.at(-1)!);
    for (let index = own.length - 2; index >= 0; index--) {
      const step = `%${name}.${parity === 0 ? 'even' : 'odd'}${index}`;
      lines.push(`${step}x = mul.f64 ${sum} ${x2}`, `${step} = add.f64 ${step}x ${f64(own[index]!)}`);
      sum = step;
    }
    return sum;
  };
  const [even, odd] = [chain(0), chain(1)];
  lines.push(`%${name}.odd = mul.f64 ${odd} ${x}`, `%${name} = add.f64 ${even} %${name}.odd`);
  return lines.join('\n  ');
}
