// The program of a team's thread in a page (runtime/team/worker.ts), as text that needs no file: the build writes it here (rolldown.config.ts).
// It is loaded only where the file cannot be. Where the sources run as they are there is none.
export const teamProgram = (): string | undefined => undefined;
