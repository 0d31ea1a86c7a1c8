import { describe, expect, it } from "vitest";
import { changedFrom, inBrowser, missing, tableOf } from "./browser.ts";

describe.skipIf(missing !== "")(`habits of every room${missing}`, () => {
  const studio = inBrowser();
  const table = () => tableOf(studio.page);
  const changed = (before: string) => changedFrom(studio.page, before);

  it("a link holds the whole picture; one that cannot be read says so", async () => {
    const first = await table();
    await studio.page.selectOption("#mechanism", "multihop");
    await changed(first);
    const second = await table();
    await studio.page.locator("#control-precision").fill("30");
    await changed(second);
    const shown = await table();
    await expect.poll(() => studio.page.url()).toContain("#s=1.");
    await expect.poll(() => decoded(studio.page.url()).settings?.["precision"]).toBe(30);
    const url = studio.page.url();
    await studio.reopened(new URL(url).hash);
    expect(await studio.page.locator("#mechanism").inputValue()).toBe("multihop");
    expect(await table()).toBe(shown);
    await studio.reopened("#s=1.bm9uc2Vuc2U");
    expect(await studio.page.locator(".said").innerText()).toContain("cannot be read");
  });

  const decoded = (url: string): { settings?: Record<string, number>; declaration?: object } =>
    JSON.parse(Buffer.from(url.split("#s=1.")[1] ?? "", "base64url").toString());

  it("is pleasant in both themes and on a phone: nothing is wider than it", async () => {
    const paper = () => studio.page.evaluate("getComputedStyle(document.body).backgroundColor");
    const light = await paper();
    await studio.page.getByRole("button", { name: "Light or dark" }).click();
    expect(await paper()).not.toBe(light);
    await studio.reopened("", { viewport: { width: 375, height: 700 }, colorScheme: "dark" });
    expect(await studio.page.evaluate("document.documentElement.scrollWidth")).toBeLessThanOrEqual(
      375,
    );
  });

  it.each([
    ["light", "Explore"],
    ["dark", "Explore"],
    ["light", "Design"],
    ["dark", "Design"],
    ["light", "Reproduce"],
    ["dark", "Reproduce"],
  ] as const)("axe finds nothing serious in the %s theme of %s", async (colorScheme, room) => {
    await studio.reopened("", { colorScheme, bypassCSP: true });
    await studio.room(room);
    expect(await studio.violations()).toEqual([]);
  });
});
