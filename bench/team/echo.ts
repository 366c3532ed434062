// A thread without a team: sleeps until it is woken, and wakes whoever has woken it. What every hand-over between threads costs at least.
import { workerData } from 'node:worker_threads';
import { echoWords } from './echo-words.js';

const words = workerData as Int32Array;
for (;;) {
  Atomics.store(words, echoWords.isAsleep, 1);
  Atomics.wait(words, echoWords.call, 0);
  Atomics.store(words, echoWords.isAsleep, 0);
  Atomics.store(words, echoWords.call, 0);
  Atomics.store(words, echoWords.answer, 1);
  Atomics.notify(words, echoWords.answer);
}
