// Which kernels an expression would become, and why there is more than one: the plan, in words and in the kernel language.
import { printKernel } from '../ir/print.js';
import type { Node } from './expressions.js';
import { Plan } from './plan.js';

export function explainNode(node: Node): string {
  const plan = new Plan();
  plan.storeAll([node]);
  if (plan.steps.length === 0) return 'nothing to compute: the numbers are there';
  const count = plan.steps.length === 1 ? '1 kernel' : `${plan.steps.length} kernels`;
  const steps = plan.steps.map((step, index) => {
    const calls = step.outer.reduce((product, extent) => product * extent, 1);
    const times = calls === 1 ? '' : `, called ${calls} times`;
    return `; kernel ${index + 1}, because ${step.reason}${times}\n${printKernel(step.kernel())}`;
  });
  return [count, ...steps].join('\n\n');
}
