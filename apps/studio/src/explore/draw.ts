/** Draws a picture on a canvas: faint edges first, so that the heavy ones lie on top. */
import type { Edge, Picture } from "./picture.ts";
import { colours, placed } from "./place.ts";

/** Widths of edges that are told apart. */
const levels = 10;

/** Nodes from which on they are dots without names. */
const mostNamed = 300;

export interface Drawing {
  readonly pen: CanvasRenderingContext2D;
  readonly side: number;
  readonly ink: string;
  readonly sheet: string;
}

export function draw({ pen, side, ink, sheet }: Drawing, picture: Picture): void {
  pen.clearRect(0, 0, side, side);
  const { edges, trace, scale } = picture;
  const count =
    picture.receivers.places.length + (picture.isOneSet ? 0 : picture.senders.places.length);
  const radius = count > 1000 ? 2.5 : count > mostNamed ? 4 : 8;
  const own = trace?.row;
  const rest = edges.filter(({ row }) => row !== own);
  strokes(
    rest.filter(({ weight }) => weight >= 0),
    ink,
    0.06,
    0.4,
  );
  pen.setLineDash([5, 3]);
  strokes(
    rest.filter(({ weight }) => weight < 0),
    ink,
    0.06,
    0.6,
  );
  strokes(trace?.to ?? [], colours.traced, 0.3, 0.5);
  pen.setLineDash([]);
  const traced = edges.filter(({ row }) => row === own);
  strokes(
    traced.filter(({ weight }) => weight >= 0),
    colours.traced,
    0.35,
    0.65,
  );
  pen.setLineDash([5, 3]);
  strokes(
    traced.filter(({ weight }) => weight < 0),
    colours.traced,
    0.35,
    0.65,
  );
  pen.setLineDash([]);
  nodes();

  /** Edges by their width; one by one, since long paths that cross themselves take longer. */
  function strokes(part: readonly Edge[], colour: string, faint: number, more: number): void {
    const byLevel: Edge[][] = Array.from({ length: levels }, () => []);
    for (const edge of part) {
      const share = Math.min(1, Math.abs(edge.weight) / scale);
      byLevel[Math.min(levels - 1, Math.floor(share * levels))]?.push(edge);
    }
    pen.strokeStyle = colour;
    byLevel.forEach((some, level) => {
      if (some.length === 0) return;
      const share = (level + 0.5) / levels;
      pen.globalAlpha = faint + more * share;
      pen.lineWidth = 0.5 + 5 * share;
      for (const { row, column } of some) {
        pen.beginPath();
        const [x1, y1] = placed(picture.receivers.places[row] as never, side);
        const [x2, y2] = placed(picture.senders.places[column] as never, side);
        if (picture.isOneSet && row === column) {
          // An edge to itself is a ring.
          pen.moveTo(x1 + radius + 3, y1);
          pen.arc(x1, y1, radius + 3, 0, 2 * Math.PI);
        } else {
          pen.moveTo(x1, y1);
          pen.lineTo(x2, y2);
        }
        pen.stroke();
      }
    });
    pen.globalAlpha = 1;
  }

  function nodes(): void {
    const { receivers, senders, isOneSet } = picture;
    const square = (x: number, y: number): void =>
      pen.rect(x - radius, y - radius, 2 * radius, 2 * radius);
    const circle = (x: number, y: number): void => {
      pen.moveTo(x + radius, y);
      pen.arc(x, y, radius, 0, 2 * Math.PI);
    };
    const dots = (
      places: Picture["receivers"]["places"],
      colour: string,
      shape: typeof circle,
    ): void => {
      pen.fillStyle = colour;
      pen.beginPath();
      for (const place of places) shape(...placed(place, side));
      pen.fill();
    };
    if (!isOneSet) dots(senders.places, colours.sender, square);
    dots(receivers.places, colours.receiver, circle);
    const at = own === undefined || own < 0 ? undefined : receivers.places[own];
    if (at !== undefined) dots([at], colours.traced, circle);
    const isNode = own === undefined || own < 0;
    const chosen = isNode ? trace?.to[0]?.column : undefined;
    if (chosen !== undefined) dots([senders.places[chosen] as never], colours.traced, square);
    if (count <= mostNamed) names();
  }

  function names(): void {
    const { receivers, senders, isOneSet } = picture;
    pen.textAlign = "center";
    pen.textBaseline = "middle";
    for (const { labels, places } of isOneSet ? [receivers] : [receivers, senders])
      labels.forEach((label, k) => {
        const [x, y] = placed(places[k] as never, side);
        const isShort = label.length === 1 || /^\d{1,3}$/.test(label);
        pen.font = `600 ${isShort ? 10 : 12}px system-ui, sans-serif`;
        if (!isShort) {
          // A halo keeps a word legible on edges.
          pen.strokeStyle = sheet;
          pen.lineWidth = 4;
          pen.lineJoin = "round";
          pen.strokeText(label, x, y - 16);
        }
        pen.fillStyle = isShort ? "#10151a" : ink;
        pen.fillText(label, x, isShort ? y + 0.5 : y - 16);
      });
  }
}
