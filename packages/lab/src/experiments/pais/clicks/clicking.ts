/** Who clicks: in the middle of the largest mistake, with the true label. */

/** Mean over target and rest of intersection over union, where labels are 1 and −1. */
export function meanIou(truth: ArrayLike<number>, labels: ArrayLike<number>): number {
  const iou = (of: number): number => {
    let [both, either] = [0, 0];
    for (let k = 0; k < truth.length; k++) {
      const [is, said] = [truth[k] === of, labels[k] === of];
      if (is && said) both++;
      if (is || said) either++;
    }
    return both / either;
  };
  return (iou(1) + iou(-1)) / 2;
}

/** Token farthest from the boundary of what holds; the border of the scene is a boundary too. */
export function innermost(isIn: readonly boolean[], side: number): number {
  const outside: (readonly [x: number, y: number])[] = [];
  for (let y = -1; y <= side; y++)
    for (let x = -1; x <= side; x++) {
      const isBorder = x < 0 || y < 0 || x === side || y === side;
      if (isBorder || isIn[y * side + x] === false) outside.push([x, y]);
    }
  let [best, far] = [-1, 0];
  for (let token = 0; token < isIn.length; token++) {
    if (isIn[token] !== true) continue;
    const [x, y] = [token % side, Math.floor(token / side)];
    let near = Number.POSITIVE_INFINITY;
    for (const [u, v] of outside) near = Math.min(near, (x - u) ** 2 + (y - v) ** 2);
    if (near > far) [best, far] = [token, near];
  }
  return best;
}

/** Largest connected part of the tokens that are labelled wrongly alike; undefined without any. */
export function largestMistake(
  truth: ArrayLike<number>,
  labels: ArrayLike<number>,
  side: number,
): boolean[] | undefined {
  const isWrong = Array.from(truth, (label, k) => label !== labels[k]);
  const seen = new Set<number>();
  let largest: readonly number[] = [];
  for (let start = 0; start < isWrong.length; start++) {
    if (isWrong[start] !== true || seen.has(start)) continue;
    seen.add(start);
    const found = [start];
    for (const token of found)
      for (const next of neighbours(token, side)) {
        if (isWrong[next] !== true || seen.has(next) || truth[next] !== truth[start]) continue;
        seen.add(next);
        found.push(next);
      }
    if (found.length > largest.length) largest = found;
  }
  if (largest.length === 0) return undefined;
  const isIn = isWrong.map(() => false);
  for (const token of largest) isIn[token] = true;
  return isIn;
}

function neighbours(token: number, side: number): number[] {
  const x = token % side;
  return [
    ...(x > 0 ? [token - 1] : []),
    ...(x < side - 1 ? [token + 1] : []),
    ...(token >= side ? [token - side] : []),
    ...(token < side * (side - 1) ? [token + side] : []),
  ];
}
