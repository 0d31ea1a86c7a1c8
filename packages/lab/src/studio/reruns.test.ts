import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { keptRuns } from "../run/store.ts";
import { studioApp } from "./app.ts";
import { type Served, serve } from "./serve.ts";
import type { ToldRerun } from "./told.ts";

/** Exact, and worked off in a second; of many seeds it takes as long as one likes. */
const cheap = { claims: ["K13"], seeds: 1 };
const long = { claims: ["K13"], seeds: 20, size: "full" };
const json = { "content-type": "application/json" };

let working: string;
let served: Served;
beforeEach(async () => {
  working = mkdtempSync(join(tmpdir(), "edgewise-reruns-"));
  const home = join(working, "home");
  served = await serve(studioApp({ page: working, working, home }), 0);
});
afterEach(async () => {
  await served.close();
  rmSync(working, { recursive: true });
});

const asked = (method: string, body?: unknown, headers: Record<string, string> = json) =>
  fetch(`${served.url}api/reruns`, {
    ...{ method, headers },
    ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
  });

const rerunIn = async (answer: Response): Promise<ToldRerun> =>
  ((await answer.json()) as { rerun: ToldRerun }).rerun;

/** Events of the server, until one of these names or the end of the stream. */
async function eventsUntil(last: string): Promise<[event: string, rerun: ToldRerun][]> {
  const answer = await fetch(`${served.url}api/reruns/events`);
  expect(answer.headers.get("content-type")).toBe("text/event-stream");
  const found: [string, ToldRerun][] = [];
  let text = "";
  for await (const chunk of answer.body as ReadableStream<Uint8Array>) {
    text += new TextDecoder().decode(chunk);
    const whole = text.split("\n\n");
    text = whole.pop() ?? "";
    for (const event of whole) {
      const [, name = "", data = ""] = /^event: (.*)\ndata: (.*)\n/.exec(event) ?? [];
      found.push([name, JSON.parse(data)]);
      if (name === last) return found;
    }
  }
  return found;
}

describe("a rerun", () => {
  it("tells its progress and its verdicts, and is kept", async () => {
    expect(await eventsUntil("none")).toEqual([["none", null]]);
    const answer = await asked("POST", cheap);
    expect(answer.status).toBe(202);
    expect(await rerunIn(answer)).toMatchObject({
      ...{ state: "running", number: 1, experiments: ["identities"], size: "quick", seeds: 1 },
      claims: expect.arrayContaining(["K13", "K3"]),
    });
    const told = await eventsUntil("ended");
    const progress = told.flatMap(([, rerun]) =>
      rerun.state === "running" && rerun.progress ? [rerun.progress] : [],
    );
    expect(progress.length).toBeGreaterThan(0);
    for (const { done, ended, all, note } of progress) {
      expect(done).toBeGreaterThanOrEqual(ended);
      expect(done).toBeLessThanOrEqual(all);
      expect(note).toMatch(/^identities /);
    }
    const ended = told.at(-1)?.[1];
    expect(ended).toMatchObject({ state: "ended", number: 1, failures: [], warnings: [] });
    expect(ended).toHaveProperty("verdicts", expect.arrayContaining([expect.anything()]));
    expect(await eventsUntil("ended")).toEqual([["ended", ended]]);
    expect(await rerunIn(await asked("GET"))).toEqual(ended);
    expect(keptRuns(join(working, "home"))).toMatchObject([{ state: "finished", seeds: 1 }]);
    for (const [kind, type] of [
      ["svg", "image/svg+xml"],
      ["png", "image/png"],
      ["csv", "text/csv; charset=utf-8"],
    ]) {
      const figure = await fetch(`${served.url}api/runs/1/figures/errors.${kind}`);
      expect([figure.status, figure.headers.get("content-type")]).toEqual([200, type]);
    }
  });

  it("does again what is done, where reproduce would find nothing to do", async () => {
    for (const number of [1, 2]) {
      await asked("POST", cheap);
      const told = await eventsUntil("ended");
      expect(told.at(-1)?.[1]).toMatchObject({ state: "ended", number });
      expect(told.some(([, rerun]) => rerun.state === "running" && rerun.progress)).toBe(true);
    }
    expect(keptRuns(join(working, "home"))).toHaveLength(1);
  });

  it("is the only one, and is stopped when that is asked for; what was done is kept", async () => {
    await asked("POST", long);
    const second = await asked("POST", cheap);
    expect(second.status).toBe(409);
    expect(await second.json()).toMatchObject({
      error: { got: expect.stringContaining("identities"), fix: expect.stringMatching(/DELETE/) },
    });
    expect(await rerunIn(await asked("DELETE"))).toMatchObject({ state: "stopped", number: 1 });
    expect((await eventsUntil("ended")).at(-1)?.[1]).toMatchObject({ state: "stopped" });
    expect((await asked("POST", cheap)).status).toBe(202);
  });

  it("that is stopped while it works is no running one in the store", async () => {
    await asked("POST", long);
    while (keptRuns(join(working, "home")).length === 0) await pause(20);
    await asked("DELETE");
    expect(keptRuns(join(working, "home"))).toMatchObject([{ state: "stopped" }]);
  });

  it("ends with the server, and with it every stream", async () => {
    await asked("POST", long);
    while (keptRuns(join(working, "home")).length === 0) await pause(20);
    const stream = eventsUntil("never").catch(() => []);
    await pause(50);
    await served.close();
    await stream;
    expect(keptRuns(join(working, "home"))).toMatchObject([{ state: "stopped" }]);
    await expect(asked("GET")).rejects.toThrow();
  });

  it("is not begun once the server ends; streams end by themselves", async () => {
    const { app, close } = studioApp({ page: working, working, home: working });
    const host = "127.0.0.1";
    const stream = await app.request("/api/reruns/events", { headers: { host } });
    const told = stream.text();
    await pause(50);
    await close();
    expect(await told).toMatch(/^event: none\n/);
    const body = JSON.stringify(cheap);
    const headers = { ...json, host };
    const answer = await app.request("/api/reruns", { method: "POST", headers, body });
    expect(answer.status).toBe(409);
    expect(await answer.text()).toContain("the server ends");
  });

  it("whose runs cannot be written says so", async () => {
    writeFileSync(join(working, "out"), "");
    await asked("POST", cheap);
    expect((await eventsUntil("ended")).at(-1)?.[1]).toMatchObject({
      state: "failed",
      error: { code: "unreadable_file", where: join(working, "out/reproduce") },
    });
  });

  it("without a store tells that runs are not kept, and goes on", async () => {
    mkdirSync(join(working, "home/runs.sqlite"), { recursive: true });
    await asked("POST", cheap);
    expect((await eventsUntil("ended")).at(-1)?.[1]).toMatchObject({
      state: "ended",
      warnings: [expect.stringContaining("runs are not kept in")],
    });
  });
});

describe("a request for a rerun is refused", () => {
  const refusal = async (answer: Response): Promise<[number, Record<string, string>]> => [
    answer.status,
    ((await answer.json()) as { error: Record<string, string> }).error,
  ];

  it.each([["https://evil.example"], ["null"], ["http://127.0.0.1:1"]])(
    "from the page %s",
    async (origin) => {
      for (const method of ["POST", "DELETE"]) {
        const body = method === "POST" ? cheap : undefined;
        const [status, error] = await refusal(await asked(method, body, { ...json, origin }));
        expect([status, error["got"]]).toEqual([403, `a request of the page ${origin}`]);
      }
      expect(await rerunIn(await asked("GET"))).toBeNull();
    },
  );

  it("as a form or as text, which any page can send", async () => {
    for (const type of ["text/plain", "application/x-www-form-urlencoded", "application/jsonp"]) {
      const [status, error] = await refusal(await asked("POST", cheap, { "content-type": type }));
      expect([status, error["got"]]).toEqual([415, `content-type ${type}`]);
    }
  });

  it("and is taken from its own page", async () => {
    const origin = new URL(served.url).origin;
    expect((await asked("POST", cheap, { ...json, origin })).status).toBe(202);
  });

  it.each([
    ["{", { code: "bad_usage", got: expect.stringContaining("no JSON") }],
    ["null", { code: "bad_option", fix: 'send { "claims": ["K9"] }' }],
    [{ claims: [] }, { code: "bad_option", got: "another value at claims" }],
    [
      { claims: ["K9"], seeds: 21 },
      { code: "bad_option", got: "another value at seeds" },
    ],
    [
      { claims: ["K9"], size: "huge" },
      { code: "bad_option", got: "another value at size" },
    ],
    [{ claim: ["K9"] }, { code: "unknown_option", fix: expect.stringContaining("write claims") }],
    [{ claims: ["K99"] }, { code: "bad_usage", got: "K99", fix: expect.stringContaining("K9") }],
    [{ experiments: ["identites"] }, { fix: expect.stringContaining("write identities") }],
    [{ experiments: ["text"] }, { fix: expect.stringContaining("--file") }],
  ])("where its body is %j", async (body, expected) => {
    const [status, error] = await refusal(await asked("POST", body));
    expect([status, error]).toEqual([400, expect.objectContaining(expected)]);
    expect(Object.keys(error).sort()).toEqual(["code", "expected", "fix", "got", "where"]);
  });

  it("where its body is large, though nothing says how large", async () => {
    const piece = new TextEncoder().encode("x".repeat(16 * 1024));
    let pieces = 0;
    const body = new ReadableStream({
      pull(controller) {
        if (pieces++ < 5) controller.enqueue(piece);
        else controller.close();
      },
    });
    const sent = { method: "POST", headers: json, body, duplex: "half" } as RequestInit;
    expect((await fetch(`${served.url}api/reruns`, sent)).status).toBe(413);
  });
});
