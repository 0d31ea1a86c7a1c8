/** Folds over which a model's posteriors were taken, by the names that inference gives them. */
export function posteriorFolds<Count>(folds: Readonly<Record<string, Count>>): {
  /** Those that edges are counted in: of a mixture of graphs, of every graph's rows. */
  readonly counted: readonly Count[];
  /** Those whose owners choose. */
  readonly choosing: readonly Count[];
} {
  // Every call asks: no lists but those that are answered.
  const [first, rows, choosing]: [Count[], Count[], Count[]] = [[], [], []];
  for (const name of Object.keys(folds)) {
    const fold = folds[name] as Count;
    if (name.startsWith("rowPartition")) rows.push(fold);
    else if (name.startsWith("logPartition")) choosing.push(fold);
    if (first.length === 0) first.push(fold);
  }
  // A model without a choice has one fold.
  const counted = rows.length > 0 ? rows : choosing.length > 0 ? choosing : first;
  return { counted, choosing };
}
