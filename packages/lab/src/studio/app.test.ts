import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { studioApp } from "./app.ts";
import { serve } from "./serve.ts";

const folder = mkdtempSync(join(tmpdir(), "edgewise-page-"));
const page = join(folder, "page");
const studio = studioApp({ page, working: folder, home: join(folder, "home") });

beforeAll(() => {
  mkdirSync(join(page, "assets"), { recursive: true });
  writeFileSync(join(page, "index.html"), "<!doctype html>");
  writeFileSync(join(page, "assets/a-1.js"), "export {};");
  writeFileSync(join(folder, "secret.txt"), "secret");
});
afterAll(() => rmSync(folder, { recursive: true }));

const asked = (path: string, host = "127.0.0.1:8080", more: RequestInit = {}) =>
  studio.app.request(path, { ...more, headers: { host, ...more.headers } });

describe("the studio's server", () => {
  it("answers with the page and its assets, which may fetch nothing from elsewhere", async () => {
    const answer = await asked("/");
    expect(await answer.text()).toBe("<!doctype html>");
    expect(answer.headers.get("content-type")).toBe("text/html; charset=utf-8");
    expect(answer.headers.get("cache-control")).toBe("no-cache");
    const policy = answer.headers.get("content-security-policy") ?? "";
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toMatch(/unsafe-inline|'unsafe-eval'|https?:/);
    expect(answer.headers.get("cross-origin-opener-policy")).toBe("same-origin");
    expect(answer.headers.get("cross-origin-embedder-policy")).toBe("require-corp");
    const asset = await asked("/assets/a-1.js");
    expect([asset.status, asset.headers.get("content-type")]).toEqual([
      200,
      "text/javascript; charset=utf-8",
    ]);
  });

  it.each([["localhost:8080"], ["[::1]:8080"], ["127.0.0.1"]])(
    "knows itself as %s",
    async (host) => {
      expect((await asked("/", host)).status).toBe(200);
    },
  );

  it.each([["evil.example"], ["127.0.0.1.evil.example:80"], ["localhost.evil"], [""]])(
    "refuses the host %j, whose pages are none of ours",
    async (host) => {
      const answer = await asked("/", host);
      expect(answer.status).toBe(403);
      expect(await answer.json()).toMatchObject({
        error: { expected: expect.stringContaining("127.0.0.1"), fix: expect.any(String) },
      });
    },
  );

  it.each([
    ["/../secret.txt"],
    ["/%2e%2e/secret.txt"],
    ["/..%2fsecret.txt"],
    ["/assets/..%2f..%2fsecret.txt"],
    ["//etc/passwd"],
    ["/assets/"],
    ["/a\u0000b"],
  ])("%j leads nowhere", async (path) => {
    const answer = await asked(path);
    expect(answer.status).toBe(404);
    expect(await answer.text()).not.toContain("secret\n");
  });

  it("tells of claims where nothing was run, and of no figure that is not there", async () => {
    const answer = await asked("/api/claims");
    const { claims, runs } = (await answer.json()) as { claims: { id: string }[]; runs: unknown[] };
    expect([claims.length, claims[0]?.id, runs]).toEqual([21, "K1", []]);
    for (const path of ["/api/runs/1/figures/a.svg", "/api/runs/x/figures/..%2f..%2fsecret"])
      expect((await asked(path)).status).toBe(404);
  });

  it("takes no bodies, large ones least of all", async () => {
    expect((await asked("/", undefined, { method: "POST", body: "x" })).status).toBe(405);
    const body = "x".repeat(65 * 1024);
    const headers = { "content-length": String(body.length) };
    expect((await asked("/", undefined, { method: "POST", body, headers })).status).toBe(413);
  });

  it("says when its port is taken, and is gone when it is closed", async () => {
    const one = await serve(studio, 0);
    const port = Number(new URL(one.url).port);
    expect((await fetch(one.url)).status).toBe(200);
    await expect(serve(studio, port)).rejects.toThrow(/which is taken/);
    await one.close();
    await expect(fetch(one.url)).rejects.toThrow();
  });
});
