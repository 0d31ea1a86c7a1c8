import { EdgewiseError } from "../errors/edgewiseError.ts";
import { checkOptions } from "../errors/options.ts";
import { add, and, binary, type Expr, index, load, number, subtract, unary } from "../ir/expr.ts";
import type { Span, Support } from "../ir/program.ts";
import type { EdgeScope } from "./edgeScope.ts";

/** Who may attend to whom. Structure is support: an edge that is not in the graph is never looked at. */
export type Graph =
  | { readonly kind: "complete" }
  | { readonly kind: "causal" }
  | { readonly kind: "window"; readonly back: number | null; readonly ahead: number | null }
  | { readonly kind: "withoutSelf" }
  | {
      readonly kind: "edges";
      readonly pairs: readonly (readonly [receiver: number, sender: number])[];
    }
  | { readonly kind: "edgesFrom"; readonly tensor: string }
  | {
      readonly kind: "blocks";
      readonly size: number;
      readonly pattern: readonly (readonly number[])[];
    }
  | { readonly kind: "intersection"; readonly of: readonly Graph[] }
  | { readonly kind: "union"; readonly of: readonly Graph[] }
  | MotifsGraph;

/** A library of graphs, one of which is the graph; which one is inferred. */
export interface MotifsGraph {
  readonly kind: "motifs";
  /** Tensor [K, N, M] of 0 and 1: the edges of each motif. */
  readonly support: string;
  /** Tensor [K] of log weights, not necessarily normalised; −∞ rules a motif out. */
  readonly logWeight?: string;
}

/** Every receiver with every sender. */
export const complete = (): Graph => ({ kind: "complete" });
/** Senders at or before the receiver's position: j ≤ i. */
export const causal = (): Graph => ({ kind: "causal" });
/** Senders from i − back to i + ahead, both included; `null` leaves that side open. */
export function window(options: { back?: number | null; ahead?: number | null }): Graph {
  checkOptions(options, ["back", "ahead"], "window");
  const { back = null, ahead = null } = options;
  return { kind: "window", back, ahead };
}
/** Every edge but a node's edge to itself, j = i. */
export const withoutSelf = (): Graph => ({ kind: "withoutSelf" });
/** Neighbourhoods as a list of [receiver, sender]. */
export const edges = (pairs: readonly (readonly [number, number])[]): Graph => ({
  kind: "edges",
  pairs,
});
/** Neighbourhoods from an input tensor [E, 2] of receivers and senders. */
export const edgesFrom = (tensor = "edges"): Graph => ({ kind: "edgesFrom", tensor });
/** Neighbourhoods from a pattern of blocks: receivers of block r see senders of block c where pattern[r][c] is 1. */
export const blocks = (options: {
  size: number;
  pattern: readonly (readonly number[])[];
}): Graph => ({
  kind: "blocks",
  ...options,
});
/** Edges that are in all of several graphs. */
export const intersection = (...of: readonly Graph[]): Graph => ({ kind: "intersection", of });
/** Edges that are in one of several graphs or more. */
export const union = (...of: readonly Graph[]): Graph => ({ kind: "union", of });

/** One of K graphs for the whole layer, inferred: a tensor [K, N, M] of 0 and 1, and log weights [K]. */
export const motifs = (options: { support?: string; logWeight?: string } = {}): MotifsGraph => ({
  kind: "motifs",
  support: options.support ?? "support",
  ...(options.logWeight === undefined ? {} : { logWeight: options.logWeight }),
});

/** The library of graphs in a graph, if it has one. */
export function motifsOf(graph: Graph): MotifsGraph | undefined {
  if (graph.kind === "motifs") return graph;
  return graph.kind === "intersection"
    ? graph.of.map(motifsOf).find((found) => found !== undefined)
    : undefined;
}

/** Names of the tensors in which a list of edges reaches a program. */
export const listTensors = {
  rowStart: "edges rowStart",
  alternative: "edges alternative",
} as const;

/** Whether a graph is bound as a list of edges when the lengths are known. */
export function isList(graph: Graph): boolean {
  if (graph.kind === "intersection" || graph.kind === "union") return graph.of.some(isList);
  return graph.kind === "edges" || graph.kind === "edgesFrom" || graph.kind === "blocks";
}

/** Support of a graph for the nodes that choose. */
export function lowerGraph(
  graph: Graph,
  scope: EdgeScope,
  chooser: "receiver" | "sender",
): Support {
  const axis = chooser === "receiver" ? scope.sender : scope.receiver;
  if (isList(graph)) {
    const owner = chooser === "receiver" ? scope.receiver : scope.sender;
    scope.inputs.set(listTensors.rowStart, { name: listTensors.rowStart, shape: ["rows"] });
    scope.inputs.set(listTensors.alternative, { name: listTensors.alternative, shape: ["E"] });
    return { axis, list: { ...listTensors, row: owner.name, edge: "e" } };
  }
  return { axis, ...cut(graph, scope, chooser) };
}

interface Cut {
  readonly from?: Expr;
  readonly to?: Expr;
  readonly spans?: readonly Span[];
  readonly where?: Expr;
}

function cut(graph: Graph, scope: EdgeScope, chooser: "receiver" | "sender"): Cut {
  // Seen from the sender, j ≤ position + a is position ≥ j − a.
  const byReceiver = chooser === "receiver";
  const at = byReceiver ? scope.position : subtract(index(scope.sender), scope.first);
  switch (graph.kind) {
    case "complete":
      return {};
    case "causal":
      return byReceiver ? { to: add(at, 1) } : { from: at };
    case "window": {
      const [low, high] = byReceiver ? [graph.back, graph.ahead] : [graph.ahead, graph.back];
      return {
        ...(low === null ? {} : { from: subtract(at, low) }),
        ...(high === null ? {} : { to: add(at, high + 1) }),
      };
    }
    case "withoutSelf":
      return { where: unary("not", binary("equal", index(scope.sender), scope.position)) };
    case "intersection":
      return graph.of.map((part) => cut(part, scope, chooser)).reduce<Cut>(both, {});
    case "union":
      return either(
        graph.of.map((part) => cut(part, scope, chooser)),
        byReceiver ? scope.sender.name : scope.receiver.name,
      );
    case "motifs": {
      const { motif, receiver, sender } = scope;
      scope.require(graph.support, [motif.size as string, "N", "M"]);
      return { where: load(graph.support, [motif, receiver, sender].map(index)) };
    }
    case "edges":
    case "edgesFrom":
    case "blocks":
      throw new EdgewiseError({
        code: "bad_model",
        where: "graph",
        got: `${graph.kind} as an interval`,
        expected: "a graph without lists",
        fix: "bind the graph as a list",
      });
    default:
      return graph satisfies never;
  }
}

/** Both cuts at once: intervals meet, and what spans or conditions say is asked of each edge. */
function both(a: Cut, b: Cut): Cut {
  const pick = (op: "min" | "max", left?: Expr, right?: Expr): Expr | undefined =>
    left && right ? binary(op, left, right) : (left ?? right);
  const from = pick("max", a.from, b.from);
  const to = pick("min", a.to, b.to);
  const where = a.where && b.where ? and(a.where, b.where) : (a.where ?? b.where);
  const spans = a.spans ?? b.spans;
  return {
    ...(from ? { from } : {}),
    ...(to ? { to } : {}),
    ...(spans ? { spans } : {}),
    ...(where ? { where } : {}),
  };
}

/** Each part's interval is looked at; membership of one part is the condition. */
function either(parts: readonly Cut[], alternative: string): Cut {
  const inside = ({ from, to, where }: Cut): Expr =>
    [
      from && binary("lessEqual", from, index(alternative)),
      to && binary("less", index(alternative), to),
      where,
    ]
      .filter((e) => e !== undefined)
      .reduce<Expr>((a, b) => (a.kind === "number" ? b : and(a, b)), number(1));
  const spans = parts.flatMap(({ from, to, spans: inner }): readonly Span[] => [
    ...(inner ?? [{ ...(from && { from }), ...(to && { to }) }]),
  ]);
  const where = parts.map(inside).reduce((a, b) => binary("or", a, b), number(0) as Expr);
  return { spans, where };
}
