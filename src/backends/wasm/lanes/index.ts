// What the rest of the backend knows of lanes: their locals, the plan of a module, and who writes their statements.
export { LaneEmitter } from './lane-emitter.js';
export { handedMaskBytes } from './mask-widths.js';
export { handedTypes, localTypes, planLanes } from './plan.js';
export type { LanePlan } from './plan.js';
export { zeroRegister } from './registers.js';
export type { LaneBytes } from './registers.js';
