/**
 * Expressions of one point as code in double precision, inside loops that the caller opens.
 *
 * What does not depend on the inner loop is computed before it begins; sums of products over
 * features are vector loops. `where` computes both sides and selects, but for sides that cost much
 * or may leave a tensor: those are branches.
 */
import {
  type BinaryExpr,
  type Expr,
  freeAxes,
  type LoadExpr,
  nodesOf,
  operands,
  type ReduceExpr,
  type WhereExpr,
} from "../../../ir/expr.ts";
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
import { type Frame, failures, report } from "./frame.ts";
import { Laziness, mayLeave } from "./laziness.ts";
import { addLines, dotLines, type Line } from "./lines.ts";
import { binary, comparisons, isTest, unary } from "./operations.ts";

/** What is known inside one loop or branch. */
interface Layer {
  readonly level: number;
  readonly values: Map<Expr, Local>;
  /** Addresses as far as the loops up to here tell. */
  readonly places: Map<LoadExpr, Local>;
}

export class Scalars {
  readonly code: Code;
  readonly frame: Frame;
  private readonly loops = new Map<string, { readonly level: number; readonly index: Local }>();
  private readonly layers: Layer[] = [];
  private readonly free = new Map<Expr, ReadonlySet<string>>();
  private readonly lazy = new Laziness();
  /** Names of checked loads, in the order of the numbers by which they are reported. */
  readonly checkedLoads: LoadExpr[];
  private level = 0;

  constructor(code: Code, frame: Frame, checkedLoads: LoadExpr[] = []) {
    this.code = code;
    this.frame = frame;
    this.checkedLoads = checkedLoads;
    this.layers.push({ level: 0, values: new Map(), places: new Map() });
  }

  /** Inside a loop over axes that move together; `roots` are what will be asked for in it. */
  inside(indices: Readonly<Record<string, Local>>, roots: readonly Expr[], body: () => void): void {
    this.level++;
    for (const [name, index] of Object.entries(indices))
      this.loops.set(name, { level: this.level, index });
    this.layer(() => {
      this.hoist(roots);
      body();
    });
    for (const name of Object.keys(indices)) this.loops.delete(name);
    this.level--;
  }

  /** More roots of the present loop, computed where this stands. */
  hoist(roots: readonly Expr[]): void {
    const nodes = nodesOf(roots);
    const deeper = new Set<Expr>(roots);
    for (const e of nodes)
      if (this.levelOf(e) > this.level) for (const o of operands(e)) deeper.add(o);
    const eager = this.lazy.eager(roots);
    for (const e of nodes) {
      if (!eager.has(e) || this.lazy.isGuarded(e)) continue;
      if (e.kind === "load") this.place(e);
      if (this.levelOf(e) !== this.level || !deeper.has(e) || isPlain(e)) continue;
      if (this.known(e) === undefined) this.keep(e);
    }
  }

  /** A branch: what is computed in it is not known after it. */
  branch(body: () => void): void {
    this.layer(body);
  }

  /** Value at the present point, in double precision. */
  value(e: Expr): Value {
    const known = this.known(e);
    if (known !== undefined) return get(known);
    if (!isPlain(e) && e.kind !== "load") return this.keep(e);
    return this.build(e);
  }

  /** Whether an expression is not 0. */
  test(e: Expr): Value {
    if (this.known(e) === undefined && e.kind === "binary") {
      const comparison = comparisons[e.op];
      if (comparison !== undefined) return w(comparison, this.value(e.left), this.value(e.right));
      if (e.op === "and") return w("i32.and", this.test(e.left), this.test(e.right));
      if (e.op === "or") return w("i32.or", this.test(e.left), this.test(e.right));
    }
    if (e.kind === "unary" && e.op === "not") return w("i32.eqz", this.test(e.of));
    return w("f64.ne", this.value(e), 0);
  }

  /** Whole number that an index or a bound is. */
  whole(e: Expr): Value {
    if (e.kind === "index") return get(this.indexOf(e.axis));
    if (e.kind === "number" && Number.isInteger(e.value)) return constant("i32", e.value);
    if (e.kind === "size") return this.frame.extent(e.size);
    return w("i32.trunc_sat_f64_s", this.value(e));
  }

  /** Address of an element at the present point. */
  addressOf(tensor: string, at: readonly Expr[]): Value {
    return this.address({ kind: "load", tensor, at });
  }

  /** A load as a line along a loop that is not open, when exactly one of its indices is that loop. */
  line(e: Expr, along: string): Line | undefined {
    if (e.kind !== "load" || this.frame.storageOf(e.tensor) !== "f32") return undefined;
    const dimension = e.at.findIndex((o) => o.kind === "index" && o.axis === along);
    if (dimension < 0 || e.at.some((o, k) => k !== dimension && this.axes(o).has(along)))
      return undefined;
    if (e.checked && e.at.some((o, k) => k !== dimension && o.kind !== "index")) return undefined;
    const at = e.at.map((o, k): Expr => (k === dimension ? { kind: "number", value: 0 } : o));
    return {
      start: () => this.address({ kind: "load", tensor: e.tensor, at }),
      stride: this.frame.stride(e.tensor, dimension),
    };
  }

  dependsOn(e: Expr, name: string): boolean {
    return this.axes(e).has(name);
  }

  private layer(body: () => void): void {
    this.layers.push({ level: this.level, values: new Map(), places: new Map() });
    body();
    this.layers.pop();
  }

  private axes(e: Expr): ReadonlySet<string> {
    return freeAxes(e, this.free);
  }

  /** Level of the innermost loop that an expression depends on; beyond all while one is not open. */
  private levelOf(e: Expr): number {
    let level = 0;
    for (const name of this.axes(e))
      level = Math.max(level, this.loops.get(name)?.level ?? Number.POSITIVE_INFINITY);
    return level;
  }

  private known(e: Expr): Local | undefined {
    for (let k = this.layers.length - 1; k >= 0; k--) {
      const local = this.layers[k]!.values.get(e);
      if (local !== undefined) return local;
    }
    return undefined;
  }

  private keep(e: Expr): Value {
    const built = this.build(e);
    const local = this.code.local("f64", built);
    this.layers.at(-1)!.values.set(e, local);
    return get(local);
  }

  private indexOf(axis: string): Local {
    const loop = this.loops.get(axis);
    if (loop === undefined) throw new Error(`the loop over ${axis} is not open`);
    return loop.index;
  }

  private build(e: Expr): Value {
    switch (e.kind) {
      case "number":
        return constant("f64", e.value);
      case "index":
        return w("f64.convert_i32_s", this.indexOf(e.axis));
      case "size":
        return w("f64.convert_i32_s", this.frame.extent(e.size));
      case "roundoff":
        return constant("f64", 2 ** -24);
      case "load":
        return this.element(e);
      case "unary":
        return e.op === "not"
          ? w("f64.convert_i32_s", w("i32.eqz", this.test(e.of)))
          : unary(this.code, e.op, this.value(e.of));
      case "binary":
        return isTest(e)
          ? w("f64.convert_i32_s", this.test(e))
          : binary(this.code, e.op, this.value(e.left), this.value(e.right));
      case "where":
        return this.where(e);
      case "reduce":
        return this.reduction(e);
      default:
        return e satisfies never;
    }
  }

  private element(e: LoadExpr): Value {
    const storage = this.frame.storageOf(e.tensor);
    const address = mayLeave(e) ? this.checkedAddress(e) : this.address(e);
    return storage === "f32"
      ? w("f64.promote_f32", load("f32.load", address))
      : w("f64.convert_i32_s", load("i32.load", address));
  }

  /** Bytes from a tensor's first element, or address where a part of the way is known. */
  private address(e: LoadExpr): Value {
    let [from, base]: [number, Value] = [-1, get(this.frame.address(e.tensor))];
    for (let k = this.layers.length - 1; k >= 0; k--) {
      const { level, places } = this.layers[k]!;
      const place = places.get(e);
      if (place === undefined) continue;
      [from, base] = [level, get(place)];
      break;
    }
    return e.at.reduce((sum, o, k) => (this.levelOf(o) > from ? this.moved(sum, e, k) : sum), base);
  }

  private moved(base: Value, e: LoadExpr, k: number): Value {
    const o = e.at[k]!;
    if (o.kind === "number" && o.value === 0) return base;
    return w("i32.add", base, w("i32.mul", this.clamped(e, k), this.frame.stride(e.tensor, k)));
  }

  /** An index inside its tensor: computed indices of branches not taken may be anywhere. */
  private clamped(e: LoadExpr, k: number): Value {
    const o = e.at[k]!;
    const whole = this.whole(o);
    if (o.kind === "index") return whole;
    const last = w("i32.sub", this.frame.dimension(e.tensor, k), 1);
    const at = this.code.local("i32", whole);
    this.code.set(at, select(w("i32.gt_s", at, last), last, get(at)));
    return select(w("i32.lt_s", at, 0), constant("i32", 0), get(at));
  }

  /** The part of an address that the present loop settles. */
  private place(e: LoadExpr): void {
    if (mayLeave(e) || this.levelOf(e) <= this.level) return;
    if (!e.at.some((o) => this.levelOf(o) === this.level)) return;
    if (this.layers.at(-1)!.places.has(e)) return;
    const open = e.at.map((o) => this.levelOf(o) <= this.level);
    const known = e.at.map((o, k): Expr => (open[k] ? o : { kind: "number", value: 0 }));
    let base: Value | undefined;
    for (let k = this.layers.length - 1; k >= 0 && base === undefined; k--) {
      const place = this.layers[k]!.places.get(e);
      if (place !== undefined)
        base = known.reduce<Value>(
          (sum, o, d) =>
            open[d] && this.levelOf(o) > this.layers[k]!.level ? this.moved(sum, e, d) : sum,
          get(place),
        );
    }
    base ??= known.reduce<Value>(
      (sum, _, d) => (open[d] ? this.moved(sum, e, d) : sum),
      get(this.frame.address(e.tensor)),
    );
    this.layers.at(-1)!.places.set(e, this.code.local("i32", base));
  }

  /** A load from a text, which says so when it leaves its tensor. */
  private checkedAddress(e: LoadExpr): Value {
    const { code, frame } = this;
    let base = get(frame.address(e.tensor));
    let number = this.checkedLoads.indexOf(e);
    if (number < 0) number = this.checkedLoads.push(e) - 1;
    e.at.forEach((o, k) => {
      const exact = code.local("f64", this.value(o));
      const whole = code.local("i32", w("i32.trunc_sat_f64_s", exact));
      const inside = w(
        "i32.and",
        w("f64.eq", exact, w("f64.convert_i32_s", whole)),
        w("i32.lt_u", whole, frame.dimension(e.tensor, k)),
      );
      code.if(w("i32.eqz", inside), () => {
        code.if(w("i32.eqz", load("i32.load", frame.base, report.error)), () => {
          code.store("i32.store", frame.base, failures.outOfRange, report.error);
          code.store("f64.store", frame.base, exact, report.detail);
          code.store("i32.store", frame.base, number, report.detail + 8);
          code.store("i32.store", frame.base, k, report.detail + 12);
        });
        code.set(whole, 0);
      });
      base = w("i32.add", base, w("i32.mul", whole, frame.stride(e.tensor, k)));
    });
    return base;
  }

  private where(e: WhereExpr): Value {
    const { code } = this;
    if (!this.lazy.isLazy(e))
      return select(this.test(e.test), this.value(e.taken), this.value(e.otherwise));
    const result = code.local("f64");
    const side = (of: Expr) => () => this.branch(() => code.set(result, this.value(of)));
    code.if(this.test(e.test), side(e.taken), side(e.otherwise));
    return get(result);
  }

  private reduction(e: ReduceExpr): Value {
    return this.linesOf(e) ?? this.plainReduction(e);
  }

  /** Σ_d a_d b_d and Σ_d (a_d − b_d)² over lines. */
  private linesOf({ op, of, axis }: ReduceExpr): Value | undefined {
    if (op !== "sum" || of.kind !== "binary" || of.op !== "multiply") return undefined;
    const squared = of.left === of.right && of.left.kind === "binary" && of.left.op === "subtract";
    const pair = squared ? (of.left as BinaryExpr) : of;
    const [a, b] = [this.line(pair.left, axis.name), this.line(pair.right, axis.name)];
    if (a === undefined || b === undefined) return undefined;
    return dotLines(this.code, a, b, this.frame.extent(axis.size), squared);
  }

  private plainReduction(e: ReduceExpr): Value {
    const { code } = this;
    const isSum = e.op === "sum";
    const result = code.local("f64", constant("f64", isSum ? 0 : Number.NEGATIVE_INFINITY));
    const index = code.local("i32");
    code.range(index, 0, this.frame.extent(e.axis.size), 1, () =>
      this.inside({ [e.axis.name]: index }, [e.of], () =>
        code.set(result, w(isSum ? "f64.add" : "f64.max", result, this.value(e.of))),
      ),
    );
    return get(result);
  }

  /** `to_d += weight · from_d` over a feature loop. */
  addLine(to: Line, from: Line, weight: Value, extent: Value): void {
    addLines(this.code, to, from, weight, extent);
  }
}

const isPlain = (e: Expr): boolean =>
  e.kind === "number" || e.kind === "index" || e.kind === "size" || e.kind === "roundoff";
