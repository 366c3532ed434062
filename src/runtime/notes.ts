// Notes that are said once, for the front ends, which do not know the settings that say where they go.
export { noteOnce } from '../platform/settings.js';
