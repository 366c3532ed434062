// A suspension point: a place where a kernel's body returns to its caller, with what it asks for in the descriptor and its locals in the frame,
// and goes on when it is called again. sections.ts tells how the code finds its way back.
import type { FunctionEmitter } from './function-emitter.js';
import { slotBytes, statusSuspended } from './layout.js';
import { restoreLocals, saveLocals } from './locals.js';
import { storeRegister } from './registers.js';

/** Notes in the descriptor what is wanted; without an amount the slot is left alone. */
export function emitRequest(
  f: FunctionEmitter,
  kind: number,
  target: number,
  pushAmount: (() => void) | undefined,
): void {
  const { request, target: targetSlot, amount } = f.parts.layout;
  const words = [
    [request, kind],
    [targetSlot, target],
  ] as const;
  for (const [slot, word] of words)
    f.emit(['local.get', f.descriptor], ['i32.const', word], storeRegister('i32', slot * slotBytes));
  if (pushAmount === undefined) return;
  f.emit(['local.get', f.descriptor]);
  pushAmount();
  f.emit(storeRegister('i64', amount * slotBytes));
}

/** A place where the function returns to its caller, and goes on when it is called again; `ask` may branch past it to the depth it is given. */
export function emitPoint(f: FunctionEmitter, ask: (resumedDepth: number) => void): void {
  const point = f.nextPoint++;
  const state = f.state!;
  f.emit(['block']);
  const resumedDepth = f.depth;
  f.emit(['local.get', state], ['i32.eqz'], ['if']);
  ask(resumedDepth);
  f.emit([saveLocals]);
  f.emit(['local.get', f.descriptor], ['i32.const', point], storeRegister('i32', f.parts.layout.state * slotBytes));
  f.leave(statusSuspended);
  f.emit(['end'], [restoreLocals], ['i32.const', 0], ['local.set', state], ['end']);
}

/** Emits what is done only on the way forward. */
export function forward(f: FunctionEmitter, emit: () => void): void {
  f.emit(['local.get', f.state!], ['i32.eqz'], ['if']);
  emit();
  f.emit(['end']);
}
