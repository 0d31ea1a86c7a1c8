import { beforeEach, describe, expect, it } from "vitest";
import { changedFrom, inBrowser, missing, tableOf, viewIn } from "./browser.ts";

describe.skipIf(missing !== "")(`Design${missing}`, () => {
  const studio = inBrowser();
  const table = () => tableOf(studio.page);
  const changed = (before: string) => changedFrom(studio.page, before);

  const answered = (): Promise<string | null> =>
    studio.page.locator("[data-answered]").getAttribute("data-answered");

  beforeEach(async () => {
    await studio.page.getByRole("button", { name: "Design" }).click();
    await expect.poll(answered).not.toBe("0");
  });

  it("shows the posterior of a prior as it is typed, and where a text is wrong", async () => {
    const before = await table();
    const prior = studio.page.getByRole("combobox", { name: /^Prior/ });
    await prior.fill("-2 * abs(i - j)");
    await changed(before);
    const right = await table();
    await prior.fill("-2 * abss(i - j)");
    const alert = studio.page.getByRole("alert");
    await expect.poll(() => alert.count()).toBe(1);
    const told = await alert.innerText();
    expect(told).toContain("Character 6");
    expect(told).toContain("write abs in place of abss");
    // What was found last stays to be seen.
    expect(await table()).toBe(right);
    await studio.page.getByRole("button", { name: "Undo" }).click();
    await expect.poll(() => alert.count()).toBe(0);
  });

  it("completes names by keys", async () => {
    const prior = studio.page.getByRole("combobox", { name: /^Prior/ });
    await prior.fill("");
    await prior.pressSequentially("whe");
    await studio.page.getByRole("option", { name: "where" }).waitFor();
    await studio.page.keyboard.press("Enter");
    await expect.poll(() => prior.inputValue()).toBe("where(");
    await prior.pressSequentially("j < i, log(2), 0)");
    await expect.poll(() => studio.page.getByRole("alert").count()).toBe(0);
  });

  it("begins with an example, and shows its code, program, kernels and engines", async () => {
    await studio.page.selectOption("#example", "7");
    await expect.poll(() => studio.page.locator("#prior").inputValue()).toContain("log(2)");
    const panel = studio.page.getByRole("tabpanel");
    expect(await panel.innerText()).toContain("edgeModel({");
    for (const [tab, text] of [
      ["JSON", '"edgewise": 1'],
      ["Program", "designed"],
      ["Kernels", "(func"],
      ["Engines", "reference"],
    ] as const) {
      await studio.page.getByRole("tab", { name: tab }).click();
      await expect.poll(() => panel.innerText()).toContain(text);
    }
    await studio.page.getByRole("button", { name: /Time it/ }).click();
    const timed = studio.page.locator("[data-timed]");
    await timed.waitFor({ timeout: 20_000 });
    expect(await timed.innerText()).toMatch(/times as long/);
  });

  it("is in the link", async () => {
    await studio.page.selectOption("#graph", "window");
    await studio.page.locator("#prior").fill("0.5 * i");
    await studio.page.locator("#temperature").fill("2");
    const shown = async () => [
      await studio.page.locator("#graph").inputValue(),
      await studio.page.locator("#prior").inputValue(),
    ];
    await expect
      .poll(() => viewIn(studio.page.url())["declaration"])
      .toMatchObject({ prior: "0.5 * i", temperature: 2 });
    const [url, before] = [studio.page.url(), await shown()];
    await studio.reopened(new URL(url).hash, {}, "[data-answered]");
    expect(await shown()).toEqual(before);
  });
});
