/** Edges chosen as data: the most probable ones of an owner, or draws at given uniform numbers. */
import { EdgewiseError } from "../../../errors/edgewiseError.ts";
import { type Expr, index } from "../../../ir/expr.ts";
import type { Choice, NormalisingFold } from "../../../ir/program.ts";
import { get, type Local, load, type Value, w } from "../assembler/code.ts";
import { called } from "./functions.ts";
import type { Writer } from "./kernel.ts";
import type { Scalars } from "./scalars.ts";

export interface ChoiceRow {
  clear(): void;
  push(alternative: Local, logWeight: Local): void;
  choose(scalars: Scalars, owner: readonly Expr[]): void;
}

/** Bytes of one edge in the row: its log weight in double precision, and its alternative. */
const entry = 16;
/** Chosen edges are told by their places, as numbers in single precision. */
const mostChosenAmong = 2 ** 24;

/** A row of an owner's edges, as long as the alternatives are many. */
export function writeChoices({ code, frame }: Writer, step: NormalisingFold): ChoiceRow {
  const { axis, list } = step.edges;
  const row = frame.scratch("row", (bindings) => {
    const alternatives = bindings.extent(axis.size);
    if (alternatives > mostChosenAmong) throw tooMany(alternatives);
    const edges = list === undefined ? alternatives : bindings.extent(`${list.alternative}@0`);
    return entry * Math.max(1, edges);
  });
  const end = code.local("i32");
  return {
    clear: () => code.set(end, row),
    push: (alternative, logWeight) => {
      code.store("f64.store", end, logWeight);
      code.store("i32.store", end, alternative, 8);
      code.set(end, w("i32.add", end, entry));
    },
    choose: (scalars, owner) => {
      for (const choice of step.choices)
        if (choice.pick === "drawn") draw(scalars, choice, owner, { row, end });
        else mostProbable(scalars, choice, owner, { row, end });
    },
  };
}

function tooMany(alternatives: number): EdgewiseError {
  return new EdgewiseError({
    code: "engine_cannot",
    where: "wasm",
    got: `a choice among ${alternatives} nodes`,
    expected: `at most ${mostChosenAmong}, whose places single precision can tell apart`,
    fix: "name the engine reference, which answers in double precision",
  });
}

interface Entries {
  readonly row: Local;
  readonly end: Local;
}

const logWeightAt = (place: Local): Value => load("f64.load", place);

/** The greatest log weight of a row, −∞ without edges. */
function greatest(scalars: Scalars, { row, end }: Entries): Local {
  const { code } = scalars;
  const [place, top] = [code.local("i32"), code.local("f64", Number.NEGATIVE_INFINITY)];
  code.range(place, row, end, entry, () => code.set(top, w("f64.max", top, logWeightAt(place))));
  return top;
}

/** By repeated selection: alternatives in falling probability, ties to the lower one. */
function mostProbable(
  scalars: Scalars,
  choice: Choice,
  owner: readonly Expr[],
  { row, end }: Entries,
): void {
  const { code, frame } = scalars;
  const [s, place] = [code.local("i32"), code.local("i32")];
  const [best, bestAt, bestWeight] = [code.local("i32"), code.local("i32"), code.local("f64")];
  const [last, lastWeight] = [code.local("i32", -1), code.local("f64", Number.POSITIVE_INFINITY)];
  const possible = code.local(
    "i32",
    w("f64.gt", greatest(scalars, { row, end }), Number.NEGATIVE_INFINITY),
  );
  code.range(s, 0, frame.extent(choice.count.size), 1, () => {
    code.set(best, -1);
    code.set(bestWeight, Number.NEGATIVE_INFINITY);
    code.if(possible, () =>
      code.range(place, row, end, entry, () => {
        const weight = code.local("f64", logWeightAt(place));
        code.set(bestAt, load("i32.load", place, 8));
        // After the one before: of less weight, or of the same and further on.
        const after = w(
          "i32.or",
          w("f64.lt", weight, lastWeight),
          w("i32.and", w("f64.eq", weight, lastWeight), w("i32.gt_s", bestAt, last)),
        );
        const better = w(
          "i32.or",
          w("i32.lt_s", best, 0),
          w(
            "i32.or",
            w("f64.gt", weight, bestWeight),
            w("i32.and", w("f64.eq", weight, bestWeight), w("i32.lt_s", bestAt, best)),
          ),
        );
        code.if(w("i32.and", after, better), () => {
          code.set(best, bestAt);
          code.set(bestWeight, weight);
        });
      }),
    );
    write(scalars, choice, owner, s, get(best));
    code.set(last, best);
    code.set(lastWeight, bestWeight);
    code.if(w("i32.lt_s", best, 0), () => code.set(possible, 0));
  });
}

/** The alternative at which the cumulative posterior passes each uniform number. */
function draw(
  scalars: Scalars,
  choice: Choice,
  owner: readonly Expr[],
  { row, end }: Entries,
): void {
  const { code, frame } = scalars;
  const top = greatest(scalars, { row, end });
  const [place, total] = [code.local("i32"), code.local("f64", 0)];
  const possible = w("f64.gt", top, Number.NEGATIVE_INFINITY);
  code.if(possible, () =>
    code.range(place, row, end, entry, () => {
      const weight = code.local("f64", called("exp", w("f64.sub", logWeightAt(place), top)));
      code.store("f64.store", place, weight);
      code.set(total, w("f64.add", total, weight));
    }),
  );
  const s = code.local("i32");
  const [sum, found, goal] = [code.local("f64"), code.local("i32"), code.local("f64")];
  code.range(s, 0, frame.extent(choice.count.size), 1, () => {
    code.set(found, -1);
    code.set(sum, 0);
    scalars.inside({ [choice.count.name]: s }, [], () => {
      const at = [...owner, index(choice.count.name)];
      const uniform = scalars.addressOf(choice.uniform as string, at);
      code.set(goal, w("f64.mul", total, w("f64.promote_f32", load("f32.load", uniform))));
    });
    code.set(place, row);
    const looking = (): Value =>
      w(
        "i32.and",
        w("f64.gt", total, 0),
        w("i32.and", w("i32.lt_u", place, end), w("f64.le", sum, goal)),
      );
    code.while(looking, () => {
      const weight = code.local("f64", load("f64.load", place));
      code.if(w("f64.gt", weight, 0), () => {
        code.set(sum, w("f64.add", sum, weight));
        code.set(found, load("i32.load", place, 8));
      });
      code.set(place, w("i32.add", place, entry));
    });
    write(scalars, choice, owner, s, get(found));
  });
}

function write(
  scalars: Scalars,
  choice: Choice,
  owner: readonly Expr[],
  s: Local,
  chosen: Value,
): void {
  const { code } = scalars;
  scalars.inside({ [choice.count.name]: s }, [], () => {
    const place = scalars.addressOf(choice.name, [...owner, index(choice.count.name)]);
    code.store("f32.store", place, w("f32.convert_i32_s", chosen));
  });
}
