// memit: how far memory rises during a call, as the operating system counts it. The vectorized π makes 41 bytes of arrays for every point
// (and often a few less at once, when the garbage collector comes by in time); the plain loop stores nothing but a count.
import { memit } from 'heddle';
import { calcPi as plain } from './pi/plain.js';
import { calcPi as vectorized } from './pi/vectorized.js';

const args: [number] = [2e6];
console.log('plain:     ', await memit(plain, { args }));

const use = await memit(vectorized, { args });
console.log('vectorized:', use);
console.log(`that is ${(use.increment / args[0]).toFixed(0)} bytes a point`);
