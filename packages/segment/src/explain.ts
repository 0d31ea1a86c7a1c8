/** From marks to the posterior over labels of every cell. */
import { type Prepared as Model, prepare as prepareModel, type Tensor } from "edgewise";
import { squaredDifference } from "./features.ts";
import { type Level, type Overlap, surfaceOf } from "./level.ts";
import { explanation, type Ideas, propagation } from "./models.ts";
import type { Prepared } from "./segment.ts";
import { type Annotation, annotate, type Marked, type Unit } from "./units.ts";

export interface Asked {
  readonly labels: number;
  readonly ideas: Ideas;
}

export interface Explained {
  /** Probability of every label in each fine cell, [cells, labels]. */
  readonly posterior: Float64Array;
  /** How unlike every clicked surface each fine cell is: 0 for one of them, 1 far away, [cells]. */
  readonly strangeness: Float64Array;
}

export async function explain(prepared: Prepared, marks: Marked, asked: Asked): Promise<Explained> {
  const { fine, coarse, overlap, beliefs } = prepared;
  const { labels } = asked;
  const models = await modelsOf(prepared, asked.ideas);
  const annotation = annotate(fine.cells, marks, alike(fine, beliefs.finePrecision));
  const { units } = annotation;
  const from = mixture(coarse, units, {
    annotation: annotate(coarse.cells, marks, alike(coarse, beliefs.coarsePrecision)),
    labels,
    nearness: beliefs.coarseNearness,
  });
  const seen = models.coarse.sync(from).expectation;
  const into = mixture(fine, units, {
    annotation,
    labels,
    nearness: beliefs.fineNearness,
    carried: carry(overlap, seen, beliefs.carriedOver),
  });
  const chosen = models.fine.sync(into).expectation;
  const value = { data: Float32Array.from(chosen.data), shape: chosen.shape };
  const { query, touching } = fine;
  const walked = models.walk.sync({ query, key: query, value, touching }).expectation;
  return {
    posterior: distributions(walked.data, labels),
    strangeness: strangenessOf(prepared, units),
  };
}

/** What separation and difference count in strangeness, beside what they count for labels. */
const [farther, unlike] = [0.2, 0.25];

/** 1 − exp(−least distance to a clicked surface), path and features together, in nats. */
function strangenessOf({ fine, beliefs }: Prepared, units: readonly Unit[]): Float64Array {
  const { width, data } = fine.features;
  const least = new Float64Array(fine.cells.count).fill(Number.POSITIVE_INFINITY);
  for (const unit of units) {
    const { key, apart } = surfaceOf(fine, unit);
    for (let cell = 0; cell < least.length; cell++) {
      let squared = 0;
      for (let column = 0; column < width; column++)
        squared += (data[cell * width + column]! - key[column]!) ** 2;
      const distance =
        farther * beliefs.fineNearness * apart[cell]! +
        (unlike * beliefs.finePrecision * squared) / 2;
      least[cell] = Math.min(least[cell]!, distance);
    }
  }
  return least.map((distance) => 1 - Math.exp(-distance));
}

/** Rows that add up to 1 in double precision. */
function distributions(data: ArrayLike<number>, labels: number): Float64Array {
  const rows = Float64Array.from(data);
  for (let from = 0; from < rows.length; from += labels) {
    let total = 0;
    for (let label = 0; label < labels; label++) total += rows[from + label]!;
    for (let label = 0; label < labels; label++) rows[from + label]! /= total;
  }
  return rows;
}

/** Nats of potential by which cells on two sides of a border differ. */
const border = 4;

const alike =
  ({ features }: Level, precision: number) =>
  (one: number, other: number): boolean =>
    one === other || (precision / 2) * squaredDifference(features, one, other) < border;

interface Models {
  readonly coarse: Model<"expectation">;
  readonly fine: Model<"expectation">;
  readonly walk: Model<"expectation">;
}

/** Models compiled for an engine, by what they believe. */
const compiled = new WeakMap<object, Map<string, Promise<Models>>>();

function modelsOf({ engine, beliefs }: Prepared, ideas: Ideas): Promise<Models> {
  const known = compiled.get(engine) ?? new Map<string, Promise<Models>>();
  compiled.set(engine, known);
  const name = JSON.stringify([beliefs, ideas.keys, ideas.values]);
  const ready = known.get(name) ?? compile();
  known.set(name, ready);
  return ready;

  async function compile(): Promise<Models> {
    const read = ["expectation"] as const;
    const { coarsePrecision, finePrecision } = beliefs;
    return {
      coarse: await prepareModel(explanation(beliefs, coarsePrecision, ideas), { engine, read }),
      fine: await prepareModel(explanation(beliefs, finePrecision, ideas), { engine, read }),
      walk: await prepareModel(propagation(beliefs), { engine, read }),
    };
  }
}

interface Told {
  readonly annotation: Annotation;
  readonly labels: number;
  /** Nats of log prior that one unit of separation takes away. */
  readonly nearness: number;
  /** Log prior of each label in each cell, [N, V], nats. */
  readonly carried?: Float64Array;
}

/** Inputs of an explanation of a level's cells by clicked surfaces. */
function mixture(
  level: Level,
  units: readonly Unit[],
  { annotation, labels, nearness, carried }: Told,
): Record<string, Tensor> {
  const { query, cells, features } = level;
  const [count, width] = [cells.count, features.width];
  const surfaces = units.map((unit) => surfaceOf(level, unit));
  const key = new Float32Array(units.length * width);
  const value = new Float32Array(units.length * labels);
  units.forEach(({ label }, unit) => {
    key.set(surfaces[unit]!.key, unit * width);
    value[unit * labels + label] = 1;
  });
  const fixed = new Float32Array(count * labels);
  const isFixed = new Float32Array(count);
  for (const [cell, label] of annotation.label) {
    fixed[cell * labels + label] = 1;
    isFixed[cell] = 1;
  }
  const prior = nearnessLogPrior(
    surfaces.map(({ apart }) => apart),
    units.map(({ label }) => label),
    { cells: count, labels, nearness },
  );
  if (carried !== undefined)
    for (let cell = 0; cell < count; cell++)
      units.forEach(({ label }, unit) => {
        prior[cell * units.length + unit]! += carried[cell * labels + label]!;
      });
  return {
    query,
    key: { data: key, shape: [1, 1, units.length, width] },
    value: { data: value, shape: [1, 1, units.length, labels] },
    log_prior: { data: prior, shape: [1, 1, count, units.length] },
    fixed: { data: fixed, shape: [1, 1, count, labels] },
    is_fixed: { data: isFixed, shape: [1, 1, count] },
  };
}

/**
 * Log prior of each cell's choice among the units, [cells, units], nats, not normalised.
 *
 * A label is as probable as its nearest unit is near, and its units share that: the softmax of
 * −λ·separation among units of one label, times exp(−λ·least separation). How many clicks a label
 * got says nothing about distance; were they counted, the busiest label would win every tie.
 */
export function nearnessLogPrior(
  apart: readonly Float64Array[],
  labelOf: readonly number[],
  { cells, labels, nearness }: { cells: number; labels: number; nearness: number },
): Float32Array<ArrayBuffer> {
  const units = apart.length;
  const prior = new Float32Array(cells * units);
  const best = new Float64Array(labels);
  const total = new Float64Array(labels);
  for (let cell = 0; cell < cells; cell++) {
    best.fill(Number.NEGATIVE_INFINITY);
    total.fill(0);
    for (let unit = 0; unit < units; unit++)
      best[labelOf[unit]!] = Math.max(best[labelOf[unit]!]!, -nearness * apart[unit]![cell]!);
    for (let unit = 0; unit < units; unit++)
      total[labelOf[unit]!]! += Math.exp(-nearness * apart[unit]![cell]! - best[labelOf[unit]!]!);
    for (let unit = 0; unit < units; unit++)
      prior[cell * units + unit] =
        -nearness * apart[unit]![cell]! - Math.log(total[labelOf[unit]!]!);
  }
  return prior;
}

/** Least probability of a label that a coarser look may leave it. */
const leastCarried = 1e-6;

/** What coarse cells believe, as a log prior of the fine ones, [N, V], tempered. */
function carry({ start, coarse, share }: Overlap, seen: Tensor, tempered: number): Float64Array {
  const labels = seen.shape[3] as number;
  const carried = new Float64Array((start.length - 1) * labels);
  for (let cell = 0; cell + 1 < start.length; cell++)
    for (let label = 0; label < labels; label++) {
      let probability = leastCarried;
      for (let at = start[cell]!; at < start[cell + 1]!; at++)
        probability += share[at]! * (seen.data[coarse[at]! * labels + label] as number);
      carried[cell * labels + label] = tempered * Math.log(probability);
    }
  return carried;
}
