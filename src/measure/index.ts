// The public names of heddle/measure, one by one.
export { compare } from './compare.js';
export type { CompareFunctionOptions, CompareModuleOptions, CompareOptions, CompareProgress } from './compare.js';
export { Comparison, comparisonColumns, formatSpeedup, notes } from './comparison.js';
export type { CandidateResult } from './comparison.js';
export type { Agreement, Tolerance } from './agree.js';
export { describeMachine } from './machine.js';
export type { Machine } from './machine.js';
export { memit, MemoryUse } from './memit.js';
export type { Interval } from './statistics.js';
export { CallTime, time } from './time.js';
export type { CallOptions } from './time.js';
export { timeit, Timing } from './timeit.js';
export type { TimeitOptions } from './timeit.js';
