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
    const rows = await studio.page.locator("tbody tr").count();
    await studio.page.keyboard.press("+");
    await expect.poll(() => studio.page.locator("tbody tr").count()).toBe(rows + 1);
    await studio.page.keyboard.press("Delete");
    await expect.poll(() => studio.page.locator("tbody tr").count()).toBe(rows);
    await studio.page.keyboard.press("?");
    await expect.poll(() => studio.page.getByRole("dialog").isVisible()).toBe(true);
    await studio.page.keyboard.press("Escape");
  });

  it("every mechanism answers, and iterations can be scrubbed", async () => {
    const names = await studio.page.evaluate<string[]>(
      "[...document.querySelectorAll('#mechanism option')].map(({ value }) => value)",
    );
    expect(names.length).toBeGreaterThanOrEqual(10);
    for (const name of names) {
      const ready = await studio.page.locator("[data-ready]").getAttribute("data-ready");
      if ((await studio.page.locator("#mechanism").inputValue()) === name) continue;
      await studio.page.selectOption("#mechanism", name);
      await expect
        .poll(() => studio.page.locator("[data-ready]").getAttribute("data-ready"))
        .not.toBe(ready);
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
});
