// How a loop's body is left: by its end alone, or in the middle.
import type { Region } from '../../ir/nodes.js';
import { regionsOf } from '../../ir/walk.js';

/** Whether anything in a loop's body leaves the loop, or ends an iteration, but by the body's end; loops inside may be left. */
export function isLeftInside(body: Region): boolean {
  if (body.terminator.kind !== 'yield') return true;
  const isLeft = ({ statements, terminator }: Region, labels: readonly string[]): boolean =>
    terminator.kind === 'return' ||
    ((terminator.kind === 'break' || terminator.kind === 'continue') && !labels.includes(terminator.label)) ||
    statements.some((statement) => {
      const inside = 'label' in statement ? [...labels, statement.label] : labels;
      return regionsOf(statement).some((region) => isLeft(region, inside));
    });
  return isLeft(body, []);
}
