/** What the page knows of a mechanism: its sliders, its model, and how its posterior is followed. */
import type { CallOptions, Model, Tensor } from "edgewise";
import type { Point } from "../state/view.ts";

/** A slider: something that is declared, its unit, and what it does, in one line. */
export interface Control {
  readonly name: string;
  readonly label: string;
  readonly unit: string;
  readonly effect: string;
  readonly least: number;
  readonly most: number;
  readonly step: number;
  readonly value: number;
  /** Words to choose among in place of a slider; the value is the place of one. */
  readonly choices?: readonly string[];
  /** Steps multiply: values of many sizes. */
  readonly isLog?: boolean;
}

/** Value of a slider, by its name. */
export type Settings = (name: string) => number;

/** Nodes of one end: a row of features for each, and where it is drawn. */
export interface Nodes {
  /** [nodes, width] */
  readonly features: Float32Array;
  readonly width: number;
  readonly places: readonly Point[];
  /** Names in the picture, one for each. */
  readonly labels: readonly string[];
  /** Features are places: what moves among them can be drawn where it is. */
  readonly isPlane: boolean;
}

/** What is attended among; the three are one and the same unless they come from a file. */
export interface Data {
  readonly query: Nodes;
  readonly key: Nodes;
  readonly value: Nodes;
}

/** Readings of a model on tensors. */
export type Ask = (
  model: Model,
  read: readonly string[],
  inputs: Readonly<Record<string, Tensor>>,
  options?: CallOptions,
) => Promise<Readonly<Record<string, Tensor>>>;

/** Nodes of one end of the edges, as they are drawn and told of. */
export interface End {
  readonly labels: readonly string[];
  /** Which node of the data each is, so that it can be moved; null for those that are none. */
  readonly nodes: readonly (number | null)[];
}

/** One posterior: all of it, or one step of an iteration. */
export interface Frame {
  /** Where nodes that choose are drawn, and those that they choose among. */
  readonly receivers: readonly Point[];
  readonly senders: readonly Point[];
  /** [receivers, senders]; shares of 0 … 1, or signed weights */
  readonly weights: Float32Array;
  /** What was believed of each edge beforehand, [receivers, senders]. */
  readonly prior?: Float32Array;
  /** Nats, [receivers]; absent where weights are no probabilities. */
  readonly entropy?: Float32Array;
  /** Nats, [receivers] */
  readonly logEvidence?: Float32Array;
}

export interface Course {
  readonly receivers: End;
  readonly senders: End;
  /** Whether receivers and senders are the same nodes, which are drawn once. */
  readonly isOneSet: boolean;
  readonly frames: readonly Frame[];
  /** What steps from frame to frame are called, in the singular: "update", "draw". */
  readonly step?: string;
  /** A number of each frame, to be drawn as a curve. */
  readonly curve?: { readonly title: string; readonly unit: string; readonly values: Float32Array };
  /** Further numbers of each receiver, by name. */
  readonly more: Readonly<Record<string, Float32Array>>;
  /** Numbers of all of it, by name with their units. */
  readonly totals: Readonly<Record<string, number>>;
  /** Weights are no probabilities and may be below 0. */
  readonly isSigned?: boolean;
}

export interface Mechanism {
  readonly title: string;
  /** The question that the posterior answers. */
  readonly question: string;
  /** Paper, year. */
  readonly paper: string;
  /** What circles and squares are, where they are not the same nodes. */
  readonly caption?: string;
  readonly controls: readonly Control[];
  readonly model: (settings: Settings) => Model;
  /** Fewest nodes that it can be looked at with, and most, where its cost grows fast. */
  readonly fewest: number;
  readonly most?: number;
  /**
   * Posteriors of a model of this kind, which may be another one than that of the sliders, on data.
   *
   * @throws EdgewiseError where the model is none of this kind
   */
  readonly course: (model: Model, data: Data, settings: Settings, ask: Ask) => Promise<Course>;
}
