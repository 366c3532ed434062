// What front ends tell people without failing: said once a process, where `configure({ warn })` sends it. Front ends know no platform.
export { noteOnce } from '../platform/settings.js';
