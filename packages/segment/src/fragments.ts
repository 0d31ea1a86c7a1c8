import type { WorkingImage } from "./picture.ts";

const nobody = 0xffff;

/**
 * Makes every cell one connected piece (4 neighbours), in place.
 *
 * Of each cell the largest piece stays; the other pieces are given, ring by ring, to the kept
 * neighbour of most similar colour that reaches them.
 */
export function joinFragments(image: WorkingImage, of: Uint16Array, count: number): void {
  const pieces = findPieces(image, of);
  const kept = new Int32Array(count).fill(-1);
  for (let piece = 0; piece < pieces.size.length; piece++) {
    const cell = pieces.cell[piece]!;
    const rival = kept[cell]!;
    if (rival < 0 || pieces.size[piece]! > pieces.size[rival]!) kept[cell] = piece;
  }
  for (let at = 0; at < of.length; at++) {
    if (kept[of[at]!] !== pieces.of[at]) of[at] = nobody;
  }
  regrow(image, of);
}

interface Pieces {
  /** Piece of each working pixel. */
  readonly of: Int32Array;
  /** Pixels of each piece. */
  readonly size: number[];
  /** Cell that each piece belongs to. */
  readonly cell: number[];
}

function findPieces({ width, height }: WorkingImage, of: Uint16Array): Pieces {
  const pieces: Pieces = { of: new Int32Array(of.length).fill(-1), size: [], cell: [] };
  const stack = new Int32Array(of.length);
  for (let start = 0; start < of.length; start++) {
    if (pieces.of[start] !== -1) continue;
    const piece = pieces.size.length;
    let depth = 0;
    let size = 0;
    stack[depth++] = start;
    pieces.of[start] = piece;
    while (depth > 0) {
      const at = stack[--depth]!;
      size += 1;
      for (const next of around(at, width, height)) {
        if (pieces.of[next] !== -1 || of[next] !== of[start]) continue;
        pieces.of[next] = piece;
        stack[depth++] = next;
      }
    }
    pieces.size.push(size);
    pieces.cell.push(of[start]!);
  }
  return pieces;
}

/** Gives each unowned pixel to an owned neighbour, nearest rings first. */
function regrow({ width, height, lab }: WorkingImage, of: Uint16Array): void {
  let ring: number[] = [];
  for (let at = 0; at < of.length; at++) if (of[at] === nobody) ring.push(at);
  while (ring.length > 0) {
    const later: number[] = [];
    const chosen: [pixel: number, cell: number][] = [];
    for (const at of ring) {
      let cell = nobody;
      let least = Number.POSITIVE_INFINITY;
      for (const next of around(at, width, height)) {
        const difference = Math.abs(lab[next * 3]! - lab[at * 3]!);
        if (of[next] === nobody || difference >= least) continue;
        least = difference;
        cell = of[next]!;
      }
      if (cell === nobody) later.push(at);
      else chosen.push([at, cell]);
    }
    for (const [at, cell] of chosen) of[at] = cell;
    ring = later;
  }
}

/** Pixels that share an edge with `at`. */
export function around(at: number, width: number, height: number): number[] {
  const x = at % width;
  const neighbours: number[] = [];
  if (x > 0) neighbours.push(at - 1);
  if (x < width - 1) neighbours.push(at + 1);
  if (at >= width) neighbours.push(at - width);
  if (at < width * (height - 1)) neighbours.push(at + width);
  return neighbours;
}
