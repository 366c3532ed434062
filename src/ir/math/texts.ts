// The texts of all mathematical routines, by their names.
import * as arc from './arc.js';
import * as doubleDouble from './double-double.js';
import * as exponential from './exp.js';
import * as hyperbolic from './hyperbolic.js';
import * as logarithmic from './log.js';
import * as normal from './normal.js';
import * as power from './pow.js';
import * as roots from './roots.js';
import * as trigonometric from './trig.js';

export const texts: ReadonlyMap<string, string> = new Map(
  [arc, doubleDouble, exponential, hyperbolic, logarithmic, normal, power, roots, trigonometric]
    .flatMap((module) => Object.values(module))
    .filter((text) => typeof text === 'string')
    .map((text) => [/@([\w.]+)/.exec(text)![1]!, text]),
);
