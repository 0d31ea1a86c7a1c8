import { deflateSync } from "fflate";
import { describe, expect, it } from "vitest";
import { mechanisms } from "../mechanisms/index.ts";
import { fileOf, foundIn, foundInFile, linkOf, mostCharacters } from "./permalink.ts";
import { beginning, type Point, type View } from "./view.ts";

const base64url = (bytes: Uint8Array | string): string => Buffer.from(bytes).toString("base64url");
const scattered = (count: number): View => ({
  ...beginning,
  points: Array.from({ length: count }, (_, k): Point => [Math.sin(7 * k * k), Math.cos(3 * k)]),
});

describe("a link", () => {
  it.each(Object.keys(mechanisms))("holds a view of %s", (mechanism) => {
    const view = { ...beginning, mechanism, traced: 3, frame: 2 };
    const link = linkOf(view);
    expect(link).toMatch(/^#s=2\.[\w-]+$/);
    expect(foundIn(link)).toEqual({ view });
  });

  it("holds any letters, and as many nodes as there may be", () => {
    const document = { ...(beginning.declaration.document as object), name: "τ ≤ 😀" };
    const view = { ...scattered(2000), declaration: { ...beginning.declaration, document } };
    const found = foundIn(linkOf(view)) as { view: View };
    expect(found.view.declaration).toEqual(view.declaration);
    found.view.points.forEach(([x, y], k) => {
      // Half of the last of five digits.
      expect(Math.abs(x - (view.points[k]?.[0] as number))).toBeLessThan(0.6e-5);
      expect(Math.abs(y - (view.points[k]?.[1] as number))).toBeLessThan(0.6e-5);
    });
  });

  it("of a small view is short, and of a thousand nodes is too long to be followed", () => {
    expect(linkOf(beginning).length).toBeLessThan(600);
    expect(linkOf(scattered(1000)).length).toBeGreaterThan(mostCharacters);
  });

  it("of version 1 opens, with what it did not know yet as it begins", () => {
    const { room: _room, declaration: _declaration, ...old } = { ...beginning, mechanism: "self" };
    expect(foundIn(`#s=1.${base64url(JSON.stringify(old))}`)).toEqual({ view: beginning });
  });

  it("of a newer version says so", () => {
    for (const hash of ["#s=3.e30", "#s=200.e30"])
      expect(foundIn(hash)).toEqual({ problem: expect.stringContaining("newer") });
  });

  it("that is cut, damaged or something else cannot be read", () => {
    const link = linkOf(beginning);
    const damaged = `${link.slice(0, 60)}${link[60] === "A" ? "B" : "A"}${link.slice(61)}`;
    const stranger = base64url(deflateSync(new TextEncoder().encode("[1, 2]")));
    for (const hash of [
      ...["", "#", "#tour", "#s=2.", "#s=0.e30", "#s=1.e30", "#s=2.e30", "#s=2.!!!!", "#s=2.A"],
      ...[link.slice(0, 60), link.slice(0, -4), `#s=2.${stranger}`, damaged],
    ]) {
      const found = foundIn(hash);
      if ("problem" in found) expect(found.problem).toContain("cannot be read");
      else expect(hash).toBe(damaged);
    }
  });

  it("that inflates without end is left at once", () => {
    const bomb = `#s=2.${base64url(deflateSync(new Uint8Array(100e6)))}`;
    const begun = performance.now();
    expect(foundIn(bomb)).toEqual({ problem: expect.stringContaining("cannot be read") });
    // All of it would take some hundreds.
    expect(performance.now() - begun).toBeLessThan(200);
    expect(foundIn(`#s=1.${"A".repeat(1e6)}`)).toHaveProperty("problem");
  });
});

describe("a file", () => {
  it("holds a view to the last digit", async () => {
    const view = scattered(2000);
    expect(await foundInFile(new Blob([fileOf(view)]))).toEqual({ view });
  });

  it("of a newer version, of something else or too large says so", async () => {
    const newer = JSON.stringify({ format: "edgewise-view", version: 3, view: beginning });
    expect(await foundInFile(new Blob([newer]))).toEqual({
      problem: expect.stringContaining("newer"),
    });
    const view = fileOf(beginning);
    for (const text of ["", "null", "{}", "[]", view.slice(0, -9), view + " ".repeat(300_000)])
      expect(await foundInFile(new Blob([text]))).toEqual({
        problem: expect.stringContaining("cannot be read"),
      });
  });
});
