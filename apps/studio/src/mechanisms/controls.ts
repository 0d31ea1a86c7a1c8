/** Sliders that several mechanisms have. */
import { gaussian, type Potential, scaledDot } from "edgewise";
import type { Control, Settings } from "./mechanism.ts";

export const precision = (value: number): Control => ({
  ...{ name: "precision", label: "Precision", unit: "1 / feature²" },
  effect: "Higher: only the nearest nodes are likely. Lower: data hardly counts.",
  ...{ least: 0.05, most: 100, step: 0.01, value, isLog: true },
});

export const temperature: Control = {
  ...{ name: "temperature", label: "Temperature", unit: "" },
  effect: "Higher: flatter posteriors. Lower: one edge takes all.",
  ...{ least: 0.1, most: 5, step: 0.1, value: 1 },
};

export const potential = (value: 0 | 1 = 0): Control => ({
  ...{ name: "potential", label: "Potential", unit: "", choices: ["distance", "inner product"] },
  effect: "What data scores an edge by: −½ precision · distance², or precision · inner product.",
  ...{ least: 0, most: 1, step: 1, value },
});

export const updates = (value = 16): Control => ({
  ...{ name: "updates", label: "Updates", unit: "rounds", effect: "How long it iterates." },
  ...{ least: 1, most: 40, step: 1, value },
});

export const count = (name: string, label: string, value: number, effect: string): Control => ({
  ...{ name, label, unit: "nodes", effect },
  ...{ least: 1, most: 8, step: 1, value },
});

/** The potential that the sliders declare. */
export const scored = (settings: Settings): Potential =>
  settings("potential") === 0
    ? gaussian({ precision: settings("precision"), normalised: false })
    : scaledDot({ scale: settings("precision") });
