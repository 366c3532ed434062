// What a report says of the machine it was made on.
export { describeMachine } from '#platform';
export type { Machine } from '../platform/platform.js';
