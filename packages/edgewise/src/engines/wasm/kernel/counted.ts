/** Log weights that do not differ from edge to edge: the log evidence is theirs and the edges' number. */
import { freeAxes, index } from "../../../ir/expr.ts";
import { boundsOf, type NormalisingFold } from "../../../ir/program.ts";
import { constant, get, load, select, w } from "../assembler/code.ts";
import { count, eachTask, interval, rowOf } from "./edges.ts";
import { failures, report, type Storage } from "./frame.ts";
import { called } from "./functions.ts";
import { type Kernel, writer } from "./kernel.ts";

/** Whether a fold's edges need not be looked at, since all of an interval or of a list's row weigh the same. */
export function isCounted({ logWeight, edges, expectations, choices }: NormalisingFold): boolean {
  if (expectations.length > 0 || choices.length > 0) return false;
  const isListed = edges.list !== undefined;
  const isWhole = isListed ? boundsOf(edges).length === 0 : !edges.spans;
  return isWhole && !edges.where && !freeAxes(logWeight).has(edges.axis.name);
}

/** log Σ exp(w) over an owner's edges as w + log of their number. */
export function countedKernel(
  name: string,
  step: NormalisingFold,
  storage: (tensor: string) => Storage,
): Kernel {
  const { code, frame, scalars, checkedLoads } = writer(name, storage);
  const { over, edges, logEvidence } = step;
  const owner = over.map(index);
  eachTask(scalars, over, [step.logWeight, ...boundsOf(edges), ...owner], () => {
    const { low, high } = edges.list
      ? rowOf(scalars, edges.list)
      : interval(scalars, edges, edges.axis.size);
    const length = select(w("i32.gt_s", high, low), w("i32.sub", high, low), constant("i32", 0));
    const edgeCount = code.local("f64", w("f64.convert_i32_s", length));
    count(code, frame.base, report.edges, get(edgeCount));
    const place = code.local("i32", scalars.addressOf(logEvidence.name, owner));
    const empty = (): void => {
      count(code, frame.base, report.emptyRows, constant("f64", 1));
      code.store("f32.store", place, Number.NEGATIVE_INFINITY);
    };
    code.if(
      w("f64.gt", edgeCount, 0),
      () =>
        scalars.branch(() => {
          const logWeight = code.local("f64", scalars.value(step.logWeight));
          code.if(w("i32.eqz", w("f64.lt", logWeight, Number.POSITIVE_INFINITY)), () => {
            code.store("i32.store", frame.base, failures.notFinite, report.error);
            code.store("f64.store", frame.base, logWeight, report.detail);
          });
          code.if(w("f64.eq", logWeight, Number.NEGATIVE_INFINITY), empty, () => {
            const evidence = w("f64.add", logWeight, called("log", get(edgeCount)));
            code.store("f32.store", place, w("f32.demote_f64", evidence));
          });
          const isVanished = w("f32.eq", load("f32.load", place), Number.NEGATIVE_INFINITY);
          code.if(isVanished, () => code.store("i32.store", frame.base, 1, report.vanished));
        }),
      empty,
    );
  });
  const owners: Kernel["tasks"] = (b) => over.reduce((n, { size }) => n * b.extent(size), 1);
  return {
    ...{ code, slots: frame.slots, scratches: frame.scratches, checkedLoads },
    ...{ tasks: owners, owned: [], defines: [logEvidence], counts: logEvidence.name },
    overwrites: new Set([logEvidence.name]),
    logWeight: step.logWeight,
    work: owners,
  };
}
