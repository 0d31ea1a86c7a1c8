import type { Axis, Expr, Size } from "./expr.ts";

/** Tensor by name and shape. A dimension written `B|1` may also have extent 1 and then broadcasts. */
export interface TensorSpec {
  readonly name: string;
  readonly shape: readonly Size[];
}

/** One value per point, added into `tensor` at `at`; `along` are feature loops inside the point. */
export interface Result extends TensorSpec {
  readonly along: readonly Axis[];
  readonly at: readonly Expr[];
  readonly value: Expr;
}

/**
 * Which alternatives exist for an owner. Structure is support: an edge that is not in it is never
 * looked at.
 */
export interface Support {
  /** The alternatives' loop. */
  readonly axis: Axis;
  /** First alternative, and the one past the last; both are cut to [0, size). */
  readonly from?: Expr;
  readonly to?: Expr;
  /** Several intervals: alternatives outside all of them are not looked at. */
  readonly spans?: readonly Span[];
  /** Edges of the intervals or list that exist: where this is not 0. */
  readonly where?: Expr;
  /** Alternatives as a list (compressed rows): tensors of row starts and of alternatives. */
  readonly list?: ListSupport;
}

/** Interval of alternatives; an open side ends with the alternatives. */
export interface Span {
  readonly from?: Expr;
  readonly to?: Expr;
}

export interface ListSupport {
  readonly rowStart: string;
  readonly alternative: string;
  /** The owner's index, an axis of the fold, that picks the row. */
  readonly row: string;
  /** Index under which the edge's own number can be read, for edge-valued tensors. */
  readonly edge: string;
}

/** Dense loop over nodes: projections, contractions, norms, gates. */
export interface NodeMap {
  readonly kind: "map";
  readonly over: readonly Axis[];
  readonly results: readonly Result[];
}

/** Choice of edges as data: the `count` most probable, or draws at given uniform numbers. */
export interface Choice extends TensorSpec {
  readonly pick: "most probable" | "drawn";
  readonly count: Axis;
  /** Uniform numbers in [0, 1), owner axes then draws; for `drawn`. */
  readonly uniform?: string;
}

/** Posterior mean of `value` for each owner. */
export interface Expectation extends TensorSpec {
  readonly along: readonly Axis[];
  readonly value: Expr;
}

/**
 * For each owner, the log evidence log Σ exp(logWeight) over its admissible edges and posterior
 * means under the weights exp(logWeight − log evidence).
 */
export interface NormalisingFold {
  readonly kind: "normalise";
  readonly over: readonly Axis[];
  readonly edges: Support;
  readonly logWeight: Expr;
  readonly logEvidence: TensorSpec;
  readonly expectations: readonly Expectation[];
  readonly choices: readonly Choice[];
}

/** Σ exp(logWeight) · value over admissible edges, added up at either end or kept per edge. */
export interface WeightedFold {
  readonly kind: "weigh";
  readonly over: readonly Axis[];
  readonly edges: Support;
  readonly logWeight: Expr;
  readonly results: readonly Result[];
}

/** Part of an iteration whose updates take effect before the next part begins. */
export interface Block {
  readonly name: string;
  readonly steps: readonly Step[];
  /** State → tensor that becomes its new value. */
  readonly update: Readonly<Record<string, string>>;
}

/** State carried through repeated blocks. */
export interface FixedPoint {
  readonly kind: "fixedPoint";
  readonly name: string;
  readonly state: readonly {
    readonly name: string;
    readonly initial: string;
    readonly shape: readonly Size[];
  }[];
  readonly blocks: readonly Block[];
  /** Most iterations; a tensor's name when an earlier step counted them. */
  readonly maxIterations: number | string;
  /** Scalar tensor of the blocks: the number of the iteration, from 0. */
  readonly iteration: string;
  /** Tensor of a block: the iteration after which it is 0 everywhere is the last. */
  readonly active?: string;
  /** Tensors of a block kept for every iteration: shape plus a last dimension of iterations. */
  readonly traces: readonly {
    readonly tensor: string;
    readonly of: string;
    readonly shape: readonly Size[];
  }[];
  /** States kept as they were before each iteration, for the way back. */
  readonly history: Readonly<Record<string, string>>;
  /** Scalar: iterations that ran. */
  readonly iterations: string;
  /** How its gradient is taken: through every iteration, or at the point that it reached. */
  readonly gradient: "unrolled" | "implicit";
}

/** Named algorithm that is not a fold; its plain implementation is in `routine/`. */
export interface RoutineStep {
  readonly kind: "routine";
  readonly routine: string;
  readonly inputs: Readonly<Record<string, string>>;
  readonly outputs: Readonly<Record<string, TensorSpec>>;
  readonly options: Readonly<Record<string, number | boolean | string>>;
  /** Set where the routine iterates: its gradient passes back through every iteration. */
  readonly gradient?: "unrolled";
}

export type Step = NodeMap | NormalisingFold | WeightedFold | FixedPoint | RoutineStep;

/** What every engine lowers: inputs, steps in order, and the tensors that are the answer. */
export interface Program {
  readonly name: string;
  readonly inputs: readonly TensorSpec[];
  readonly steps: readonly Step[];
  /** Name of an answer → tensor that holds it. */
  readonly outputs: Readonly<Record<string, string>>;
}

/** Tensors that a step defines, with their shapes. */
export function defines(step: Step): readonly TensorSpec[] {
  switch (step.kind) {
    case "map":
    case "weigh":
      return step.results;
    case "normalise":
      return [step.logEvidence, ...step.expectations, ...step.choices];
    case "fixedPoint":
      return [
        ...step.state,
        ...step.traces.map(({ tensor, shape }) => ({
          name: tensor,
          shape: [...shape, `${step.iterations}#`],
        })),
        ...Object.entries(step.history).map(([state, name]) => ({
          name,
          shape: [`${step.iterations}#`, ...stateShape(step, state)],
        })),
        { name: step.iterations, shape: [] },
      ];
    case "routine":
      return Object.values(step.outputs);
    default:
      return step satisfies never;
  }
}

/** What a step is called where people read of it: by what it defines first. */
export function nameOf(step: Step): string {
  switch (step.kind) {
    case "map":
    case "weigh":
      return step.results[0]?.name ?? "nothing";
    case "normalise":
      return step.logEvidence.name;
    case "fixedPoint":
      return step.name;
    case "routine":
      return step.routine;
    default:
      return step satisfies never;
  }
}

export function stateShape(step: FixedPoint, state: string): readonly Size[] {
  return step.state.find(({ name }) => name === state)?.shape ?? [];
}

/** Expressions that a step evaluates, those inside a fixed point's blocks excluded. */
export function expressionsOf(step: Step): readonly Expr[] {
  switch (step.kind) {
    case "map":
      return step.results.flatMap(({ at, value }) => [...at, value]);
    case "weigh":
      return [
        ...edgeExpressions(step.edges),
        step.logWeight,
        ...step.results.flatMap(({ at, value }) => [...at, value]),
      ];
    case "normalise":
      return [
        ...edgeExpressions(step.edges),
        step.logWeight,
        ...step.expectations.map(({ value }) => value),
      ];
    case "fixedPoint":
    case "routine":
      return [];
    default:
      return step satisfies never;
  }
}

function edgeExpressions(edges: Support): Expr[] {
  return [...boundsOf(edges), ...(edges.where ? [edges.where] : [])];
}

/** Ends of a support's intervals, which depend on the owner alone. */
export function boundsOf({ from, to, spans = [] }: Support): Expr[] {
  return [{ from, to }, ...spans]
    .flatMap((span) => [span.from, span.to])
    .filter((e) => e !== undefined);
}

/** A support with other expressions in the same places. */
export function mapSupport(edges: Support, of: (e: Expr) => Expr): Support {
  const ends = ({ from, to }: Span): Span => ({
    ...(from ? { from: of(from) } : {}),
    ...(to ? { to: of(to) } : {}),
  });
  return {
    ...edges,
    ...ends(edges),
    ...(edges.spans ? { spans: edges.spans.map(ends) } : {}),
    ...(edges.where ? { where: of(edges.where) } : {}),
  };
}

/** A step with other expressions in the same places, those of its blocks included. */
export function mapStep(step: Step, of: (e: Expr) => Expr): Step {
  const results = (list: readonly Result[]): Result[] =>
    list.map((r) => ({ ...r, at: r.at.map(of), value: of(r.value) }));
  switch (step.kind) {
    case "map":
      return { ...step, results: results(step.results) };
    case "weigh":
      return {
        ...step,
        edges: mapSupport(step.edges, of),
        logWeight: of(step.logWeight),
        results: results(step.results),
      };
    case "normalise":
      return {
        ...step,
        edges: mapSupport(step.edges, of),
        logWeight: of(step.logWeight),
        expectations: step.expectations.map((e) => ({ ...e, value: of(e.value) })),
      };
    case "fixedPoint":
      return {
        ...step,
        blocks: step.blocks.map((block) => ({
          ...block,
          steps: block.steps.map((inner) => mapStep(inner, of)),
        })),
      };
    case "routine":
      return step;
    default:
      return step satisfies never;
  }
}
