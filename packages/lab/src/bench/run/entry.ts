import { type Expected, tolerance, worst } from "../check/rows.ts";
import { inputSpecs } from "../workload/inputs.ts";
import { type Line, PeerEnded } from "./protocol.ts";
import { type Measured, type Row, rowOf, type Status, type Subject } from "./row.ts";

/** Milliseconds that one turn of a peer takes at least: short calls are repeated so long. */
export interface Pace {
  readonly turn: number;
  /** Rounds that count, and the seconds after which a slow peer has had enough of them. */
  readonly rounds: number;
  readonly seconds: number;
}

const fewestRounds = 3;
const mostCalls = 20_000;

/** One peer on one workload, from its start to its row. */
export class Entry {
  readonly subject: Subject;
  private readonly line: Line;
  private readonly pace: Pace;
  private readonly times: number[] = [];
  private measured: Measured = {};
  private calls = 1;
  private rounds: number;
  private ended: { readonly status: Status; readonly reason: string } | undefined;
  versions: Readonly<Record<string, string>> = {};

  constructor(subject: Subject, pace: Pace) {
    this.subject = subject;
    this.pace = pace;
    this.rounds = pace.rounds;
    this.line = subject.contender.connect();
  }

  /** Loads, compiles, calls once and compares the answer; what fails becomes the row. */
  async start(expected: Expected): Promise<void> {
    const { contender, threads, workload } = this.subject;
    await this.attempt(async () => {
      const peer = contender.peer.name;
      this.versions = (await this.line.ask({ kind: "load", peer, threads })).versions;
      const specs = inputSpecs(workload);
      const { milliseconds: prepare } = await this.line.ask({ kind: "open", workload, specs });
      const { milliseconds: first } = await this.call(1);
      this.measured = { prepare, first };
      const { rows } = await this.line.ask({ kind: "rows", picks: expected.picks });
      const { error, output, row } = worst(expected, rows);
      this.measured = { prepare, first, error };
      if (error < tolerance) return;
      this.finish("wrong", `${output}, row ${row}: off by ${error.toExponential(1)} of its size`);
    });
  }

  /** Whether it takes part in round k, the first of which does not count. */
  takesPart(round: number): boolean {
    return this.ended === undefined && round <= this.rounds;
  }

  async turn(round: number): Promise<void> {
    await this.attempt(async () => {
      const { milliseconds } = await this.call(this.calls);
      if (round > 0) this.times.push(milliseconds);
      else this.settle(milliseconds);
    });
  }

  /** Calls of a turn and rounds, from what the round took that does not count. */
  private settle(milliseconds: number): void {
    const { turn, rounds, seconds } = this.pace;
    this.calls = Math.min(mostCalls, Math.max(1, Math.ceil(turn / milliseconds)));
    const affordable = Math.floor((1000 * seconds) / (milliseconds * this.calls));
    this.rounds = Math.min(rounds, Math.max(fewestRounds, affordable));
  }

  async finishRow(ceiling: number | undefined): Promise<Row> {
    await this.attempt(async () => {
      const { mebibytes } = await this.line.ask({ kind: "memory" });
      this.measured = { ...this.measured, memory: mebibytes };
    });
    this.line.end();
    const { status, reason } = this.ended ?? { status: "measured" as const, reason: undefined };
    return rowOf(
      this.subject,
      status,
      {
        ...this.measured,
        ...(status === "measured" && { milliseconds: this.times, calls: this.calls }),
        ...(ceiling !== undefined && { ceiling }),
      },
      reason,
    );
  }

  end(): void {
    this.line.end();
  }

  private async call(calls: number): Promise<{ readonly milliseconds: number }> {
    return this.line.ask({ kind: "call", calls });
  }

  private async attempt(work: () => Promise<void>): Promise<void> {
    if (this.ended !== undefined) return;
    try {
      await work();
    } catch (error) {
      // Another's library that refuses is a fact about it; one that ends, or ours, is a failure.
      const isOwn = this.subject.contender.peer.name.startsWith("edgewise");
      const status = isOwn || error instanceof PeerEnded ? "failed" : "cannot";
      this.finish(status, error instanceof Error ? error.message : String(error));
    }
  }

  private finish(status: Status, reason: string): void {
    this.ended = { status, reason };
    this.line.end();
  }
}
