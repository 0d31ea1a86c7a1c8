/** Folds over which a model's posteriors were taken, by the names that inference gives them. */
export function posteriorFolds<Count>(folds: Readonly<Record<string, Count>>): {
  /** Those that edges are counted in: of a mixture of graphs, of every graph's rows. */
  readonly counted: readonly Count[];
  /** Those whose owners choose. */
  readonly choosing: readonly Count[];
} {
  const named = (start: string): Count[] =>
    Object.entries(folds).flatMap(([name, fold]) => (name.startsWith(start) ? [fold] : []));
  const choosing = named("logPartition");
  // A model without a choice has one fold.
  const [counted = []] = [named("rowPartition"), choosing, Object.values(folds).slice(0, 1)].filter(
    (list) => list.length > 0,
  );
  return { counted, choosing };
}
