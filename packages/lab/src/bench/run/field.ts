import type { Contender, MissingPeer } from "./contenders.ts";
import { findContenders } from "./contenders.ts";
import { nodeLine } from "./lines.ts";
import type { Line } from "./protocol.ts";

/** Everything a run needs to ask, and how to end it. */
export interface Field {
  readonly contenders: readonly Contender[];
  readonly missing: readonly MissingPeer[];
  readonly ceilings: Line;
  readonly oracle: Line;
  close(): Promise<void>;
}

/** Peers in processes of their own. */
export async function nodeField(): Promise<Field> {
  const found = await findContenders();
  const oracle = nodeLine();
  const close = async (): Promise<void> => oracle.end();
  return { ...found, ceilings: oracle, oracle, close };
}
