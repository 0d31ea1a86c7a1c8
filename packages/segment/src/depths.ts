/** How deep each pixel lies inside of an area. */

/**
 * Squared Euclidean distance from every pixel of an area to the nearest one outside of it, 0 outside,
 * [height, width]; what lies beyond the picture is outside.
 *
 * @source Meijster, Roerdink and Hesselink (2000), "A general algorithm for computing distance
 *   transforms in linear time".
 * @cost   O(pixels)
 */
export function depths(area: Uint8Array, width: number, height: number): Int32Array {
  // Rows away from the nearest pixel outside, up or down, column by column.
  const rows = new Int32Array(area.length);
  for (let x = 0; x < width; x++) {
    for (let y = 0, depth = 0; y < height; y++) {
      depth = area[y * width + x] === 1 ? depth + 1 : 0;
      rows[y * width + x] = depth;
    }
    for (let y = height - 1, depth = 0; y >= 0; y--) {
      depth = area[y * width + x] === 1 ? depth + 1 : 0;
      rows[y * width + x] = Math.min(rows[y * width + x] as number, depth);
    }
  }
  const squared = new Int32Array(area.length);
  // Lower envelope of the parabolas rows² + (x − column)²; those at −1 and width stand for the edge.
  const columns = new Int32Array(width + 2);
  const starts = new Int32Array(width + 2);
  for (let y = 0; y < height; y++) {
    const from = y * width;
    const at = (column: number): number =>
      column < 0 || column >= width ? 0 : (rows[from + column] as number) ** 2;
    let last = 0;
    columns[0] = -1;
    starts[0] = -1;
    for (let column = 0; column <= width; column++) {
      const value = at(column);
      while (last >= 0) {
        const rival = columns[last] as number;
        const start = starts[last] as number;
        if (at(rival) + (start - rival) ** 2 <= value + (start - column) ** 2) break;
        last--;
      }
      if (last < 0) {
        last = 0;
        columns[0] = column;
        starts[0] = -1;
        continue;
      }
      const rival = columns[last] as number;
      const meets = Math.floor(
        (column * column - rival * rival + value - at(rival)) / (2 * (column - rival)),
      );
      if (meets + 1 > width) continue;
      last++;
      columns[last] = column;
      starts[last] = meets + 1;
    }
    for (let x = width - 1; x >= 0; x--) {
      while ((starts[last] as number) > x) last--;
      const column = columns[last] as number;
      squared[from + x] = at(column) + (x - column) ** 2;
    }
  }
  return squared;
}

/** Deepest pixel of an area, the first one in reading order at a tie; −1 where it has none. */
export function deepest(area: Uint8Array, width: number, height: number): number {
  const squared = depths(area, width, height);
  let best = -1;
  for (let pixel = 0; pixel < squared.length; pixel++)
    if ((squared[pixel] as number) > (best < 0 ? 0 : (squared[best] as number))) best = pixel;
  return best;
}
