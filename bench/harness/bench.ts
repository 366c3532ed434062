// What a bench is and what it hands back: rows, each a value held against a reference that was measured in the same run.

export interface Row {
  /** The bench that measured it. */
  readonly name: string;
  readonly what: string;
  /** The median of the rounds; null where nothing could be measured, and `note` says why. */
  readonly value: number | null;
  readonly unit: string;
  /** What the value is held against, in the same unit. */
  readonly reference: number | null;
  /** In words, what the reference is. */
  readonly against: string | null;
  /** value ÷ reference. */
  readonly ratio: number | null;
  /** What the design asks of the value, for people to read, and whether the value keeps to it. */
  readonly budget: string | null;
  readonly holds: boolean | null;
  /** The smallest and the largest of the rounds. */
  readonly spread: readonly [low: number, high: number] | null;
  readonly note: string | null;
}

/** A row's name, what it measures and its unit; whatever else is left out is null, and the ratio follows from value and reference. */
export function makeRow(row: Pick<Row, 'name' | 'what' | 'unit'> & Partial<Omit<Row, 'ratio'>>): Row {
  const { name, what, value = null, unit, reference = null, against = null } = row;
  const { budget = null, holds = null, spread = null, note = null } = row;
  const ratio = value === null || reference === null ? null : value / reference;
  return { name, what, value, unit, reference, against, ratio, budget, holds, spread, note };
}

export interface Report {
  readonly rows: readonly Row[];
  /** In place of the usual table, where another form says it better. */
  readonly text?: string;
}

export interface Bench {
  readonly name: string;
  readonly question: string;
  /** `say` tells whoever waits what is being done. */
  run(say: (step: string) => void): Promise<Report>;
}
