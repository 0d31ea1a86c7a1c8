import {
  add,
  axis,
  binary,
  divide,
  type Expr,
  held,
  index,
  load,
  log,
  map,
  multiply,
  normalise,
  number,
  type Program,
  size,
  sqrt,
  subtract,
  sum,
  unary,
  where,
} from "edgewise/ir";

export interface ExpandingOptions {
  readonly alpha: number;
  readonly beta: number;
  readonly tail: number;
  readonly tolerance: number;
  readonly maxIterations: number;
}

const [b, h, i, j] = [axis("b", "B"), axis("h", "H"), axis("i", "N"), axis("j", "N")];
const owner = [b, h, i];
const own = (name: string): Expr => load(name, owner.map(index));

/**
 * Expanding attention: each query infers its own continuation probability q, and its window, an
 * interval that an earlier step computed, grows until the prior's tail is below `tail`.
 *
 * @source docs/mathematics.md, 7.2 (`plugin-reset`) and 7.5 (rule R1); gradients take q and windows as constants.
 */
export function expanding(options: ExpandingOptions): Program {
  const { alpha, beta } = options;
  return {
    name: "expanding attention",
    inputs: ["query", "key"]
      .map((name) => ({ name, shape: ["B", "H", "N", "D"] }))
      .concat({ name: "value", shape: ["B", "H", "N", "V"] }),
    steps: [
      map("continuationStart", owner, beta / (alpha + beta)),
      map("windowStart", owner, 0),
      map("activeStart", owner, 1),
      map("countStart", owner, 0),
      growth(options),
      map("windowLast", owner, grown("continuation", "window", options)),
      normalise({
        over: owner,
        edges: nearest("windowLast"),
        logWeight: logWeight(held(own("continuation"))),
        logEvidence: "lastEvidence",
        expectations: [
          {
            name: "expectation",
            along: [axis("v", "V")],
            value: load("value", [b, h, j, axis("v", "V")].map(index)),
          },
        ],
      }),
    ],
    outputs: {
      expectation: "expectation",
      continuation: "continuation",
      window: "windowLast",
      iterations: "count",
    },
  };
}

/** Senders at distance 0 … window − 1 before the receiver. */
function nearest(window: string) {
  return { axis: j, from: add(subtract(index(i), own(window)), 1), to: add(index(i), 1) };
}

const distance = subtract(index(i), index(j));

function logWeight(continuation: Expr): Expr {
  const d = axis("d", "D");
  const score = divide(
    sum(d, multiply(load("query", [b, h, i, d].map(index)), load("key", [b, h, j, d].map(index)))),
    sqrt(size("D")),
  );
  return add(score, multiply(distance, log(continuation)));
}

/** Smallest window, never smaller than before, whose prior tail ρʰ is below `tail`. */
function grown(continuation: string, window: string, { tail }: ExpandingOptions): Expr {
  // ⌈x⌉ = −⌊−x⌋
  const needed = unary(
    "negate",
    unary("floor", unary("negate", divide(Math.log(tail), log(own(continuation))))),
  );
  return binary("max", own(window), binary("min", add(index(i), 1), needed));
}

function growth(options: ExpandingOptions): Program["steps"][number] {
  const { alpha, beta, tolerance, maxIterations } = options;
  const updated = divide(
    add(beta, own("meanDistance")),
    add(add(add(alpha, 1), beta), own("meanDistance")),
  );
  const moves = binary(
    "lessEqual",
    number(tolerance),
    unary("abs", subtract(own("continuationUpdated"), own("continuation"))),
  );
  const isActive = own("active");
  return {
    kind: "fixedPoint",
    name: "growth",
    state: ["continuation", "window", "active", "count"].map((name) => ({
      name,
      initial: `${name}Start`,
      shape: ["B", "H", "N"],
    })),
    blocks: [
      {
        name: "look and update",
        steps: [
          map(
            "windowNow",
            owner,
            where(isActive, grown("continuation", "window", options), own("window")),
          ),
          normalise({
            over: owner,
            edges: nearest("windowNow"),
            logWeight: logWeight(own("continuation")),
            logEvidence: "evidence",
            expectations: [{ name: "meanDistance", along: [], value: distance }],
          }),
          map("continuationUpdated", owner, updated),
          // A query that has settled keeps what it has.
          map(
            "continuationNow",
            owner,
            where(isActive, own("continuationUpdated"), own("continuation")),
          ),
          map("countNow", owner, add(own("count"), isActive)),
          map("activeNow", owner, binary("and", isActive, moves)),
        ],
        update: {
          continuation: "continuationNow",
          window: "windowNow",
          active: "activeNow",
          count: "countNow",
        },
      },
    ],
    maxIterations,
    iteration: "t",
    active: "activeNow",
    traces: [],
    history: {},
    iterations: "rounds",
    gradient: "unrolled",
  };
}
