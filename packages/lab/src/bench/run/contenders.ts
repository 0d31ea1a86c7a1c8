/** Who is there to compare with. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { PeerFacts } from "../peers/peer.ts";
import { peers } from "../peers/peers.ts";
import { torchPeers } from "../peers/torch.ts";
import { nodeLine, pythonLine } from "./lines.ts";
import { findPackage } from "./packages.ts";
import type { Line } from "./protocol.ts";

/** Where rows were measured. */
export type Place = "node" | "python" | "chromium";

/** A peer that can be asked. */
export interface Contender {
  readonly peer: PeerFacts;
  readonly place: Place;
  connect(): Line;
}

export interface MissingPeer {
  readonly peer: string;
  readonly install: string;
}

interface Found {
  readonly contenders: readonly Contender[];
  readonly missing: readonly MissingPeer[];
}

/** Peers that are installed, and those that are not. */
export async function findContenders(): Promise<Found> {
  const contenders: Contender[] = [];
  const missing: MissingPeer[] = [];
  for (const peer of peers) {
    if (peer.packages.every((name) => findPackage(name) !== undefined))
      contenders.push({ peer, place: "node", connect: nodeLine });
    else missing.push({ peer: peer.name, install: peer.install });
  }
  const python = await pythonWithTorch();
  for (const peer of torchPeers) {
    if (python === undefined) missing.push({ peer: peer.name, install: peer.install });
    else contenders.push({ peer, place: "python", connect: () => pythonLine(python, peer.name) });
  }
  return { contenders, missing };
}

/** A Python that can import PyTorch. */
async function pythonWithTorch(): Promise<string | undefined> {
  const python = process.env["EDGEWISE_PYTHON"] ?? "python3";
  try {
    await promisify(execFile)(python, ["-c", "import torch"], { timeout: 60_000 });
    return python;
  } catch {
    return undefined;
  }
}
