// Which kernels an expression would become, and why there is more than one: the plan as a table, a line for each kernel that fusion has made
// and one for each row of kernels that a sort, a product or a running sum brings; or, on request, every kernel in the kernel language.
import { renderTable } from '../base/text-table.js';
import { printKernel } from '../ir/print.js';
import type { Node } from './expressions.js';
import { Plan } from './plan.js';
import { goesOn } from './step.js';
import type { Step } from './step.js';

/** `'steps'`: a line for each kernel. `'ir'`: the kernels themselves. */
export type ArrayView = 'steps' | 'ir';

interface Row {
  readonly kernels: string;
  readonly does: string;
  readonly makes: string;
  readonly reason: string;
}

export function explainNode(node: Node, view: ArrayView): string {
  const plan = new Plan();
  plan.storeAll([node]);
  const { steps } = plan;
  if (steps.length === 0) return 'nothing to compute: the numbers are there';
  const count = steps.length === 1 ? '1 kernel' : `${steps.length} kernels`;
  if (view === 'ir') return [count, ...steps.map(inKernelLanguage)].join('\n\n');
  const table = renderTable<Row>(
    [
      { title: '', align: 'right', cell: ({ kernels }) => kernels },
      { title: 'does', cell: ({ does }) => does },
      { title: 'and stores', align: 'right', cell: ({ makes }) => makes },
      { title: 'because', cell: ({ reason }) => reason },
    ],
    rowsOf(steps),
    { width: Infinity },
  );
  return `${count}\n\n${table}`;
}

function inKernelLanguage(step: Step, index: number): string {
  const calls = callsOf(step);
  const times = calls === 1 ? '' : `, called ${calls} times`;
  return `; kernel ${index + 1}, because ${step.reason}${times}\n${printKernel(step.kernel())}`;
}

const callsOf = ({ outer }: Step): number => outer.reduce((product, extent) => product * extent, 1);

/** Kernels that go on with what the one before has made stand in its line. */
function rowsOf(steps: readonly Step[]): Row[] {
  const groups: Step[][] = [];
  for (const step of steps) {
    if (step.reason === goesOn && groups.length > 0) groups.at(-1)!.push(step);
    else groups.push([step]);
  }
  let first = 1;
  return groups.map((group) => {
    const last = first + group.length - 1;
    const kernels = group.length === 1 ? `${first}` : `${first}–${last}`;
    first = last + 1;
    return { kernels, does: doneBy(group), makes: madeBy(group.at(-1)!), reason: group[0]!.reason };
  });
}

/** Each name once, in the order in which they come first. */
function doneBy(group: readonly Step[]): string {
  const names = [...new Set(group.flatMap(({ does }) => does()))];
  const most = 8;
  const shown = names.length > most ? [...names.slice(0, most - 1), '…', names.at(-1)!] : names;
  const calls = callsOf(group[0]!);
  return `${shown.join(', ') || 'copy'}${calls === 1 ? '' : `, ${calls.toLocaleString('en')} times`}`;
}

function madeBy(step: Step): string {
  const written = step.kernel().buffers.flatMap(({ access }, index) => {
    if (access === 'read') return [];
    const { dtype, length } = step.buffers[index]!.place;
    return [length === 1 ? dtype : `${length.toLocaleString('en')} × ${dtype}`];
  });
  return written.at(-1) ?? '';
}
