// The words that echo.ts and its caller share.
export const echoWords = { call: 0, answer: 16, isAsleep: 32 } as const;
export const echoBytes = 256;
