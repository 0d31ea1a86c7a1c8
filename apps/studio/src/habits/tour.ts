/** Five steps to what the page is about, and where the card stands that tells them. */

export interface Step {
  readonly title: string;
  readonly text: string;
  /** What it speaks of, by the attribute data-tour; the card stands beside the first. */
  readonly targets: readonly string[];
}

export const steps: readonly Step[] = [
  {
    title: "Every node asks: which edge do I own?",
    text: "Attention is a question about a graph. A node may attend to any node that it has an edge to, and only one edge is its own. Which one is not known: it is to be inferred.",
    targets: ["plane"],
  },
  {
    title: "The answer is a posterior over edges",
    text: "Each line is an edge that may be attended along, as wide as its posterior probability. Drag a node, and look: what comes close is attended to more, what goes away less.",
    targets: ["plane"],
  },
  {
    title: "Posterior ∝ prior × likelihood",
    text: "The prior says how likely an edge is before any data is seen; the likelihood, how well it explains the node. These sliders declare them. Where the prior is the same for all edges, the posterior is the softmax you know.",
    targets: ["sliders"],
  },
  {
    title: "The posterior as an attention matrix",
    text: "One row per node, and each row adds up to 1. The entropy of a row says how unsure the node is which edge it owns; its log evidence, how well its edges together explain it.",
    targets: ["matrix"],
  },
  {
    title: "Another mechanism is another declaration",
    text: "Change the graph, the prior or the likelihood, and you have another attention mechanism. In Design you write one of your own; Reproduce checks what the papers claim.",
    targets: ["mechanism", "rooms"],
  },
];

export interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

type Size = Pick<Box, "width" | "height">;
type Place = Pick<Box, "left" | "top">;

/** Pixels between the card and what it points at, and the edge of the window. */
const gap = 14;

/** Where in the window a card covers none of what it speaks of; nothing where it would. */
export function placeBeside(targets: readonly Box[], card: Size, page: Size): Place | undefined {
  const [first] = targets;
  if (first === undefined) return undefined;
  const across = within(first.left, page.width - card.width - gap);
  const down = within(first.top, page.height - card.height - gap);
  const places: readonly Place[] = [
    { left: first.left + first.width + gap, top: down },
    { left: first.left - card.width - gap, top: down },
    { left: across, top: first.top + first.height + gap },
    { left: across, top: first.top - card.height - gap },
  ];
  return places.find(
    ({ left, top }) =>
      left >= gap &&
      top >= gap &&
      left + card.width <= page.width - gap &&
      top + card.height <= page.height - gap &&
      targets.every((target) => !isOver({ left, top, ...card }, target)),
  );
}

const within = (place: number, most: number): number => Math.max(gap, Math.min(most, place));

const isOver = (one: Box, other: Box): boolean =>
  one.left < other.left + other.width &&
  other.left < one.left + one.width &&
  one.top < other.top + other.height &&
  other.top < one.top + one.height;
