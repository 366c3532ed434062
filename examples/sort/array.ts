import { asarray } from 'heddle';

/** As an array, sorted by digits on all threads; the copy in and the copy out are part of it. */
export const sortNumbers = (data: Float64Array): Float64Array => asarray(data).sort().toTypedArray();

export { makeInput } from './builtin.js';
