/** The far side of a line, in a process or in a page: one peer, one workload at a time. */
import { CeilingMeter } from "../ceilings/ceilings.ts";
import { expectedOf } from "../check/expected.ts";
import type { Picks, Rows } from "../check/rows.ts";
import type { Host, Loaded, Opened, Peer } from "../peers/peer.ts";
import type { Answers, Request } from "./protocol.ts";

/** What only the surroundings can do. */
export interface Surroundings {
  host(threads: number): Host;
  /** Begins to watch memory, and says later how much more was used at most, in MiB. */
  watchMemory(): () => number | null;
}

export class Station {
  private readonly peers: readonly Peer[];
  private readonly surroundings: Surroundings;
  private loaded: Loaded | undefined;
  private opened: Opened | undefined;
  private meter: CeilingMeter | undefined;
  private memory: () => number | null = () => null;

  constructor(peers: readonly Peer[], surroundings: Surroundings) {
    this.peers = peers;
    this.surroundings = surroundings;
  }

  async answer(request: Request): Promise<Answers[Request["kind"]]> {
    switch (request.kind) {
      case "load":
        return this.load(request.peer, request.threads);
      case "open": {
        this.opened?.close?.();
        const started = performance.now();
        this.opened = await this.loaded?.open(request.workload);
        return { milliseconds: performance.now() - started };
      }
      case "call":
        return { milliseconds: await this.time(request.calls) };
      case "rows":
        return { rows: this.rows(request.picks) };
      case "memory":
        return { mebibytes: this.memory() };
      case "expected":
        return expectedOf(request.workload);
      case "ceilings":
        this.meter = new CeilingMeter();
        return this.meter.measure();
      case "peak": {
        this.meter ??= new CeilingMeter();
        return { gflops: this.meter.turn() };
      }
      default:
        return request satisfies never;
    }
  }

  private async load(name: string, threads: number): Promise<Answers["load"]> {
    const peer = this.peers.find((one) => one.name === name);
    if (peer === undefined) throw new Error(`no peer ${name}`);
    this.loaded = await peer.load(this.surroundings.host(threads));
    this.memory = this.surroundings.watchMemory();
    return { versions: this.loaded.versions };
  }

  /** Milliseconds of one call, the mean of several in a row. */
  private async time(calls: number): Promise<number> {
    const { opened } = this;
    if (opened === undefined) throw new Error("no workload is open");
    const started = performance.now();
    for (let k = 0; k < calls; k++) {
      const pending = opened.call();
      // Peers that answer at once are not made to wait for the event loop.
      if (pending !== undefined) await pending;
    }
    return (performance.now() - started) / calls;
  }

  private rows(picks: Picks): Rows {
    const outputs = this.opened?.outputs() ?? {};
    return Object.fromEntries(
      Object.entries(picks).map(([name, places]) => {
        const output = outputs[name];
        if (output === undefined) return [name, []];
        const { data, width, start = (row: number) => row * width } = output;
        const row = (place: number): number[] =>
          Array.from({ length: width }, (_, d) => data[start(place) + d] ?? Number.NaN);
        return [name, places.map(row)];
      }),
    );
  }
}
