// compare: why candidates belong in processes of their own. 03-twins.ts exports the same function twice. Compared in this process,
// the second one pays for being second; compared by their module’s URL, each starts afresh, and they are equal.
import { compare } from 'heddle';
import { first, second } from './03-twins.js';

const args = [100_000];
console.log(await compare({ first, second }, { args, runs: 5 }));
console.log();

const twins = new URL('./03-twins.js', import.meta.url);
console.log(await compare(twins, { pick: ['first', 'second'], args, runs: 5 }));
