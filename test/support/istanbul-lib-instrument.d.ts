// The part of istanbul-lib-instrument that the tests use; it comes without types.
declare module 'istanbul-lib-instrument' {
  export function createInstrumenter(options: { esModules: boolean }): {
    instrumentSync(code: string, filename: string): string;
  };
}
