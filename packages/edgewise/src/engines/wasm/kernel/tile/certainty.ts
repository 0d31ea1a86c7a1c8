/**
 * What a condition is in a tile as a whole, by interval arithmetic on its expression: true of every
 * edge, of none, or not known. Nothing is assumed of numbers that differ from row to row.
 */
import type { BinaryExpr, Expr } from "../../../../ir/expr.ts";
import { type Code, constant, get, type Local, type Value, w } from "../../assembler/code.ts";
import type { Scalars } from "../scalars.ts";
import type { TilePlan } from "./plan.ts";

/** Ends of an expression over a tile, both of them reached or beyond what is. */
interface Ends {
  readonly low: Local;
  readonly high: Local;
}

/** Whether a condition holds for every edge, and whether it holds for none. */
export interface Verdict {
  readonly always: Local;
  readonly never: Local;
}

export class Certainty {
  private readonly code: Code;
  private readonly scalars: Scalars;
  private readonly plan: TilePlan;
  private readonly loops: ReadonlyMap<string, Ends>;
  private readonly known = new Map<Expr, Ends | undefined>();

  constructor(
    code: Code,
    scalars: Scalars,
    plan: TilePlan,
    ends: { rows: readonly [Value, Value]; columns: readonly [Value, Value] },
  ) {
    this.code = code;
    this.scalars = scalars;
    this.plan = plan;
    const between = ([low, high]: readonly [Value, Value]): Ends => ({
      low: this.number(w("f64.convert_i32_s", low)),
      high: this.number(w("f64.convert_i32_s", high)),
    });
    this.loops = new Map([
      [plan.row.name, between(ends.rows)],
      [plan.column.name, between(ends.columns)],
    ]);
  }

  of(e: Expr): Verdict {
    if (this.plan.side(e) === "none") {
      const test = this.flag(this.scalars.test(e));
      return { always: test, never: this.flag(w("i32.eqz", test)) };
    }
    if (e.kind === "unary" && e.op === "not") {
      const { always, never } = this.of(e.of);
      return { always: never, never: always };
    }
    if (e.kind === "binary") {
      const both = this.ofBinary(e);
      if (both !== undefined) return both;
    }
    return this.unknown();
  }

  private ofBinary({ op, left, right }: BinaryExpr): Verdict | undefined {
    switch (op) {
      case "and":
      case "or": {
        const [a, b] = [this.of(left), this.of(right)];
        const [each, any] = op === "and" ? ["and", "or"] : ["or", "and"];
        return {
          always: this.flag(w(`i32.${each}`, a.always, b.always)),
          never: this.flag(w(`i32.${any}`, a.never, b.never)),
        };
      }
      case "less":
      case "lessEqual": {
        const [a, b] = [this.ends(left), this.ends(right)];
        if (a === undefined || b === undefined) return undefined;
        const [holds, fails] = op === "less" ? ["f64.lt", "f64.ge"] : ["f64.le", "f64.gt"];
        return {
          always: this.flag(w(holds, a.high, b.low)),
          never: this.flag(w(fails, a.low, b.high)),
        };
      }
      case "equal":
        if (isForbidden(right)) return this.forbidden(left);
        return isForbidden(left) ? this.forbidden(right) : this.equal(left, right);
      default:
        return undefined;
    }
  }

  private equal(left: Expr, right: Expr): Verdict | undefined {
    const [a, b] = [this.ends(left), this.ends(right)];
    if (a === undefined || b === undefined) return undefined;
    const apart = w("i32.or", w("f64.lt", a.high, b.low), w("f64.gt", a.low, b.high));
    const [one, other] = [w("f64.eq", a.low, a.high), w("f64.eq", b.low, b.high)];
    const same = w("i32.and", w("i32.and", one, other), w("f64.eq", a.low, b.low));
    return { always: this.flag(same), never: this.flag(apart) };
  }

  /** Whether an expression is −∞: what `where` forbids is, and what has a lower end is not. */
  private forbidden(e: Expr): Verdict {
    if (isForbidden(e)) return this.verdict(1, 0);
    if (e.kind === "where") {
      const [test, taken, otherwise] = [
        this.of(e.test),
        this.forbidden(e.taken),
        this.forbidden(e.otherwise),
      ];
      const chosen = (of: "always" | "never"): Local => {
        const first = w("i32.and", test.always, taken[of]);
        const second = w("i32.and", test.never, otherwise[of]);
        const both = w("i32.and", taken[of], otherwise[of]);
        return this.flag(w("i32.or", w("i32.or", first, second), both));
      };
      return { always: chosen("always"), never: chosen("never") };
    }
    const ends = this.ends(e);
    if (ends === undefined) return this.unknown();
    const { never } = this.unknown();
    return {
      always: never,
      never: this.flag(w("f64.gt", ends.low, Number.NEGATIVE_INFINITY)),
    };
  }

  private ends(e: Expr): Ends | undefined {
    if (this.known.has(e)) return this.known.get(e);
    const made = this.plan.side(e) === "none" ? this.point(e) : this.moving(e);
    this.known.set(e, made);
    return made;
  }

  private point(e: Expr): Ends {
    const at = this.number(this.scalars.value(e));
    return { low: at, high: at };
  }

  private moving(e: Expr): Ends | undefined {
    if (e.kind === "index") return this.loops.get(e.axis);
    // A sum over features of finite numbers, whatever it is.
    if (this.plan.pairs.some((pair) => pair.e === e)) return this.between(-greatest, greatest);
    if (e.kind === "unary" && e.op === "tanh") return this.between(-1, 1);
    if (e.kind === "unary") {
      const of = this.ends(e.of);
      if (of === undefined) return undefined;
      if (e.op === "negate")
        return { low: this.number(w("f64.neg", of.high)), high: this.number(w("f64.neg", of.low)) };
      if (e.op === "abs") return this.size(of);
      if (e.op !== "floor" && e.op !== "sqrt") return undefined;
      const made = (end: Local): Local => this.number(w(`f64.${e.op}`, end));
      return { low: made(of.low), high: made(of.high) };
    }
    if (e.kind === "where") {
      const [a, b] = [this.ends(e.taken), this.ends(e.otherwise)];
      return a && b && this.among([a.low, b.low], [a.high, b.high]);
    }
    return e.kind === "binary" ? this.movingBinary(e) : undefined;
  }

  private between(low: number, high: number): Ends {
    return { low: this.number(constant("f64", low)), high: this.number(constant("f64", high)) };
  }

  /** Ends of |x|: 0 where x may be 0. */
  private size({ low, high }: Ends): Ends {
    const inner = w("f64.max", low, w("f64.neg", high));
    const outer = w("f64.max", w("f64.abs", low), w("f64.abs", high));
    return { low: this.number(w("f64.max", 0, inner)), high: this.number(outer) };
  }

  private movingBinary({ op, left, right }: BinaryExpr): Ends | undefined {
    const [a, b] = [this.ends(left), this.ends(right)];
    if (a === undefined || b === undefined) return undefined;
    const made = (how: string, x: Local, y: Local): Local => this.number(w(`f64.${how}`, x, y));
    switch (op) {
      case "add":
        return { low: made("add", a.low, b.low), high: made("add", a.high, b.high) };
      case "subtract":
        return { low: made("sub", a.low, b.high), high: made("sub", a.high, b.low) };
      case "min":
      case "max":
        return { low: made(op, a.low, b.low), high: made(op, a.high, b.high) };
      case "divide":
        if (this.plan.side(right) !== "none") return undefined;
        return this.corners("div", a, b, made);
      case "multiply":
        return this.corners("mul", a, b, made);
      default:
        return undefined;
    }
  }

  private corners(
    how: string,
    a: Ends,
    b: Ends,
    made: (how: string, x: Local, y: Local) => Local,
  ): Ends {
    const all = [a.low, a.high].flatMap((x) => [b.low, b.high].map((y) => made(how, x, y)));
    return this.among(all, all);
  }

  private among(lows: readonly Local[], highs: readonly Local[]): Ends {
    const least = lows.map((x) => get(x)).reduce((x, y) => w("f64.min", x, y));
    const greatest = highs.map((x) => get(x)).reduce((x, y) => w("f64.max", x, y));
    return { low: this.number(least), high: this.number(greatest) };
  }

  private unknown(): Verdict {
    return this.verdict(0, 0);
  }

  private verdict(always: number, never: number): Verdict {
    return { always: this.code.local("i32", always), never: this.code.local("i32", never) };
  }

  private number(of: Value): Local {
    return this.code.local("f64", of);
  }

  private flag(of: Value): Local {
    return this.code.local("i32", of);
  }
}

/** The greatest number of single precision. */
const greatest = 2 ** 128 - 2 ** 104;

const isForbidden = (e: Expr): boolean =>
  e.kind === "number" && e.value === Number.NEGATIVE_INFINITY;
