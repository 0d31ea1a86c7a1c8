import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { expectedOf } from "../check/expected.ts";
import { suites } from "../workload/suites.ts";
import { quickened, type Suite, type Workload } from "../workload/workload.ts";
import type { Contender } from "./contenders.ts";
import { nodeLine } from "./lines.ts";
import { type Answer, type Line, PeerEnded, type Request } from "./protocol.ts";
import { type RunOptions, runSuite } from "./runSuite.ts";

const folder = mkdtempSync(join(tmpdir(), "edgewise-bench-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const small = quickened(suites.find(({ name }) => name === "small")?.workloads[0] as Workload);
const suite: Suite = { name: "small", summary: "", workloads: [small] };
const truth = expectedOf(small);

type Script = (request: Request) => unknown;

/** Line whose answers are written here; by default those of a peer that does everything right. */
class ScriptedLine implements Line {
  readonly asked: Request["kind"][] = [];
  isEnded = false;
  private readonly script: Script;

  constructor(script: Script = () => undefined) {
    this.script = script;
  }

  async ask<Asked extends Request>(request: Asked): Promise<Answer<Asked["kind"]>> {
    this.asked.push(request.kind);
    const usual: Record<Request["kind"], unknown> = {
      ...{ load: { versions: {} }, open: { milliseconds: 1 }, call: { milliseconds: 2 } },
      ...{ rows: { rows: truth.rows }, memory: { mebibytes: 3 }, expected: truth },
      ...{ ceilings: {}, peak: { gflops: 50 } },
    };
    return ((await this.script(request)) ?? usual[request.kind]) as never;
  }

  end(): void {
    this.isEnded = true;
  }
}

const contender = (name: string, connect: () => Line): Contender => ({
  peer: {
    ...{ name, runtime: "wasm", packages: [], install: "" },
    threaded: () => false,
    runs: () => true,
  },
  place: "node",
  connect,
});

const options = (contenders: readonly Contender[], more: Partial<RunOptions> = {}): RunOptions => ({
  contenders,
  ...{ threads: [1, 2], pace: { turn: 0, rounds: 4, seconds: 60 } },
  ...{ ceilings: new ScriptedLine(), oracle: new ScriptedLine() },
  signal: new AbortController().signal,
  onProgress: () => {},
  ...more,
});

describe("a run", () => {
  it("takes turns, and does not count the first round", async () => {
    const turns: string[] = [];
    const peer = (name: string) => {
      let calls = 0;
      const script: Script = ({ kind }) => {
        if (kind !== "call") return undefined;
        turns.push(name);
        // The first call, the round that does not count, then the rounds.
        return { milliseconds: calls++ < 2 ? 1000 : 2 };
      };
      return contender(name, () => new ScriptedLine(script));
    };
    const { rows, ceiling } = await runSuite(suite, options([peer("a"), peer("b")]));
    expect(turns.join("")).toBe(`ab${"ab".repeat(5)}`);
    expect(rows).toMatchObject([
      { peer: "a", median_ms: 2, p90_ms: 2, first_ms: 1000, rounds: 4, memory_mib: 3 },
      { peer: "b", median_ms: 2, status: "measured" },
    ]);
    expect([ceiling, rows[0]?.ceiling_fraction]).toEqual([50, (rows[0]?.gflops ?? 0) / 50]);
  });

  it("asks a slow peer three times, and says so", async () => {
    const slow = contender(
      "slow",
      () => new ScriptedLine(({ kind }) => (kind === "call" ? { milliseconds: 9e4 } : undefined)),
    );
    const { rows } = await runSuite(suite, options([slow]));
    expect(rows[0]?.rounds).toBe(3);
  });

  it("gives a wrong answer no time, but a row that says where it is wrong", async () => {
    const first = truth.rows["expectation"]?.map((row, k) => (k === 1 ? row.map(() => 0) : row));
    const wrong = new ScriptedLine(({ kind }) =>
      kind === "rows" ? { rows: { expectation: first } } : undefined,
    );
    const { rows } = await runSuite(
      suite,
      options([contender("wrong", () => wrong), contender("right", () => new ScriptedLine())]),
    );
    expect(rows[0]).toMatchObject({ status: "wrong", median_ms: null, error: 1 });
    expect(rows[0]?.reason).toMatch(/^expectation, row \d+: off by/);
    expect(rows[1]?.status).toBe("measured");
    expect(wrong.isEnded).toBe(true);
  });

  it("a library that refuses cannot; Edgewise that refuses has failed", async () => {
    const refuse: Script = ({ kind }) => {
      if (kind === "open") throw new Error("too large");
    };
    const { rows } = await runSuite(
      suite,
      options(
        ["tfjs", "edgewise-wasm"].map((name) => contender(name, () => new ScriptedLine(refuse))),
      ),
    );
    expect(rows.map(({ status, reason }) => [status, reason])).toEqual([
      ["cannot", "too large"],
      ["failed", "too large"],
    ]);
  });

  it("goes on without a peer whose process ends in the middle of a call", async () => {
    const program = join(folder, "crashing.mjs");
    writeFileSync(
      program,
      `process.on("message", ({ id, kind }) => {
         if (kind !== "call") return process.send({ id, versions: {}, milliseconds: 1 });
         process.stderr.write("out of everything\\n", () => process.exit(7));
       });`,
    );
    const crashing = contender("crashing", () => nodeLine(pathToFileURL(program)));
    const { rows } = await runSuite(
      suite,
      options([crashing, contender("right", () => new ScriptedLine())]),
    );
    expect(rows).toMatchObject([
      { peer: "crashing", status: "failed", reason: expect.stringMatching(/exit code 7: out of/) },
      { peer: "right", status: "measured" },
    ]);
  });

  it("interrupted ends every line, whatever it waits for", async () => {
    const interrupt = new AbortController();
    let refuse: (error: Error) => void = () => {};
    const waiting = new ScriptedLine(({ kind }) =>
      kind === "call"
        ? new Promise((_, reject) => {
            refuse = reject;
            interrupt.abort(new Error("enough"));
          })
        : undefined,
    );
    waiting.end = () => {
      waiting.isEnded = true;
      refuse(new PeerEnded("it was ended"));
    };
    const running = runSuite(
      suite,
      options([contender("waiting", () => waiting)], { signal: interrupt.signal }),
    );
    await expect(running).rejects.toThrow("enough");
    expect(waiting.isEnded).toBe(true);
  });
});
