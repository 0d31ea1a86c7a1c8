/** From what a view shows to nodes with features: points, a text, or tensors of a file. */

import { normals } from "edgewise";
import { EVD, Matrix } from "ml-matrix";
import type { Point, View } from "../state/view.ts";
import type { Data, Nodes } from "./mechanism.ts";
import type { OwnFile, Table } from "./ownFile.ts";

/** Nodes of a view; `file` is what its file holds, where it shows one. @throws EdgewiseError */
export function dataOf(view: Pick<View, "data" | "points">, file?: OwnFile): Data {
  const { data } = view;
  if (data.kind === "file" && file !== undefined) return fileData(file, data.head);
  const nodes = data.kind === "text" ? textNodes(data) : planeNodes(view.points);
  return { query: nodes, key: nodes, value: nodes };
}

const numbers = (count: number, from = 0): string[] =>
  Array.from({ length: count }, (_, k) => String(from + k + 1));

const planeNodes = (points: readonly Point[]): Nodes => ({
  ...{ features: Float32Array.from(points.flat()), width: 2, isPlane: true },
  ...{ places: points, labels: numbers(points.length) },
});

/** Features of a word or a character. */
const width = 32;

/** Most nodes of a text. */
export const mostTokens = 400;

/** Characters as one reads them, of however many code points. */
const letters = new Intl.Segmenter("en", { granularity: "grapheme" });

/** Words, or characters, in the order of a text; spaces between words are none. */
export function tokensOf({ text, unit }: { text: string; unit: "words" | "characters" }): string[] {
  const found =
    unit === "words"
      ? (text.match(/[\p{L}\p{M}\p{N}'’-]+|[^\s]/gu) ?? [])
      : Array.from(letters.segment(text), ({ segment }) => segment);
  return found.slice(0, mostTokens);
}

function textNodes(data: { text: string; unit: "words" | "characters" }): Nodes {
  const tokens = tokensOf(data);
  const features = new Float32Array(tokens.length * width);
  const rows = tokens.map((_, k) => features.subarray(k * width, (k + 1) * width));
  const parts =
    data.unit === "words"
      ? (k: number) => threes(tokens[k] as string).map((part) => [part, 1] as const)
      : (k: number) =>
          [-1, 0, 1].map((step) => [tokens[k + step] ?? "", step === 0 ? 1 : 0.5] as const);
  rows.forEach((row, k) => {
    for (const [part, weight] of parts(k))
      signature(part).forEach((value, d) => {
        row[d] = (row[d] as number) + weight * value;
      });
    const length = Math.hypot(...row) || 1;
    row.forEach((value, d) => {
      row[d] = value / length;
    });
  });
  const isWords = data.unit === "words";
  return {
    ...{ features, width, isPlane: false, places: lines(tokens.length, isWords ? 7 : 20) },
    labels: tokens.map((token) => (token.trim() === "" ? "␣" : token)),
  };
}

/** Letters of a word three by three, its ends included: words that share many are alike. */
function threes(word: string): string[] {
  const letters = [..."^".concat(word.toLowerCase(), "$")];
  return letters.slice(2).map((_, k) => letters.slice(k, k + 3).join(""));
}

/** Features of a part of a text: the same part has the same ones. */
function signature(part: string): Float64Array {
  // FNV-1a, of 32 bits.
  let seed = 0x811c9dc5;
  for (const letter of part) seed = Math.imul(seed ^ (letter.codePointAt(0) as number), 0x01000193);
  const normal = normals(seed >>> 0);
  return Float64Array.from({ length: width }, () => normal());
}

/** Places one after the other, line by line. */
function lines(count: number, most: number): Point[] {
  const columns = Math.max(1, Math.min(count, Math.max(most, Math.ceil(Math.sqrt(count)))));
  const rows = Math.ceil(count / columns);
  return Array.from({ length: count }, (_, k): Point => {
    const [row, column] = [Math.floor(k / columns), k % columns];
    return [spread(column, columns), -spread(row, rows)];
  });
}

const spread = (at: number, of: number): number => (of < 2 ? 0 : (1.8 * at) / (of - 1) - 0.9);

function fileData({ query, key, value }: OwnFile, head: number): Data {
  const rows = (table: Table): Float32Array => {
    const size = table.nodes * table.width;
    const at = Math.min(head, table.heads - 1);
    return table.data.subarray(at * size, (at + 1) * size);
  };
  const [q, k] = [rows(query), rows(key)];
  const isOneSet = query === key;
  const places = principal(isOneSet ? q : joined(q, k), query.width);
  const nodesOf = (features: Float32Array, table: Table, at: readonly Point[], from: number) => ({
    ...{ features, width: table.width, isPlane: false },
    ...{ places: at, labels: numbers(table.nodes, from) },
  });
  const queries = nodesOf(q, query, places.slice(0, query.nodes), 0);
  if (isOneSet) return { query: queries, key: queries, value: queries };
  const own = places.slice(query.nodes);
  return {
    query: queries,
    key: nodesOf(k, key, own, query.nodes),
    value: nodesOf(rows(value), value, own, query.nodes),
  };
}

const joined = (a: Float32Array, b: Float32Array): Float32Array => {
  const both = new Float32Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
};

/** Places of rows along the two directions in which they differ most. */
function principal(features: Float32Array, width: number): Point[] {
  const count = features.length / width;
  if (width === 1) return fitted(Array.from(features, (value): Point => [value, 0]));
  const means = Float64Array.from({ length: width }, (_, d) => {
    let sum = 0;
    for (let row = 0; row < count; row++) sum += features[row * width + d] as number;
    return sum / count;
  });
  const centred = new Matrix(count, width);
  for (let row = 0; row < count; row++)
    for (let d = 0; d < width; d++)
      centred.set(row, d, (features[row * width + d] as number) - (means[d] as number));
  const { eigenvectorMatrix: directions } = new EVD(centred.transpose().mmul(centred), {
    assumeSymmetric: true,
  });
  // Values rise: the last two are the largest.
  const [first, second] = [1, 2].map((k) => directions.getColumnVector(width - k));
  const along = (direction: Matrix | undefined) => centred.mmul(direction as Matrix).to1DArray();
  const [xs, ys] = [along(first), along(second)];
  return fitted(xs.map((x, row): Point => [x, ys[row] as number]));
}

/** The same places, as large as the picture. */
function fitted(places: readonly Point[]): Point[] {
  const most = places.reduce((far, [x, y]) => Math.max(far, Math.abs(x), Math.abs(y)), 1e-12);
  return places.map(([x, y]): Point => [(0.95 * x) / most, (0.95 * y) / most]);
}
