/** Agreement of two partitions, 1 where they are the same and 0 by chance. */
export function adjustedRandIndex(a: readonly number[], b: readonly number[]): number {
  const pairs = (count: number): number => (count * (count - 1)) / 2;
  const inCells = (key: (k: number) => string | number): number => {
    const sizes = new Map<string | number, number>();
    for (let k = 0; k < a.length; k++) sizes.set(key(k), (sizes.get(key(k)) ?? 0) + 1);
    return [...sizes.values()].reduce((sum, size) => sum + pairs(size), 0);
  };
  const both = inCells((k) => `${a[k]} ${b[k]}`);
  const [first, second] = [inCells((k) => a[k] as number), inCells((k) => b[k] as number)];
  const chance = (first * second) / pairs(a.length);
  const most = (first + second) / 2;
  // Two partitions of one part each, or of single points, agree.
  return most === chance ? 1 : (both - chance) / (most - chance);
}
