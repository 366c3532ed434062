// The program of a team's thread in Node (runtime/team/worker.ts), as text that needs no file: the build writes it here (rolldown.config.ts),
// so that it is there in whatever a bundler makes of heddle. Where the sources run as they are there is none.
export const teamProgram = (): string | undefined => undefined;
