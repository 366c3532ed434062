// One program that takes part in a contest: a process of its own that stays alive, takes a request on a line of its standard input
// (`TASK N SEED`) and answers on a line of its standard output, in JSON. It times itself, so that starting up and talking cost nothing.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

export interface Program {
  readonly name: string;
  /** The command, and what it is started with. */
  readonly file: string;
  readonly args: readonly string[];
  readonly environment?: NodeJS.ProcessEnv;
  readonly task: string;
  readonly n: number;
}

export interface Answer {
  readonly seconds: number;
  /** An estimate of π, or a sum. */
  readonly answer: number;
  /** Bytes above what was resident before, where the program can tell. */
  readonly memory?: number;
}

export interface Contestant {
  ask(): Promise<Answer>;
  end(): void;
}

/** The seed that every program gets; some take no notice. */
export const seed = 42;

export function enter(program: Program): Contestant {
  const child = spawn(program.file, program.args, { env: program.environment ?? process.env, stdio: 'pipe' });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  let complaint = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint += text;
  });
  // Where the process ended early, the missing answer tells of it, with what it complained of.
  child.on('error', (error) => {
    complaint += error.message;
  });
  child.stdin.on('error', () => {});
  const closed = new Promise((resolve) => child.once('close', resolve));
  return {
    ask: async () => {
      child.stdin.write(`${program.task} ${program.n} ${seed}\n`);
      const { value: line, done } = await lines.next();
      if (done === true) await closed; // by then it has complained in full
      if (done === true) throw new Error(complaint.trim().split('\n').at(-1) || 'ended without an answer');
      const { seconds, answer, inside, memory } = JSON.parse(line) as Partial<Answer> & { inside?: number };
      if (seconds === undefined) throw new Error(`answered ${line}`);
      const result = answer ?? (4 * inside!) / program.n;
      return memory === undefined ? { seconds, answer: result } : { seconds, answer: result, memory };
    },
    end: () => child.kill(),
  };
}
