/** The four arms: a mixture whose keys adapt, whose values adapt, both or neither. */
import { type Engine, type Prepared, prepare, probabilistic, type Tensor } from "edgewise";
import { innermost, largestMistake, meanIou } from "./clicking.ts";
import type { Scene } from "./scene.ts";

export const arms = ["plain", "keys", "values", "both"] as const;
export type Arm = (typeof arms)[number];

/** Settings that all arms share. */
export interface Point {
  /** Precision of queries around keys: α. */
  readonly queryPrecision: number;
  /** Precision of annotations around values: β. */
  readonly valuePrecision: number;
  /** How firmly keys and values are anchored: λ_ζ, λ_μ. */
  readonly keyPriorPrecision: number;
  readonly valuePriorPrecision: number;
  /** Iterations of each kind that adapts. */
  readonly iterations: number;
}

export async function armModel(
  arm: Arm,
  { iterations, ...point }: Point,
  engine: Engine,
): Promise<Prepared<"expectation">> {
  const model = probabilistic({
    ...point,
    keyIterations: arm === "keys" || arm === "both" ? iterations : 0,
    valueIterations: adaptsValues(arm) ? iterations : 0,
    annotated: adaptsValues(arm),
  });
  return prepare(model, { engine, read: ["expectation"] });
}

const adaptsValues = (arm: Arm): boolean => arm === "values" || arm === "both";

/** A scene, and what was clicked in it so far. */
interface Session {
  readonly scene: Scene;
  readonly clicked: Set<number>;
}

/** Mean IoU of each scene after 0, 1, … clicks. All scenes are labelled in one call. */
export function clickThrough(
  arm: Arm,
  model: Prepared<"expectation">,
  scenes: readonly Scene[],
  { side, keyNoise, clicks }: { side: number; keyNoise: number; clicks: number },
  told: (share: number) => void = () => {},
): number[][] {
  const sessions = scenes.map((scene): Session => ({ scene, clicked: new Set() }));
  const nodes = stacked(scenes, keyNoise);
  const scores = scenes.map((): number[] => []);
  for (let click = 0; click <= clicks; click++) {
    const { expectation } = model.sync({ ...nodes, ...annotations(arm, sessions) });
    const tokens = side * side;
    sessions.forEach(({ scene: { labels: truth }, clicked }, b) => {
      const said = truth.map((label, token) =>
        clicked.has(token) ? label : (expectation.data[b * tokens + token] as number) > 0 ? 1 : -1,
      );
      scores[b]?.push(meanIou(truth, said));
      // The first click shows the target; the later ones, where it is not understood.
      const region =
        click === 0 ? Array.from(truth, (label) => label > 0) : largestMistake(truth, said, side);
      if (region !== undefined) clicked.add(innermost(region, side));
    });
    told((click + 1) / (clicks + 1));
  }
  return scores;
}

function stacked(scenes: readonly Scene[], keyNoise: number): Record<"query" | "key", Tensor> {
  const tokens = scenes[0]?.labels.length ?? 0;
  const width = (scenes[0]?.features.length ?? 0) / tokens;
  const rows = (of: (scene: Scene) => Float32Array): Tensor => ({
    data: joined(scenes.map(of)),
    shape: [scenes.length, 1, tokens, width],
  });
  return {
    query: rows(({ features }) => features),
    key: rows((scene) =>
      scene.features.map((x, k) => x + keyNoise * (scene.keyNoise[k] as number)),
    ),
  };
}

/** What clicks tell an arm: an annotation where values adapt, else the value of the clicked unit. */
function annotations(arm: Arm, sessions: readonly Session[]): Record<string, Tensor> {
  const tokens = sessions[0]?.scene.labels.length ?? 0;
  const shape = [sessions.length, 1, tokens];
  const rows = (of: (session: Session, token: number) => number): Float32Array =>
    joined(sessions.map((session) => session.scene.labels.map((_, token) => of(session, token))));
  const value = ({ scene }: Session, token: number): number => scene.values[token] as number;
  const label = ({ scene }: Session, token: number): number => scene.labels[token] as number;
  const column = (data: Float32Array): Tensor => ({ data, shape: [...shape, 1] });
  if (!adaptsValues(arm))
    return { value: column(rows((s, k) => (s.clicked.has(k) ? label(s, k) : value(s, k)))) };
  return {
    value: column(rows(value)),
    fixed: column(rows(label)),
    is_fixed: { data: rows(({ clicked }, k) => (clicked.has(k) ? 1 : 0)), shape },
  };
}

function joined(parts: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let from = 0;
  for (const part of parts) {
    all.set(part, from);
    from += part.length;
  }
  return all;
}
