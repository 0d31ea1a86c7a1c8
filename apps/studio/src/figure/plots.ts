/** Figures that are saved, and curves that are shown: with axes, units and a legend, on white. */
import type { Picture } from "../explore/picture.ts";

type Drawn = Promise<SVGSVGElement>;

const plots = () => import("@observablehq/plot");

const paper = { background: "white", color: "#1a2027" };

/** An SVG as the text of a file; the page's own policy leaves the file alone. */
export function textOf(svg: SVGSVGElement): string {
  const own = svg.cloneNode(true) as SVGSVGElement;
  own.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  own.setAttribute("color", paper.color);
  own.setAttribute("font-family", "system-ui, sans-serif");
  const ground = document.createElementNS("http://www.w3.org/2000/svg", "rect");
  for (const [name, value] of [
    ["width", "100%"],
    ["height", "100%"],
    ["fill", paper.background],
  ] as const)
    ground.setAttribute(name, value);
  own.insertBefore(ground, own.firstChild);
  return new XMLSerializer().serializeToString(own);
}

/** Without the style sheet that Plot puts in: the page forbids them, and has its own. */
function bare(plot: SVGSVGElement | HTMLElement): SVGSVGElement {
  const svg = (plot.tagName === "svg" ? plot : plot.querySelector("svg")) as SVGSVGElement;
  for (const style of svg.querySelectorAll("style")) style.remove();
  // The figure as a whole says what it is; parts of it need no names.
  for (const part of svg.querySelectorAll("[aria-label]")) part.removeAttribute("aria-label");
  return svg;
}

/** Numbers of steps as a curve, with the step that is shown. */
export async function curveFigure(
  curve: NonNullable<Picture["curve"]>,
  step: string,
  shown: number,
): Drawn {
  const Plot = await plots();
  const rows = Array.from(curve.values, (value, k) => ({ step: k, value }));
  const isOne = rows.length === 1;
  return bare(
    Plot.plot({
      ...{ width: 480, height: 180, marginLeft: 56, marginBottom: 36 },
      x: { label: `${step} →`, ticks: Math.min(10, rows.length), tickFormat: "d" },
      y: { label: `↑ ${curve.title}, ${curve.unit}`, nice: true, ticks: 4, grid: true },
      marks: [
        ...(isOne ? [] : [Plot.line(rows, { x: "step", y: "value", stroke: "#2f8fd8" })]),
        Plot.dot(rows, { x: "step", y: "value", r: 2, fill: "#2f8fd8" }),
        Plot.dot(rows.slice(shown, shown + 1), { x: "step", y: "value", r: 6, fill: "#d0679d" }),
      ],
    }) as SVGSVGElement,
  );
}

/** Three digits, and a power of ten where it is shorter. */
const brief = (value: number): string => String(Number(value.toPrecision(3))).replace("-", "−");

/** A number of some runs. */
export interface Interval {
  readonly run: string;
  readonly measured: number;
  /** Where 95 % of its bootstrap lie. */
  readonly low: number;
  readonly high: number;
}

/** Numbers of runs above each other: where intervals overlap, runs do not differ by much. */
export async function intervalFigure(runs: readonly Interval[], metric: string): Drawn {
  const Plot = await plots();
  return bare(
    Plot.plot({
      ...{ width: 300, height: 46 + 18 * runs.length, marginLeft: 56, marginRight: 16 },
      ...{ marginTop: 8, marginBottom: 34 },
      x: { label: `${metric} →`, nice: true, ticks: 3, grid: true, tickFormat: brief },
      y: { label: null, domain: runs.map(({ run }) => run) },
      marks: [
        Plot.ruleY(runs, { y: "run", x1: "low", x2: "high", stroke: "#2f8fd8", strokeWidth: 2 }),
        Plot.dot(runs, { y: "run", x: "measured", r: 4, fill: "#2f8fd8" }),
      ],
    }) as SVGSVGElement,
  );
}

/** Nodes where they are, and edges as wide as they weigh. */
export async function planeFigure(picture: Picture, isPlane: boolean): Drawn {
  const Plot = await plots();
  const { receivers, senders, edges, scale, trace, isOneSet, isSigned } = picture;
  const links = edges.map(({ row, column, weight }) => {
    const [[x1, y1], [x2, y2]] = [receivers.places[row], senders.places[column]] as never as [
      readonly [number, number],
      readonly [number, number],
    ];
    return { x1, y1, x2, y2, share: Math.min(1, Math.abs(weight) / scale), weight, row };
  });
  const link = (part: typeof links, stroke: string, dash?: string) =>
    Plot.link(part, {
      ...{ x1: "x1", y1: "y1", x2: "x2", y2: "y2", stroke },
      strokeWidth: (edge: { share: number }) => 0.5 + 5 * edge.share,
      strokeOpacity: (edge: { share: number }) => 0.15 + 0.75 * edge.share,
      ...(dash !== undefined && { strokeDasharray: dash }),
    });
  const own = trace?.row;
  // An edge to itself is a ring.
  const rings = isOneSet ? edges.filter(({ row, column }) => row === column) : [];
  const ring = Plot.dot(rings, {
    ...{ x: ({ row }) => receivers.places[row]?.[0], y: ({ row }) => receivers.places[row]?.[1] },
    ...{ r: 9, stroke: ({ row }) => (row === own ? "#d0679d" : "#7f8c96") },
    strokeWidth: ({ weight }) => 0.5 + 5 * Math.min(1, Math.abs(weight) / scale),
    strokeOpacity: ({ weight }) => 0.15 + 0.75 * Math.min(1, Math.abs(weight) / scale),
  });
  const nodes = (end: Picture["receivers"], symbol: "circle" | "square", fill: string) => [
    Plot.dot(end.places, { x: "0", y: "1", symbol, r: 6, fill }),
    ...(end.places.length <= 100
      ? [Plot.text(end.places, { x: "0", y: "1", text: end.labels, dy: -15, fontSize: 9 })]
      : []),
  ];
  const unit = isSigned ? "weight" : "posterior";
  return bare(
    Plot.plot({
      ...{ width: 640, height: 660, margin: 44 },
      x: { domain: [-1.05, 1.05], label: isPlane ? "feature 1 →" : null, ...axis(isPlane) },
      y: { domain: [-1.05, 1.05], label: isPlane ? "↑ feature 2" : null, ...axis(isPlane) },
      opacity: { type: "identity" },
      color: { type: "identity" },
      marks: [
        link(
          links.filter(({ row, weight }) => row !== own && weight >= 0),
          "#7f8c96",
        ),
        link(
          links.filter(({ row, weight }) => row !== own && weight < 0),
          "#b5651d",
          "4 3",
        ),
        link(
          links.filter(({ row }) => row === own),
          "#d0679d",
        ),
        ring,
        ...nodes(receivers, "circle", "#2f8fd8"),
        ...(isOneSet ? [] : nodes(senders, "square", "#c47f00")),
        Plot.text([`the widest edge: ${unit} ${scale}`], {
          ...{ frameAnchor: "top-right", dy: -28, fontSize: 11 },
        }),
      ],
    }) as SVGSVGElement,
  );
}

const axis = (isPlane: boolean): { ticks: number } | { axis: null } =>
  isPlane ? { ticks: 5 } : { axis: null };

/** Ticks of some dozen rows or columns, by the names that their nodes have. */
const named = (labels: readonly string[]) => ({
  ticks: labels.map((_, k) => k + 1).filter((_, k) => k % Math.ceil(labels.length / 12) === 0),
  tickFormat: (at: number) => labels[at - 1] ?? "",
});

/** The posterior as a matrix, with what its colours mean. */
export async function matrixFigure(picture: Picture): Drawn {
  const Plot = await plots();
  const { cells, scale, isSigned, receivers, senders } = picture;
  const [rows, columns] = [receivers.labels.length, senders.labels.length];
  const unit = isSigned ? "weight" : "posterior";
  const wide = Math.max(1, columns / rows);
  const color = isSigned
    ? ({ type: "diverging", scheme: "PuOr", domain: [-scale, scale] } as const)
    : ({ type: "linear", scheme: "cividis", domain: [0, scale] } as const);
  const side = 420;
  const plot = Plot.plot({
    ...{ width: side + 80, height: Math.round(side / wide) + 110, marginTop: 70 },
    ...{ marginLeft: 50, marginRight: 30, marginBottom: 40 },
    x: {
      label: "chosen →",
      labelAnchor: "center",
      domain: [0.5, columns + 0.5],
      ...named(senders.labels),
    },
    y: {
      label: "chooses",
      labelAnchor: "center",
      labelArrow: "none",
      domain: [rows + 0.5, 0.5],
      ...named(receivers.labels),
    },
    color: { ...color, label: unit },
    marks: [
      Plot.raster(cells.values, {
        ...{ width: cells.width, height: cells.height, imageRendering: "pixelated" },
        ...{ x1: 0.5, y1: 0.5, x2: columns + 0.5, y2: rows + 0.5 },
      }),
      Plot.frame({ stroke: "#55606b" }),
    ],
  });
  const legend = plot.scale("color");
  const drawn = bare(plot as SVGSVGElement);
  if (legend !== undefined) {
    const key = Plot.legend({
      color: legend,
      width: 240,
      height: 44,
      label: unit,
    }) as SVGSVGElement;
    const nested = bare(key);
    nested.setAttribute("x", "60");
    nested.setAttribute("y", "14");
    nested.setAttribute("overflow", "visible");
    drawn.append(nested);
  }
  return drawn;
}
