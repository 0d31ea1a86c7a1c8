/**
 * The picture of ARCHITECTURE.md: how a declaration becomes a kernel. `docs.ts` writes it, so that it
 * shows the sizes of tiles that the engine has, and the tiles that a fold really falls into.
 */
import {
  blockRows,
  panelWidth,
  tileColumns,
  tileRows,
} from "../packages/edgewise/src/engines/wasm/kernel/tile/geometry.ts";

const ink = "#20262c";
const quiet = "#56606b";
const line = "#c4c8c6";
const paper = "#fcfbf8";
const [empty, full, boundary, accent] = ["#efede7", "#3d7ea6", "#e3ab4c", "#b23a2b"];
const pale = { full: "#d6e5ee", boundary: "#f6e4c2", accent: "#f0cfc9" };

type Attributes = Readonly<Record<string, string | number>>;

const element = (name: string, attributes: Attributes, inside = ""): string => {
  const written = Object.entries(attributes).map(([key, value]) => `${key}="${value}"`);
  return `<${name} ${written.join(" ")}${inside === "" ? "/>" : `>${inside}</${name}>`}`;
};
const box = (x: number, y: number, width: number, height: number, more: Attributes): string =>
  element("rect", { x, y, width, height, ...more });
const stroke = (d: string, more: Attributes = {}): string =>
  element("path", { d, fill: "none", stroke: ink, "stroke-width": 1.2, ...more });
const text = (x: number, y: number, words: string, more: Attributes = {}): string =>
  element("text", { x, y, fill: ink, "font-size": 15, ...more }, words.replaceAll("&", "&amp;"));
const small = { "font-size": 13.5, fill: quiet };
const middle = { "text-anchor": "middle" };
const arrow = { "marker-end": "url(#tip)" };

/** Parallel lines from one end to the other, the ends left out. */
function ruled(at: (t: number) => string, count: number): string {
  const lines = Array.from({ length: Math.max(0, count - 1) }, (_, k) => at((k + 1) / count));
  return stroke(lines.join(" "), { stroke: "#ffffff", "stroke-width": 0.8 });
}

const stages: readonly (readonly [title: string, first: string, second: string])[] = [
  ["Declaration", "graph, prior,", "potential, value"],
  ["One edge", "its log weight,", "as expressions"],
  ["Program", "folds over edges,", "maps over nodes"],
  ["Rewritten", "factors pulled out,", "sums made means"],
  ["Plan of a fold", "rows, columns,", "pairs, landings"],
  ["Module", "a function a fold,", "lengths left open"],
  ["Call", "places and lengths,", "tasks to threads"],
];

function pipeline(): string {
  const [width, gap, top, height] = [158, 22, 26, 86];
  return stages
    .map(([title, first, second], k) => {
      const x = 22 + k * (width + gap);
      const isLast = k === stages.length - 1;
      const fill = k < 3 ? "#ffffff" : pale.full;
      return [
        box(x, top, width, height, { rx: 7, fill, stroke: line }),
        text(x + width / 2, top + 27, title, { ...middle, "font-weight": 600, "font-size": 16 }),
        text(x + width / 2, top + 50, first, { ...middle, ...small }),
        text(x + width / 2, top + 69, second, { ...middle, ...small }),
        ...(isLast
          ? []
          : [stroke(`M${x + width + 3} ${top + height / 2}h${gap - 8}`, { ...arrow })]),
      ].join("\n");
    })
    .join("\n");
}

const nodes = 4 * blockRows;
const back = 2 * blockRows;
/** Senders of a receiver: itself and those just before it. */
const sendersOf = (i: number): readonly [from: number, to: number] => [
  Math.max(0, i - back + 1),
  i + 1,
];

interface Tile {
  readonly row: number;
  readonly column: number;
  readonly columns: number;
  /** Columns of the panels with edges; none in an empty tile. */
  readonly live: readonly [from: number, to: number] | undefined;
  readonly isFull: boolean;
}

/** The tiles of a fold, as the kernel's loops come by them. */
function tiles(): Tile[] {
  const found: Tile[] = [];
  for (let block = 0; block < nodes; block += blockRows) {
    const low = sendersOf(block)[0];
    const high = sendersOf(block + blockRows - 1)[1];
    for (let column = low & -panelWidth; column < high; column += tileColumns)
      for (let row = block; row < block + blockRows; row += tileRows)
        found.push(tileAt(row, column));
  }
  return found;
}

function tileAt(row: number, column: number): Tile {
  const columns = Math.min(tileColumns, nodes - column);
  const rows = Array.from({ length: tileRows }, (_, r) => sendersOf(row + r));
  const start = Math.max(column, Math.min(...rows.map(([from]) => from)));
  const end = Math.min(column + columns, Math.max(...rows.map(([, to]) => to)));
  if (start >= end) return { row, column, columns, live: undefined, isFull: false };
  const from = column + panelWidth * Math.floor((start - column) / panelWidth);
  const to = column + panelWidth * Math.ceil((end - column) / panelWidth);
  return {
    ...{ row, column, columns, live: [from, to] },
    isFull: rows.every(([first, last]) => first <= from && last >= to),
  };
}

const matrix = { x: 96, y: 222, size: 480 };
const scale = matrix.size / nodes;
const placed = (at: number, start: number): number => start + at * scale;

function tileShape({ row, column, columns, live, isFull }: Tile): string {
  const [y, height] = [placed(row, matrix.y), tileRows * scale];
  const outline = { stroke: "#ffffff", "stroke-width": 0.9 };
  const ground = box(placed(column, matrix.x), y, columns * scale, height, {
    fill: empty,
    ...outline,
  });
  if (live === undefined) return ground;
  const fill = isFull ? full : boundary;
  const width = (live[1] - live[0]) * scale;
  return ground + box(placed(live[0], matrix.x), y, width, height, { fill, ...outline });
}

function fold(): string {
  const { x, y, size } = matrix;
  const blocks = Array.from({ length: nodes / blockRows }, (_, k) => placed(k * blockRows, y));
  const height = blockRows * scale;
  const edges = `M${x} ${y}L${x + size} ${y + size}`;
  const legend: readonly (readonly [left: number, fill: string, words: string])[] = [
    [0, empty, "empty: skipped"],
    [136, full, "full: no edge is tested"],
    [318, boundary, "boundary: edge by edge"],
  ];
  const at = chosen();
  return [
    heading(x - 56, 160, "The fold: receivers by senders"),
    text(x - 56, 182, `a causal window of ${back} senders over ${nodes} nodes`, small),
    text(x + size / 2, y - 10, "senders j (columns)", { ...middle, ...small }),
    text(0, 0, "receivers i (rows)", {
      ...middle,
      ...small,
      transform: `translate(${x - 46} ${y + size / 2}) rotate(-90)`,
    }),
    box(x, y, size, size, { fill: "#f6f5f1", stroke: line }),
    ...tiles().map(tileShape),
    stroke(edges, { stroke: ink, "stroke-width": 0.7, "stroke-dasharray": "2 4" }),
    ...blocks.map((top) => stroke(`M${x - 10} ${top + 4}h-8v${height - 8}h8`, { stroke: quiet })),
    ...blocks.slice(1).map((top) => stroke(`M${x} ${top}h${size}`, { stroke: quiet })),
    text(0, 0, "block = task", {
      ...middle,
      ...small,
      transform: `translate(${x - 24} ${(blocks[0] ?? 0) + height / 2}) rotate(-90)`,
    }),
    box(at.x, at.y, at.width, at.height, { fill: "none", stroke: accent, "stroke-width": 2.4 }),
    ...legend.flatMap(([left, fill, words]) => [
      box(x + left, y + size + 18, 14, 14, { fill, stroke: line }),
      text(x + left + 20, y + size + 30, words, small),
    ]),
  ].join("\n");
}

/** The tile that is drawn large: the last full one of some row of tiles. */
function chosen(): { x: number; y: number; width: number; height: number } {
  const first = 2 * blockRows + 5 * tileRows;
  const found = tiles().findLast(({ row, isFull }) => isFull && row === first);
  if (found === undefined) throw new Error("no tile of the row is full");
  return {
    x: placed(found.column, matrix.x),
    y: placed(found.row, matrix.y),
    width: found.columns * scale,
    height: tileRows * scale,
  };
}

const heading = (x: number, y: number, words: string): string =>
  text(x, y, words, { "font-size": 18, "font-weight": 600 });

const number = (x: number, y: number, of: number): string =>
  element("circle", { cx: x, cy: y, r: 10, fill: ink }) +
  text(x, y + 4.8, String(of), {
    ...middle,
    fill: "#ffffff",
    "font-size": 13,
    "font-weight": 600,
  });

const tile = { x: 746, y: 318, width: 3 * tileColumns, height: 6 * tileRows };
const features = 60;
const block = { rows: 6, row: 6, panel: 6 };

function oneTile(): string {
  const { x, y, width, height } = tile;
  const panels = tileColumns / panelWidth;
  const panel = width / panels;
  const row = height / tileRows;
  const keys = y - 28 - features;
  const queries = x - 28 - features;
  const sums = x + width + 14;
  const values = y + height + 14;
  const hot = {
    x: x + block.panel * panel,
    y: y + block.row * row,
    width: panel,
    height: block.rows * row,
  };
  const plain = { stroke: "none" };
  const steps = [
    "Columns are packed once for a block; numbers of rows and columns are kept.",
    `Products: registers hold ${block.rows} × ${panelWidth} sums while the features pass by.`,
    "Log weights and the greatest; then weights exp(w − greatest) and their sum.",
    "Weights × values, added to sums of rows; divided once, after the last tile.",
  ];
  return [
    heading(queries, 160, `One tile: ${tileRows} receivers by ${tileColumns} senders`),
    text(queries, 182, "all of it, and what it reads, stays near one thread", small),
    text(x, keys - 10, `keys, packed: ${panels} panels of ${panelWidth} senders`, small),
    box(x, keys, width, features, { fill: pale.full, ...plain }),
    box(hot.x, keys, panel, features, { fill: accent, ...plain }),
    ruled((t) => `M${x + t * width} ${keys}v${features}`, panels),
    box(x, y - 20, width, 10, { fill: pale.boundary, stroke: boundary, "stroke-width": 0.8 }),
    text(x - 8, y - 11, "−j", { ...small, "text-anchor": "end" }),
    text(queries, y - 12, "queries", small),
    box(queries, y, features, height, { fill: pale.full, ...plain }),
    box(queries, hot.y, features, hot.height, { fill: accent, ...plain }),
    ruled((t) => `M${queries} ${y + t * height}h${features}`, tileRows),
    box(x - 20, y, 10, height, { fill: pale.boundary, stroke: boundary, "stroke-width": 0.8 }),
    text(x - 15, y + height + 17, "i", { ...small, ...middle }),
    box(x, y, width, height, { fill: full, ...plain }),
    box(hot.x, hot.y, hot.width, hot.height, { fill: accent, ...plain }),
    ruled((t) => `M${x + t * width} ${y}v${height}`, panels),
    ruled((t) => `M${x} ${y + t * height}h${width}`, tileRows / block.rows),
    text(sums, y - 12, "sums", small),
    box(sums, y, features, height, { fill: pale.accent, stroke: accent, "stroke-width": 0.8 }),
    ruled((t) => `M${sums} ${y + t * height}h${features}`, tileRows),
    box(x, values, width, features - 6, { fill: pale.full, ...plain }),
    ruled((t) => `M${x} ${values + t * (features - 6)}h${width}`, 8),
    text(x, values + features + 13, `values, laid out in panels of ${panelWidth} features`, small),
    number(x + width - 14, keys + features / 2, 1),
    number(hot.x + panel / 2, hot.y + hot.height / 2, 2),
    number(x + width * 0.62, y + height / 2, 3),
    number(sums + features / 2, y + height / 2, 4),
    ...steps.flatMap((words, k) => [
      number(queries + 10, 590 + 31 * k, k + 1),
      text(queries + 30, 595 + 31 * k, words, { "font-size": 14.5 }),
    ]),
  ].join("\n");
}

function leader(): string {
  const at = chosen();
  const { y, height } = tile;
  const right = tile.x - 28 - features - 10;
  const [from, more] = [at.x + at.width, { stroke: accent, "stroke-width": 1.1, opacity: 0.75 }];
  return [
    stroke(`M${from} ${at.y}L${right} ${y}`, more),
    stroke(`M${from} ${at.y + at.height}L${right} ${y + height}`, more),
    stroke(`M${right} ${y}v${height}`, more),
  ].join("\n");
}

const lower = 812;

/** Where results land: small folds of four by six cells. */
function landings(): string {
  const kinds: readonly (readonly [name: string, first: string, second: string])[] = [
    ["row", "expectation,", "evidence"],
    ["column", "gradients of", "keys and values"],
    ["edge", "dense posterior,", "given log priors"],
    ["shared", "slopes, offsets,", "log scales"],
  ];
  return [
    heading(40, lower - 26, "Landings: where a result is added"),
    ...kinds.map(([name, first, second], k) => {
      const [x, y] = [40 + 140 * k, lower];
      return [
        box(x, y, 84, 56, { fill: pale.full, stroke: "none" }),
        ruled((t) => `M${x} ${y + 56 * t}h84`, 4),
        ruled((t) => `M${x + 84 * t} ${y}v56`, 6),
        landingMark(name, x, y),
        text(x, y + 92, name, { "font-weight": 600 }),
        text(x, y + 112, first, small),
        text(x, y + 130, second, small),
      ].join("\n");
    }),
    text(
      40,
      lower + 168,
      "Where tasks meet, each adds to a copy of its own; copies are added in the",
    ),
    text(40, lower + 189, "order of the tasks: the same bytes on any number of threads."),
  ].join("\n");
}

function landingMark(name: string, x: number, y: number): string {
  const mark = { fill: accent };
  const shaft = { stroke: accent, "stroke-width": 1.6, ...arrow };
  switch (name) {
    case "row":
      return box(x + 92, y, 12, 56, mark) + stroke(`M${x + 8} ${y + 21}h76`, shaft);
    case "column":
      return box(x, y + 64, 84, 10, mark) + stroke(`M${x + 35} ${y + 6}v50`, shaft);
    case "edge":
      return box(x + 28, y + 14, 14, 14, mark);
    default:
      return (
        element("circle", { cx: x + 100, cy: y + 66, r: 7, ...mark }) +
        stroke(`M${x + 14} ${y + 10}L${x + 88} ${y + 58}`, shaft)
      );
  }
}

/** Six rows of two vectors of sums, the two vectors of a panel, and one number of a row. */
function registers(): string {
  const [x, y, cell, row] = [tile.x, lower + 26, 26, 20];
  const vector = (left: number, top: number, fill: string): string =>
    box(left, top, 4 * cell, row - 3, { fill, rx: 3 }) +
    ruled((t) => `M${left + 4 * cell * t} ${top}v${row - 3}`, 4);
  const halves = [0, 4 * cell + 6];
  const queries = tile.x - 28 - features;
  const right = x + 8 * cell + 36;
  const facts = [
    "In registers, for each feature d:",
    `${2 * block.rows} vectors of sums,`,
    "2 of the panel’s keys, 1 of a query:",
    `${2 * block.rows + 3}, as many as compilers keep.`,
    "One more, and the sums go to memory",
    "and back: half the speed.",
  ];
  return [
    heading(
      queries,
      lower - 26,
      `The register block: ${block.rows} receivers by ${panelWidth} senders`,
    ),
    text(x - 14, lower + 14, "key[j, d]", { ...small, "text-anchor": "end" }),
    ...halves.map((left) => vector(x + left, lower + 1, accent)),
    ...Array.from({ length: block.rows }, (_, r) => [
      box(queries + 46, y + r * row, 20, row - 3, {
        fill: r === 2 ? accent : pale.accent,
        rx: 3,
      }),
      ...halves.map((left) => vector(x + left, y + r * row, full)),
    ]).flat(),
    stroke(`M${queries + 70} ${y + 2 * row + 8}H${x - 3}`, { stroke: accent, ...arrow }),
    text(queries, y + 2 * row + 13, "q[i, d]", small),
    text(x, y + block.rows * row + 20, "sum[i, j] ← sum[i, j] + q[i, d] · key[j, d]", small),
    ...facts.map((words, k) =>
      text(right, lower + 14 + 23 * k, words, k === 0 ? { "font-weight": 600 } : small),
    ),
  ].join("\n");
}

/** The picture, as the text of an SVG. */
export function kernelPicture(): string {
  const [width, height] = [1280, 1026];
  const tip = element(
    "marker",
    {
      id: "tip",
      viewBox: "0 0 8 8",
      refX: 7,
      refY: 4,
      markerWidth: 7,
      markerHeight: 7,
      orient: "auto",
    },
    element("path", { d: "M0 0.6L7.4 4L0 7.4z", fill: "context-stroke" }),
  );
  const about =
    "From a declaration to a kernel: stages, the fold cut into tiles, one tile, landings and the register block";
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="system-ui, 'Segoe UI', Helvetica, Arial, 'DejaVu Sans', sans-serif">`,
    element("title", {}, about),
    element("defs", {}, tip),
    box(1, 1, width - 2, height - 2, { rx: 14, fill: paper, stroke: line }),
    pipeline(),
    stroke(`M22 130H${width - 22}`, { stroke: line }),
    fold(),
    leader(),
    oneTile(),
    stroke(`M22 ${lower - 62}H${width - 22}`, { stroke: line }),
    landings(),
    registers(),
    "</svg>\n",
  ].join("\n");
}
