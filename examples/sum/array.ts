import { arange } from 'heddle';

/** The numbers as an array, which is never stored: what adds them up also counts them. */
export const sumRange = (n: number): number => arange(n).sum().item();
