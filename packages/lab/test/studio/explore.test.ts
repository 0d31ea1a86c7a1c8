import { readFileSync } from "node:fs";
import { writeSafetensors } from "edgewise/io";
import { describe, expect, it } from "vitest";
import { changedFrom, inBrowser, missing, tableOf } from "./browser.ts";

describe.skipIf(missing !== "")(`Explore${missing}`, () => {
  const studio = inBrowser();
  const table = () => tableOf(studio.page);
  const changed = (before: string) => changedFrom(studio.page, before);

  it("shows a posterior, and another one when a node is dragged; undo brings the first back", async () => {
    const before = await table();
    expect(before.split("\n").length).toBeGreaterThanOrEqual(12);
    const box = await studio.page.getByRole("application").boundingBox();
    if (box === null) throw new Error("no picture");
    // The first node stands at (−0.62, 0.42).
    const [x, y] = [(-0.62 + 1.05) / 2.1, (1.05 - 0.42) / 2.1];
    await studio.page.mouse.move(box.x + x * box.width, box.y + y * box.height);
    await studio.page.mouse.down();
    await studio.page.mouse.move(box.x + 0.5 * box.width, box.y + 0.5 * box.height, { steps: 5 });
    await studio.page.mouse.up();
    await changed(before);
    await studio.page.keyboard.press("Control+z");
    await expect.poll(table).toBe(before);
    await studio.page.keyboard.press("Control+y");
    await changed(before);
  });

  it("is worked by keys alone", async () => {
    const before = await table();
    await studio.page.getByRole("application").focus();
    await studio.page.keyboard.press("ArrowRight");
    await studio.page.keyboard.press("Shift+ArrowLeft");
    await changed(before);
    const rows = async (): Promise<number> => (await table()).trim().split("\n").length;
    const first = await rows();
    await studio.page.keyboard.press("+");
    await expect.poll(rows).toBe(first + 1);
    await studio.page.keyboard.press("Delete");
    await expect.poll(rows).toBe(first);
    await studio.page.keyboard.press("?");
    await expect.poll(() => studio.page.getByRole("dialog").isVisible()).toBe(true);
    await studio.page.keyboard.press("Escape");
  });

  it("every mechanism answers, and iterations can be scrubbed", async () => {
    const names = await studio.page.evaluate<string[]>(
      "[...document.querySelectorAll('#mechanism option')].map(({ value }) => value)",
    );
    expect(names).toHaveLength(22);
    for (const name of names) {
      const ready = await studio.page.locator("[data-ready]").getAttribute("data-ready");
      if ((await studio.page.locator("#mechanism").inputValue()) === name) continue;
      await studio.page.selectOption("#mechanism", name);
      await expect
        .poll(() => studio.page.locator("[data-ready]").getAttribute("data-ready"))
        .not.toBe(ready);
      await expect.poll(() => studio.page.getByText(/ms on the engine/).count()).toBe(1);
      expect(await studio.page.getByRole("alert").count()).toBe(0);
    }
    await studio.page.selectOption("#mechanism", "slot");
    const scrub = studio.page.getByRole("slider", { name: /Update \d+ of/ });
    await expect.poll(() => scrub.inputValue()).toBe("16");
    const last = await table();
    await scrub.fill("0");
    await changed(last);
    await studio.page.getByRole("button", { name: "Play" }).click();
    await expect.poll(() => scrub.inputValue(), { timeout: 8000 }).toBe("16");
    expect(await table()).toBe(last);
  });

  it("steps through an iteration by keys, and says how far it is", async () => {
    await studio.page.selectOption("#mechanism", "slot");
    const scrub = studio.page.getByRole("slider", { name: /Update \d+ of/ });
    await expect.poll(() => scrub.inputValue()).toBe("16");
    await studio.page.getByRole("application").focus();
    for (const [key, step] of [
      ["r", "0"],
      [".", "1"],
      ["]", "2"],
      ["[", "1"],
    ] as const) {
      await studio.page.keyboard.press(key);
      await expect.poll(() => scrub.inputValue()).toBe(step);
    }
    await studio.page.keyboard.press("Space");
    await expect.poll(() => scrub.inputValue(), { timeout: 8000 }).toBe("16");
    expect(await studio.page.locator(".curve svg").getAttribute("aria-label")).toMatch(
      /free energy of each update, from .* to .* nats/,
    );
  });

  it("attends among the words of a text that is typed", async () => {
    await studio.page.getByRole("radio", { name: "Text" }).check();
    await studio.page.getByRole("textbox", { name: /^Text/ }).fill("the cat saw the cats");
    await expect.poll(table).toMatch(/^the\s+the\s/);
    expect(
      (await table())
        .trim()
        .split("\n")
        .filter((line) => /cats?/.test(line)).length,
    ).toBe(2);
    const words = await table();
    await studio.page.getByLabel("Nodes are").selectOption("characters");
    await changed(words);
    await expect.poll(async () => (await table()).trim().split("\n").length).toBe(20);
  });

  it("attends among queries, keys and values of one's own file, head by head", async () => {
    const draw = (nodes: number) => ({
      dtype: "F32" as const,
      shape: [2, nodes, 4],
      data: Float32Array.from({ length: 8 * nodes }, (_, k) => Math.sin(1.7 * k)),
    });
    const tensors = [
      ["query", draw(5)],
      ["key", draw(7)],
      ["value", draw(7)],
    ] as const;
    const chooser = studio.page.getByLabel("File of queries, keys and values");
    await chooser.setInputFiles({
      ...{ name: "own.safetensors", mimeType: "application/octet-stream" },
      buffer: Buffer.from(writeSafetensors(tensors)),
    });
    await expect.poll(() => studio.page.getByText(/2 heads, 5 queries and 7 keys/).count()).toBe(1);
    await expect.poll(async () => (await table()).trim().split("\n").length).toBe(5);
    const head = await table();
    await studio.page.getByRole("application").focus();
    await studio.page.keyboard.press("]");
    await changed(head);
    const before = await table();
    await chooser.setInputFiles({
      ...{ name: "x.npy", mimeType: "application/octet-stream", buffer: Buffer.from("no numbers") },
    });
    await expect.poll(() => studio.page.getByRole("alert").innerText()).toMatch(/x\.npy/);
    expect(await table()).toBe(before);
  });

  it("traces the node under the pointer, and the one that is chosen when it leaves", async () => {
    const heading = () => studio.page.getByRole("heading", { level: 2, name: /^Node/ }).innerText();
    await expect.poll(heading).toBe("Node 1");
    const box = await studio.page.getByRole("application").boundingBox();
    if (box === null) throw new Error("no picture");
    // The fifth node stands at (0.5, 0.36).
    const [x, y] = [(0.5 + 1.05) / 2.1, (1.05 - 0.36) / 2.1];
    await studio.page.mouse.move(box.x + x * box.width, box.y + y * box.height);
    await expect.poll(heading).toBe("Node 5");
    await studio.page.mouse.move(box.x - 10, box.y - 10);
    await expect.poll(heading).toBe("Node 1");
  });

  it("saves the picture and the matrix as SVG, PNG and CSV", async () => {
    const saved = async (of: string, kind: string): Promise<Buffer> => {
      const [download] = await Promise.all([
        studio.page.waitForEvent("download"),
        studio.page
          .getByRole("group", { name: `Save ${of}` })
          .getByRole("button", { name: kind })
          .click(),
      ]);
      return readFileSync(await download.path());
    };
    const svg = (await saved("picture", "SVG")).toString();
    expect(svg).toContain("feature 1");
    expect(svg).toContain("the widest edge: posterior");
    const matrix = (await saved("matrix", "SVG")).toString();
    for (const label of ["posterior", "chooses", "chosen"]) expect(matrix).toContain(label);
    const png = await saved("matrix", "PNG");
    expect(png.subarray(1, 4).toString()).toBe("PNG");
    expect(png.readUInt32BE(16)).toBeGreaterThan(1000);
    const rows = (await saved("picture", "CSV")).toString().trim().split("\n");
    expect(rows).toHaveLength(13);
    const first = (rows[1] as string).split(",").slice(1).map(Number);
    expect(first.reduce((a, b) => a + b)).toBeCloseTo(1, 5);
  });

  it("axe finds nothing serious beside a time line and its curve", async () => {
    await studio.reopened("", { bypassCSP: true });
    await studio.page.selectOption("#mechanism", "slot");
    await studio.page.locator(".curve svg").waitFor();
    expect(await studio.violations()).toEqual([]);
  });
});
