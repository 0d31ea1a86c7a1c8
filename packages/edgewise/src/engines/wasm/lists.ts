/** Lists of edges that a program is given: kernels trust them, so they are looked at before. */
import { EdgewiseError } from "../../errors/edgewiseError.ts";
import type { Size } from "../../ir/expr.ts";
import type { Program, Step } from "../../ir/program.ts";
import type { Inputs } from "../engine.ts";

/** A list among the inputs, and how many rows and alternatives there are. */
export interface GivenList {
  readonly rowStart: string;
  readonly alternative: string;
  readonly rows: number;
  readonly alternatives: number;
}

/** Lists that steps read, for the lengths of a call. */
export function givenLists(
  { inputs, steps }: Program,
  extent: (size: Size) => number,
): readonly GivenList[] {
  const names = new Set(inputs.map(({ name }) => name));
  const found = new Map<string, GivenList>();
  const visit = (step: Step): void => {
    if (step.kind === "fixedPoint")
      for (const block of step.blocks) for (const inner of block.steps) visit(inner);
    if (step.kind !== "normalise" && step.kind !== "weigh") return;
    const { list, axis } = step.edges;
    if (list === undefined || !names.has(list.rowStart) || !names.has(list.alternative)) return;
    const { rowStart, alternative } = list;
    const row = step.over.find(({ name }) => name === list.row);
    found.set(`${rowStart} ${alternative}`, {
      ...{ rowStart, alternative, alternatives: extent(axis.size) },
      rows: row === undefined ? 0 : extent(row.size),
    });
  };
  for (const step of steps) visit(step);
  return [...found.values()];
}

/** Lists that were looked at, by their numbers: most calls give the same ones again. */
const known = new WeakMap<object, string>();

/**
 * Refuses lists whose rows do not follow each other, or whose alternatives are none.
 *
 * @throws index_out_of_range
 */
export function checkLists(lists: readonly GivenList[], inputs: Inputs): void {
  for (const { rowStart, alternative, rows, alternatives } of lists) {
    const [starts, columns] = [inputs[rowStart]!.data, inputs[alternative]!.data];
    const lengths = `${columns.length} ${rows} ${alternatives}`;
    if (known.get(starts) === lengths && known.get(columns) === lengths) continue;
    if (starts.length <= rows) throw tooShort(rowStart, starts.length, rows);
    checkRows(rowStart, starts, columns.length);
    const at = firstOutside(columns, alternatives);
    if (at < columns.length)
      throw outside(alternative, at, columns[at]!, `from 0 to ${alternatives - 1}`);
    known.set(starts, lengths);
    known.set(columns, lengths);
  }
}

/** Place of the first number that is no alternative; their count where all are. */
function firstOutside(columns: ArrayLike<number>, alternatives: number): number {
  for (let k = 0; k < columns.length; k++) {
    const j = columns[k]!;
    if (!(Number.isInteger(j) && j >= 0 && j < alternatives)) return k;
  }
  return columns.length;
}

function checkRows(name: string, starts: ArrayLike<number>, edges: number): void {
  for (let k = 0, before = 0; k < starts.length; k++) {
    const start = starts[k]!;
    const isLast = k === starts.length - 1;
    if (!Number.isInteger(start) || start < before || start > edges)
      throw outside(name, k, start, `from ${before} to ${edges}, no less than the one before`);
    if (k === 0 && start !== 0) throw outside(name, k, start, "0, the first row's");
    if (isLast && start !== edges) throw outside(name, k, start, `${edges}, the number of edges`);
    before = start;
  }
}

function tooShort(name: string, got: number, rows: number): EdgewiseError {
  return new EdgewiseError({
    code: "shape_mismatch",
    where: name,
    got: `${got} numbers`,
    expected: `${rows + 1}: where each of ${rows} rows starts, and where the last one ends`,
    fix: "declare the graph with edges(…) or edgesFrom(…), which make such lists",
  });
}

function outside(name: string, at: number, got: number, expected: string): EdgewiseError {
  return new EdgewiseError({
    code: "index_out_of_range",
    where: name,
    got: `${got} at element ${at}`,
    expected: `a whole number ${expected}`,
    fix: "declare the graph with edges(…) or edgesFrom(…), which make such lists",
  });
}
