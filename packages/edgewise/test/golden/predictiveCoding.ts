import {
  type Axis,
  add,
  axis,
  binary,
  divide,
  type Expr,
  index,
  load,
  log,
  map,
  multiply,
  negate,
  normalise,
  type Program,
  result,
  type Step,
  size,
  subtract,
  sum,
  weigh,
  where,
} from "edgewise/ir";

const b = axis("b", "B");
/** Units of the three layers: top, hidden, observed. */
const layer = [axis("p", "P"), axis("q", "Q"), axis("r", "R")] as const;
const state = ["top", "hidden", "state.2"] as const;

const unit = (l: 0 | 1 | 2): Expr => load(state[l], [index(b), index(layer[l])]);
const weight = (l: 0 | 1): Expr =>
  load(`weight.${l}`, [index(layer[l + 1] as Axis), index(layer[l])]);
const precision = (l: 0 | 1): Expr => load(`precision.${l}`, [index(layer[l + 1] as Axis)]);

/** −k/2 (z_child − w z_parent)²: units of layer l + 1 choose a parent in layer l. */
function logWeight(l: 0 | 1): Expr {
  const error = subtract(unit((l + 1) as 1 | 2), multiply(weight(l), unit(l)));
  return negate(multiply(divide(precision(l), 2), multiply(error, error)));
}

const owners = (l: 0 | 1): readonly Axis[] => [b, layer[l + 1] as Axis];
const evidence = (l: 0 | 1, tag: string): Expr => load(`evidence${l}${tag}`, owners(l).map(index));

function choose(l: 0 | 1, tag: string): Step {
  return normalise({
    over: owners(l),
    edges: { axis: layer[l] },
    logWeight: logWeight(l),
    logEvidence: `evidence${l}${tag}`,
  });
}

/** What the units of layer l are pulled to: by their parents, and by the children that chose them. */
function update(l: 0 | 1, tag: string): Step[] {
  const place = [b, layer[l]];
  const posterior = subtract(logWeight(l), evidence(l, tag));
  const child = multiply(precision(l), weight(l));
  const explain = weigh(owners(l), { axis: layer[l] }, posterior, [
    result(`pull${l}`, place, [], multiply(child, unit((l + 1) as 1 | 2))),
    result(`stiffness${l}`, place, [], multiply(child, weight(l))),
  ]);
  const [pull, stiffness] = [`pull${l}`, `stiffness${l}`].map((name) =>
    load(name, place.map(index)),
  ) as [Expr, Expr];
  const own = l === 0 ? load("top_precision", [index(layer[0])]) : precision(0);
  const drive =
    l === 0
      ? multiply(own, load("top_mean", [index(layer[0])]))
      : multiply(own, load("parentMean", place.map(index)));
  return [explain, map(`next${l}`, place, divide(add(drive, pull), add(own, stiffness)))];
}

/** Mean of w z over the parents that hidden units chose. */
function gather(tag: string): Step {
  const posterior = subtract(logWeight(0), evidence(0, tag));
  return weigh(owners(0), { axis: layer[0] }, posterior, [
    result("parentMean", owners(0), [], multiply(weight(0), unit(0))),
  ]);
}

function freeEnergy(tag: string): Step {
  const byLayer = ([0, 1] as const).map((l) =>
    sum(layer[l + 1] as Axis, subtract(log(size(layer[l].size)), evidence(l, tag))),
  ) as [Expr, Expr];
  const gap = subtract(unit(0), load("top_mean", [index(layer[0])]));
  const top = sum(
    layer[0],
    multiply(divide(load("top_precision", [index(layer[0])]), 2), multiply(gap, gap)),
  );
  return map(`freeEnergy${tag}`, [b], add(add(...byLayer), top));
}

/**
 * Predictive coding with two free layers over one observed: every unit owns one edge to a parent,
 * and odd and even layers move in turn, each to the exact minimum given the edges' posterior.
 *
 * @source docs/mathematics.md, 5.4, the exact M-step for linear links.
 */
export function predictiveCoding(iterations: number): Program {
  const last = axis("t", iterations + 1);
  const trace = where(
    binary("less", index(last), { kind: "number", value: iterations }),
    load("energies", [index(b), index(last)]),
    load("freeEnergyEnd", [index(b)]),
  );
  return {
    name: "predictive coding",
    inputs: [
      { name: "state.0", shape: ["B", "P"] },
      { name: "state.1", shape: ["B", "Q"] },
      { name: "state.2", shape: ["B", "R"] },
      { name: "weight.0", shape: ["Q", "P"] },
      { name: "precision.0", shape: ["Q"] },
      { name: "weight.1", shape: ["R", "Q"] },
      { name: "precision.1", shape: ["R"] },
      { name: "top_mean", shape: ["P"] },
      { name: "top_precision", shape: ["P"] },
    ],
    steps: [
      {
        kind: "fixedPoint",
        name: "settling",
        state: [
          { name: "top", initial: "state.0", shape: ["B", "P"] },
          { name: "hidden", initial: "state.1", shape: ["B", "Q"] },
        ],
        blocks: [
          {
            name: "odd layers",
            steps: [choose(0, ""), choose(1, ""), freeEnergy(""), gather(""), ...update(1, "")],
            update: { hidden: "next1" },
          },
          {
            name: "even layers",
            steps: [choose(0, "Even"), ...update(0, "Even")],
            update: { top: "next0" },
          },
        ],
        maxIterations: iterations,
        iteration: "round",
        traces: [{ tensor: "energies", of: "freeEnergy", shape: ["B"] }],
        history: {},
        iterations: "rounds",
        gradient: "unrolled",
      },
      choose(0, "End"),
      choose(1, "End"),
      freeEnergy("End"),
      map("free_energy", [b, last], trace),
    ],
    outputs: { "state.0": "top", "state.1": "hidden", free_energy: "free_energy" },
  };
}
