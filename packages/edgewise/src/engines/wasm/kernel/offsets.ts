/**
 * Evidence of folds by offset without a look at every edge: sums grow outwards from an offset that
 * rows have in common, to both sides, and the sum of a row's interval is that of two such sums. What
 * would take one exponential for each edge takes one for each offset and two for each row.
 */
import { type Expr, index } from "../../../ir/expr.ts";
import { boundsOf, type NormalisingFold } from "../../../ir/program.ts";
import { constant, get, type Local, load, select, type Value, w } from "../assembler/code.ts";
import { type ByOffset, offset } from "./byOffset.ts";
import { count, eachTask, interval } from "./edges.ts";
import { failures, report, type Storage } from "./frame.ts";
import { called } from "./functions.ts";
import { type Kernel, type Writer, writer } from "./kernel.ts";

/** A sum of exponentials: relative to the greatest, and how many edges are in it. */
interface Sum {
  readonly top: Local;
  readonly total: Local;
  readonly edges: Local;
}
const sumBytes = 24;
const beforeAll = -0x80000000;
/** Bytes of a row's interval: its first offset, and the one past its last. */
const endBytes = 8;

export function offsetsKernel(
  name: string,
  step: NormalisingFold,
  form: ByOffset,
  storage: (tensor: string) => Storage,
): Kernel {
  const made = writer(name, storage);
  const writing = new Offsets(made, step, form);
  const { code, frame, checkedLoads } = made;
  const outer = step.over.filter((axis) => axis !== form.row);
  eachTask(made.scalars, outer, writing.roots, () => writing.task());
  return {
    ...{ code, slots: frame.slots, scratches: frame.scratches, checkedLoads, owned: [] },
    tasks: (b) => outer.reduce((n, { size }) => n * b.extent(size), 1),
    ...{ defines: [step.logEvidence], counts: step.logEvidence.name, logWeight: step.logWeight },
    condition: step.edges.where,
    overwrites: new Set([step.logEvidence.name]),
    work: (b) =>
      outer.reduce((n, { size }) => n * b.extent(size), 1) *
      (b.extent(form.row.size) + b.extent(step.edges.axis.size)),
  };
}

class Offsets {
  readonly roots: readonly Expr[];
  private readonly made: Writer;
  private readonly step: NormalisingFold;
  private readonly form: ByOffset;
  private readonly owner: readonly Expr[];
  private readonly row: Local;
  private readonly rows: Local;
  /** The offset that the sums grow from. */
  private readonly middle: Local;
  private readonly running: Sum;
  /** Sums by offset: up to it and with it, from the middle on. */
  private readonly sums: Local;
  private readonly ends: Local;

  constructor(made: Writer, step: NormalisingFold, form: ByOffset) {
    const { code, frame } = made;
    this.made = made;
    this.step = step;
    this.form = form;
    this.owner = step.over.map(index);
    const { logWeight, where } = form;
    this.roots = [logWeight, ...(where ? [where] : []), ...boundsOf(step.edges), ...this.owner];
    this.row = code.local("i32");
    this.rows = code.local("i32");
    this.middle = code.local("i32");
    this.running = this.sum();
    const [{ size: rowSize }, { size: columnSize }] = [form.row, step.edges.axis];
    const zero = frame.scratch(
      "sums",
      (b) => sumBytes * (b.extent(rowSize) + b.extent(columnSize)),
    );
    // The first offset is that of the first alternative and the last owner.
    const extent = frame.extent(rowSize);
    this.sums = code.preset("i32", w("i32.add", zero, w("i32.mul", extent, sumBytes)));
    this.ends = frame.scratch("ends", (b) => endBytes * b.extent(rowSize));
  }

  task(): void {
    const { code, frame } = this.made;
    code.set(this.rows, frame.extent(this.form.row.size));
    this.measure();
    this.sumOutwards();
    this.answer();
  }

  /** Interval of every row as offsets, and an offset in the middle of all that have any. */
  private measure(): void {
    const { made, step, form, row } = this;
    const { code, scalars } = made;
    const [low, high] = [code.local("i32", beforeAll), code.local("i32", 0x7fffffff)];
    code.range(row, 0, this.rows, 1, () =>
      scalars.inside({ [form.row.name]: row }, boundsOf(step.edges), () => {
        const { low: first, high: last } = interval(scalars, step.edges, step.edges.axis.size);
        const from = code.local("i32", w("i32.sub", first, row));
        // An interval that ends before it begins may end anywhere.
        const end = select(w("i32.gt_s", last, first), get(last), get(first));
        const to = code.local("i32", w("i32.sub", end, row));
        code.store("i32.store", this.endsOf(row), from);
        code.store("i32.store", this.endsOf(row), to, 4);
        code.if(w("i32.lt_s", from, to), () => {
          code.set(low, select(w("i32.gt_s", from, low), get(from), get(low)));
          code.set(high, select(w("i32.lt_s", to, high), get(to), get(high)));
        });
      }),
    );
    const isCommon = w("i32.and", w("i32.gt_s", low, beforeAll), w("i32.lt_s", low, high));
    code.set(this.middle, select(isCommon, get(low), constant("i32", 0)));
  }

  private endsOf(row: Local): Value {
    return w("i32.add", this.ends, w("i32.mul", row, endBytes));
  }

  private sumOf(at: Value): Value {
    return w("i32.add", this.sums, w("i32.mul", at, sumBytes));
  }

  private hasMiddle(from: Local, to: Local): Value {
    return w("i32.and", w("i32.le_s", from, this.middle), w("i32.gt_s", to, this.middle));
  }

  /** Sums of all intervals that begin or end in the middle, as far as rows need them. */
  private sumOutwards(): void {
    const { made, row, middle, running } = this;
    const { code } = made;
    const [least, greatest] = [code.local("i32", get(middle)), code.local("i32", get(middle))];
    const [from, to] = [code.local("i32"), code.local("i32")];
    code.range(row, 0, this.rows, 1, () => {
      this.loadEnds(from, to);
      code.if(this.hasMiddle(from, to), () => {
        code.set(least, select(w("i32.lt_s", from, least), get(from), get(least)));
        code.set(greatest, select(w("i32.gt_s", to, greatest), get(to), get(greatest)));
      });
    });
    const at = code.local("i32");
    this.clear(running);
    code.range(at, middle, greatest, 1, () => {
      this.take(at);
      this.keep(at);
    });
    this.clear(running);
    code.set(at, w("i32.sub", middle, 1));
    code.while(
      () => w("i32.ge_s", at, least),
      () => {
        this.take(at);
        this.keep(at);
        code.set(at, w("i32.sub", at, 1));
      },
    );
  }

  private loadEnds(from: Local, to: Local): void {
    const { code } = this.made;
    const place = code.local("i32", this.endsOf(this.row));
    code.set(from, load("i32.load", place));
    code.set(to, load("i32.load", place, 4));
  }

  private keep(at: Local): void {
    const { code } = this.made;
    const place = code.local("i32", this.sumOf(get(at)));
    const { top, total, edges } = this.running;
    [top, total, edges].forEach((part, k) => {
      code.store("f64.store", place, part, 8 * k);
    });
  }

  /** Evidence of every row: of two sums, of the row before, or of its own edges. */
  private answer(): void {
    const { made, step, form, row, running } = this;
    const { code, frame, scalars } = made;
    const [from, to] = [code.local("i32"), code.local("i32")];
    const [lastFrom, lastTo] = [code.local("i32", 0), code.local("i32", 0)];
    const evidence = code.local("f64", Number.NEGATIVE_INFINITY);
    this.clear(running);
    code.range(row, 0, this.rows, 1, () => {
      this.loadEnds(from, to);
      const isSame = w("i32.and", w("i32.eq", from, lastFrom), w("i32.eq", to, lastTo));
      code.if(w("i32.eqz", isSame), () => {
        code.set(lastFrom, from);
        code.set(lastTo, to);
        code.if(
          this.hasMiddle(from, to),
          () => this.combine(from, to),
          () => this.sumDirectly(from, to),
        );
        code.set(evidence, w("f64.add", running.top, called("log", get(running.total))));
        const isEmpty = w("f64.eq", running.top, Number.NEGATIVE_INFINITY);
        code.if(isEmpty, () => code.set(evidence, Number.NEGATIVE_INFINITY));
      });
      count(code, frame.base, report.edges, get(running.edges));
      const isEmpty = w("f64.eq", evidence, Number.NEGATIVE_INFINITY);
      count(code, frame.base, report.emptyRows, w("f64.convert_i32_s", isEmpty));
      scalars.inside({ [form.row.name]: row }, this.owner, () => {
        const place = code.local("i32", scalars.addressOf(step.logEvidence.name, this.owner));
        code.store("f32.store", place, w("f32.demote_f64", evidence));
        const isVanished = w("f32.eq", load("f32.load", place), Number.NEGATIVE_INFINITY);
        code.if(w("i32.and", w("f64.gt", running.edges, 0), isVanished), () =>
          code.store("i32.store", frame.base, 1, report.vanished),
        );
      });
    });
  }

  /** The sum up to an interval's last offset and the sum down to its first, as one. */
  private combine(from: Local, to: Local): void {
    const { made, middle, running } = this;
    const { code } = made;
    this.read(w("i32.sub", to, 1));
    code.if(w("i32.lt_s", from, middle), () => {
      const place = code.local("i32", this.sumOf(get(from)));
      const [top, total, edges] = [0, 8, 16].map((at) =>
        code.local("f64", load("f64.load", place, at)),
      ) as [Local, Local, Local];
      code.set(running.edges, w("f64.add", running.edges, edges));
      code.if(
        w("f64.gt", top, running.top),
        () => {
          const shrunk = w("f64.mul", running.total, called("exp", w("f64.sub", running.top, top)));
          code.set(running.total, w("f64.add", total, shrunk));
          code.set(running.top, top);
        },
        () =>
          code.if(w("f64.gt", top, Number.NEGATIVE_INFINITY), () => {
            const shrunk = w("f64.mul", total, called("exp", w("f64.sub", top, running.top)));
            code.set(running.total, w("f64.add", running.total, shrunk));
          }),
      );
    });
  }

  private read(at: Value): void {
    const { code } = this.made;
    const place = code.local("i32", this.sumOf(at));
    const { top, total, edges } = this.running;
    [top, total, edges].forEach((part, k) => {
      code.set(part, load("f64.load", place, 8 * k));
    });
  }

  private sumDirectly(from: Local, to: Local): void {
    const { code } = this.made;
    const at = code.local("i32");
    this.clear(this.running);
    code.range(at, from, to, 1, () => this.take(at));
  }

  /** Adds the edge at an offset to the running sum. */
  private take(at: Local): void {
    const { made, form } = this;
    const { code, scalars } = made;
    const { logWeight, where } = form;
    const add = (): void => {
      const weight = code.local("f64", scalars.value(logWeight));
      code.set(this.running.edges, w("f64.add", this.running.edges, 1));
      this.addWeight(weight);
    };
    scalars.inside({ [offset]: at }, [where ?? logWeight], () => {
      if (where === undefined) add();
      else code.if(scalars.test(where), () => scalars.branch(add));
    });
  }

  private addWeight(weight: Local): void {
    const { code, frame } = this.made;
    const { top, total } = this.running;
    code.if(w("i32.eqz", w("f64.lt", weight, Number.POSITIVE_INFINITY)), () => {
      code.store("i32.store", frame.base, failures.notFinite, report.error);
      code.store("f64.store", frame.base, weight, report.detail);
    });
    code.if(
      w("f64.gt", weight, top),
      () => {
        // Nothing so far is relative to −∞: the sum is 0.
        const shrunk = w("f64.mul", total, called("exp", w("f64.sub", top, weight)));
        code.set(total, w("f64.add", shrunk, 1));
        code.set(top, weight);
      },
      () =>
        code.if(w("f64.gt", weight, Number.NEGATIVE_INFINITY), () =>
          code.set(total, w("f64.add", total, called("exp", w("f64.sub", weight, top)))),
        ),
    );
  }

  private sum(): Sum {
    const { code } = this.made;
    return { top: code.local("f64"), total: code.local("f64"), edges: code.local("f64") };
  }

  private clear({ top, total, edges }: Sum): void {
    const { code } = this.made;
    code.set(top, Number.NEGATIVE_INFINITY);
    code.set(total, 0);
    code.set(edges, 0);
  }
}
