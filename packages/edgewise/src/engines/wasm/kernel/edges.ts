/** Loops over owners, and over the edges of one owner: intervals, several intervals, or a list. */
import type { Axis, Expr, Size } from "../../../ir/expr.ts";
import { boundsOf, type ListSupport, type Span, type Support } from "../../../ir/program.ts";
import {
  type Code,
  constant,
  get,
  type Local,
  load,
  select,
  type Value,
  w,
} from "../assembler/code.ts";
import type { Scalars } from "./scalars.ts";

/** The point of axes that has a number, the last axis moving fastest: an index for each. */
export function pointOf(
  { code, frame }: Pick<Scalars, "code" | "frame">,
  axes: readonly Axis[],
  number: Local,
): Record<string, Local> {
  const rest = code.local("i32", get(number));
  const indices = axes.map(({ name }) => [name, code.local("i32")] as const);
  for (let k = axes.length - 1; k > 0; k--) {
    const extent = frame.extent(axes[k]!.size);
    code.set(indices[k]![1], w("i32.rem_u", rest, extent));
    code.set(rest, w("i32.div_u", rest, extent));
  }
  // What is left is the first one's.
  if (indices[0] !== undefined) code.set(indices[0][1], rest);
  return Object.fromEntries(indices);
}

/** Tasks of a kernel: the points of its outer axes, numbered. */
export function eachTask(
  scalars: Scalars,
  axes: readonly Axis[],
  roots: readonly Expr[],
  body: () => void,
): void {
  const { code } = scalars;
  const [from, to] = [code.params[1] as Local, code.params[2] as Local];
  const task = code.local("i32");
  scalars.hoist(roots);
  code.range(task, from, to, 1, () => scalars.inside(pointOf(scalars, axes, task), roots, body));
}

/** Loops inside a task, one in the other. */
export function nested(
  scalars: Scalars,
  axes: readonly Axis[],
  roots: readonly Expr[],
  body: () => void,
): void {
  const [first, ...rest] = axes;
  if (first === undefined) {
    body();
    return;
  }
  const index = scalars.code.local("i32");
  scalars.code.range(index, 0, scalars.frame.extent(first.size), 1, () =>
    scalars.inside({ [first.name]: index }, roots, () => nested(scalars, rest, roots, body)),
  );
}

/** The ends of an interval, cut to the alternatives. */
export function interval(
  scalars: Scalars,
  { from, to }: Span,
  size: Size,
): { low: Local; high: Local } {
  const { code, frame } = scalars;
  const low = code.local("i32", from ? ceiling(scalars, from) : 0);
  code.set(low, select(w("i32.lt_s", low, 0), constant("i32", 0), get(low)));
  const extent = code.local("i32", frame.extent(size));
  const high = code.local("i32", to ? ceiling(scalars, to) : get(extent));
  code.set(high, select(w("i32.gt_s", high, extent), get(extent), get(high)));
  return { low, high };
}

function ceiling(scalars: Scalars, e: Expr): Value {
  return w("i32.trunc_sat_f64_s", w("f64.ceil", scalars.value(e)));
}

/** The first edge of a list's row, and the one past its last. */
export function rowOf(
  scalars: Scalars,
  { row, rowStart }: ListSupport,
): { low: Local; high: Local } {
  const { code, frame } = scalars;
  const index = code.local("i32", scalars.whole({ kind: "index", axis: row }));
  const place = code.local("i32", w("i32.add", frame.address(rowStart), w("i32.shl", index, 2)));
  return {
    low: code.local("i32", load("i32.load", place)),
    high: code.local("i32", load("i32.load", place, 4)),
  };
}

/**
 * Visits the edges of the owner whose loops are open. `roots` are the expressions of an edge; the
 * alternative's index and, in lists, the edge's own number are loops inside `visit`.
 */
export function eachEdge(
  scalars: Scalars,
  support: Support,
  roots: readonly Expr[],
  visit: (alternative: Local) => void,
): void {
  const { code, frame } = scalars;
  const { axis, list, spans, where } = support;
  scalars.hoist(boundsOf(support));
  const { low, high } = interval(scalars, support, axis.size);
  const j = code.local("i32");
  const offered = (indices: Record<string, Local>): void =>
    scalars.inside(indices, where ? [where] : roots, () => {
      if (where === undefined) {
        visit(j);
        return;
      }
      code.if(scalars.test(where), () =>
        scalars.branch(() => {
          scalars.hoist(roots);
          visit(j);
        }),
      );
    });
  if (list !== undefined) {
    const edge = code.local("i32");
    const alternatives = frame.address(list.alternative);
    const row = rowOf(scalars, list);
    code.range(edge, row.low, row.high, 1, () => {
      code.set(j, load("i32.load", w("i32.add", alternatives, w("i32.mul", edge, 4))));
      const inside = w("i32.and", w("i32.ge_s", j, low), w("i32.lt_s", j, high));
      code.if(inside, () => offered({ [axis.name]: j, [list.edge]: edge }));
    });
    return;
  }
  if (spans === undefined) {
    code.range(j, low, high, 1, () => offered({ [axis.name]: j }));
    return;
  }
  const ends = spans.map((span) => interval(scalars, span, axis.size));
  code.set(j, low);
  code.while(
    () => w("i32.lt_s", j, high),
    () => {
      // The next alternative inside a span: j itself, or the least start beyond it.
      const next = code.local("i32", high);
      for (const { low: start, high: end } of ends) {
        const within = w("i32.lt_s", j, end);
        const reach = select(w("i32.gt_s", start, j), get(start), get(j));
        const nearer = w("i32.and", within, w("i32.lt_s", reach, next));
        const isOpen = w("i32.lt_s", start, end);
        code.if(w("i32.and", nearer, isOpen), () =>
          code.set(next, select(w("i32.gt_s", start, j), get(start), get(j))),
        );
      }
      code.set(j, next);
      code.if(w("i32.lt_s", j, high), () => offered({ [axis.name]: j }));
      code.set(j, w("i32.add", j, 1));
    },
  );
}

/** Adds to one of the thread's counters. */
export function count(code: Code, base: Local, offset: number, by: Value): void {
  code.store("f64.store", base, w("f64.add", load("f64.load", base, offset), by), offset);
}
