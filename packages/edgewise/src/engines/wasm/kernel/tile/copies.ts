/** Copies of a result that tasks add to apart from each other, and their sum in the order of tasks. */
import { number, substitute } from "../../../../ir/expr.ts";
import { constant, get, type Local, select, w } from "../../assembler/code.ts";
import { pointOf } from "../edges.ts";
import type { Bindings } from "../frame.ts";
import { type Kernel, writer } from "../kernel.ts";
import type { TileOptions } from "./context.ts";
import { moveLine } from "./lines.ts";
import { isOwned } from "./ownership.ts";
import type { Landing, TilePlan } from "./plan.ts";

/** Whether tasks add to the tensor itself. Places that move are written a little beyond their end. */
export function isDirectly(
  plan: TilePlan,
  { result, at, moving }: Landing,
  slices: number,
  b: Bindings,
): boolean {
  return moving === undefined && isOwned(plan, result, at, slices, b);
}

/** Numbers of one task's copy. */
function copyLength({ result, at, moving }: Landing, plan: TilePlan, b: Bindings): number {
  const features = b.extent(result.along[0]?.size ?? 1);
  if (at === "row") return b.extent(plan.row.size) * features;
  if (at === "column") return b.extent(plan.column.size) * features;
  return moving === undefined ? 1 : (b.shape(result.name)[moving] ?? 0);
}

export const copyBytes = (landing: Landing, plan: TilePlan, b: Bindings): number =>
  64 * Math.ceil((4 * copyLength(landing, plan, b) + 64) / 64);

/** Places that one task of a sum of copies adds up. */
const placesOfTask = 64;

/** Adds up the copies of one result, task by task. */
export function sumOfCopies(
  name: string,
  plan: TilePlan,
  landing: Landing,
  k: number,
  {
    options,
    slices,
    copies,
  }: {
    options: TileOptions;
    slices: (b: Bindings) => number;
    copies: (landing: Landing, b: Bindings) => number;
  },
): Kernel {
  const { code, frame, scalars, checkedLoads } = writer(name, options.storage);
  const { result, at, moving } = landing;
  const feature = result.along[0];
  const features = (b: Bindings): number => b.extent(feature?.size ?? 1);
  const places = (b: Bindings): number => copyLength(landing, plan, b) / Math.max(1, features(b));
  const count = frame.computed("copies", (b) => copies(landing, b));
  const size = frame.computed("bytes of a copy", (b) => copyBytes(landing, plan, b));
  const length = frame.computed("places", places);
  const slicesOf = frame.computed("slices", slices);
  const width = frame.computed("features", features);
  const zero = { [plan.row.name]: number(0), [plan.column.name]: number(0) };
  const first = feature && { [feature.name]: number(0) };
  const place = result.at.map((o, d) =>
    d === moving ? number(0) : substitute(o, { ...zero, ...first }),
  );
  const loop = at === "row" ? plan.row.name : at === "column" ? plan.column.name : undefined;
  const dimension = moving ?? result.at.findIndex((o) => o.kind === "index" && o.axis === loop);
  const stride = dimension < 0 ? constant("i32", 0) : get(frame.stride(result.name, dimension));
  const [task, copy, rest, p] = ["i32", "i32", "i32", "i32"].map(() => code.local("i32")) as [
    Local,
    Local,
    Local,
    Local,
  ];
  const [low, high, from, to] = [0, 1, 2, 3].map(() => code.local("i32")) as [
    Local,
    Local,
    Local,
    Local,
  ];
  code.range(task, code.params[1] as Local, code.params[2] as Local, 1, () => {
    code.set(low, w("i32.mul", task, placesOfTask));
    code.set(high, w("i32.add", low, placesOfTask));
    code.set(high, select(w("i32.gt_s", high, length), get(length), get(high)));
    code.range(copy, 0, count, 1, () => {
      code.set(rest, w("i32.div_u", copy, slicesOf));
      scalars.inside(pointOf(scalars, plan.outer, rest), [], () => {
        const start = w("i32.add", frame.temporary(`copies ${k}`), w("i32.mul", copy, size));
        code.set(from, w("i32.add", start, w("i32.shl", w("i32.mul", low, width), 2)));
        code.set(
          to,
          w("i32.add", scalars.addressOf(result.name, place), w("i32.mul", stride, low)),
        );
        code.range(p, low, high, 1, () => {
          moveLine(code, { to: get(to), from: get(from), features: get(width), adds: true });
          code.set(from, w("i32.add", from, w("i32.shl", width, 2)));
          code.set(to, w("i32.add", to, stride));
        });
      });
    });
  });
  return {
    ...{ code, slots: frame.slots, scratches: frame.scratches, checkedLoads, owned: [] },
    tasks: (b) => (copies(landing, b) === 0 ? 0 : Math.ceil(places(b) / placesOfTask)),
    defines: [],
    overwrites: new Set(),
    counts: undefined,
    logWeight: undefined,
    work: (b) => copies(landing, b) * places(b) * features(b),
  };
}
