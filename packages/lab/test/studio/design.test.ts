import { beforeEach, describe, expect, it } from "vitest";
import { changedFrom, inBrowser, missing, tableOf, viewIn } from "./browser.ts";

/** What comes about, on a machine that is busy too. */
const soon = <Value>(ask: () => Value | Promise<Value>) => expect.poll(ask, { timeout: 10_000 });

describe.skipIf(missing !== "")(`Design${missing}`, () => {
  const studio = inBrowser();
  const table = () => tableOf(studio.page);
  const changed = (before: string) => changedFrom(studio.page, before);
  const answered = (): Promise<string | null> =>
    studio.page.locator("[data-answered]").getAttribute("data-answered");
  const alerts = () => studio.page.getByRole("alert");
  const prior = () => studio.page.getByRole("combobox", { name: "Log prior as a text" });
  const json = () => studio.page.getByRole("textbox", { name: "JSON document" });
  const tab = (name: string) => studio.page.getByRole("tab", { name }).click();
  const panel = () => studio.page.getByRole("tabpanel");
  const starting = (name: string) =>
    studio.page
      .getByRole("region", { name: "Starting points" })
      .getByRole("button")
      .filter({ has: studio.page.getByText(name, { exact: true }) });
  const declared = () =>
    viewIn(studio.page.url())["declaration"] as { document: Record<string, unknown> } | undefined;

  beforeEach(async () => {
    await studio.room("Design");
    await soon(answered).not.toBe("0");
  });

  it("shows the posterior of a prior as it is typed, and the column where it is wrong", async () => {
    const before = await table();
    await prior().fill("-2 * abs(i - j)");
    await changed(before);
    const right = await table();
    await prior().fill("-2 * abss(i - j)");
    await soon(() => alerts().count()).toBe(1);
    const told = await alerts().innerText();
    expect(told).toContain("Column 6");
    expect(told).toContain("write abs in place of abss");
    expect(told).toMatch(/\n {5}\^{4}\s/);
    // What was found last stays to be seen.
    expect(await table()).toBe(right);
    await prior().fill("");
    await soon(() => alerts().count()).toBe(0);
    await soon(table).toBe(before);
  });

  it("completes names by keys, and lists all that a text may say", async () => {
    await prior().pressSequentially("whe");
    await studio.page.getByRole("option", { name: "where" }).waitFor();
    await studio.page.keyboard.press("Enter");
    await soon(() => prior().inputValue()).toBe("where(");
    await prior().pressSequentially("j < i, log(2), 0)");
    await soon(() => alerts().count()).toBe(0);
    await studio.page.keyboard.press("Control+Space");
    const options = studio.page.getByRole("option");
    await soon(() => options.filter({ hasText: "forbidden" }).count()).toBe(1);
    expect(await options.filter({ hasText: /^score/ }).count()).toBe(0);
    await studio.page.keyboard.press("Escape");
    const score = studio.page.getByRole("combobox", { name: "Score as a text" });
    await score.pressSequentially("2 * tanh(sc");
    await studio.page.keyboard.press("Tab");
    await soon(() => score.inputValue()).toBe("2 * tanh(score");
  });

  it("begins with every mechanism, and with some that no paper names", async () => {
    const buttons = studio.page
      .getByRole("region", { name: "Starting points" })
      .getByRole("button");
    const titles = await buttons.locator(".title").allInnerTexts();
    expect(titles.length).toBeGreaterThanOrEqual(22 + 5);
    for (const [k, title] of titles.entries()) {
      const before = Number(await answered());
      await buttons.nth(k).click();
      if (k > 0) await soon(async () => Number(await answered())).toBeGreaterThan(before);
      expect(await alerts().allInnerTexts(), title).toEqual([]);
      expect(await buttons.nth(k).getAttribute("aria-current"), title).toBe("true");
      expect((await table()).split("\n").length, title).toBeGreaterThan(0);
      expect(await panel().innerText(), title).toContain("export const model = ");
    }
  });

  it("shows code, program, kernels and engines, and times it", async () => {
    await starting("Past counts double").click();
    await soon(() => prior().inputValue()).toContain("log(2)");
    await soon(() => panel().innerText()).toContain('expression("where(j < i, log(2), 0)")');
    for (const [name, text] of [
      ["Program", "Past counts double"],
      ["Kernels", "(func"],
      ["Engines", "reference"],
    ] as const) {
      await tab(name);
      await soon(() => panel().innerText()).toContain(text);
    }
    await studio.page.getByRole("button", { name: /Time it/ }).click();
    const timed = studio.page.locator("[data-timed]");
    await timed.waitFor({ timeout: 20_000 });
    expect(await panel().innerText()).toMatch(/1024 nodes .* times as long/s);
  });

  it("copies code and says so, and saves it", async () => {
    await studio.page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
    await panel().getByRole("button", { name: "Copy" }).click();
    await soon(() => panel().getByRole("status").innerText()).toBe("Copied");
    expect(await studio.page.evaluate("navigator.clipboard.readText()")).toContain("edgeModel({");
    const saved = studio.page.waitForEvent("download");
    await panel().getByRole("button", { name: "Save self.ts" }).click();
    expect((await saved).suggestedFilename()).toBe("self.ts");
  });

  it("is edited as JSON: mistakes are told with their line, and nothing is lost", async () => {
    const before = await table();
    await tab("JSON");
    const text = await json().inputValue();
    await json().fill(text.replace('"kind": "complete"', '"kind": "causal"'));
    await changed(before);
    await soon(() => studio.page.locator("#graph").inputValue()).toBe("causal");
    const right = await table();
    const broken = text.replace('"kind": "complete"', '"kind": complete');
    await json().fill(broken);
    await soon(() => alerts().count()).toBe(1);
    const line = broken.slice(0, broken.indexOf("complete")).split("\n").length;
    expect(await alerts().innerText()).toContain(`Line ${line}, column 13`);
    expect(await json().inputValue()).toBe(broken);
    expect(await table()).toBe(right);
    expect(await studio.page.locator("#graph").isDisabled()).toBe(true);
    await json().fill(text.replace('"temperature": 1', '"temperature": 0'));
    await soon(() => alerts().innerText()).toMatch(/Line \d+, column \d+:.*above 0/s);
    await json().fill(text);
    await soon(() => alerts().count()).toBe(0);
    await soon(table).toBe(before);
  });

  it("is in the link, a text that is no document yet too", async () => {
    await studio.page.selectOption("#graph", "window");
    await prior().fill("0.5 * i");
    await studio.page.locator("#temperature").fill("2");
    await soon(() => declared()?.document).toMatchObject({
      prior: { kind: "expression", text: "0.5 * i" },
      graph: { kind: "window", back: 2, ahead: 2 },
      temperature: 2,
    });
    // The posterior of the last of three changes.
    await studio.page.waitForTimeout(1500);
    const before = await table();
    await studio.reopened(new URL(studio.page.url()).hash, {}, "[data-answered]");
    expect(await prior().inputValue()).toBe("0.5 * i");
    await soon(table).toBe(before);
    await tab("JSON");
    await json().fill("{ half");
    await soon(() => declared()?.document).toBe("{ half");
    await soon(() => alerts().innerText()).toContain("Line 1, column 3");
    await studio.reopened(new URL(studio.page.url()).hash, {}, "[data-answered]");
    await tab("JSON");
    expect(await json().inputValue()).toBe("{ half");
  });

  it("opens what a link of before there were documents declares", async () => {
    const old = {
      ...{ room: "design", mechanism: "self", settings: {}, traced: null, frame: null },
      points: [
        [0, 0],
        [0.5, 0.5],
        [-0.5, 0.2],
      ],
      declaration: { graph: "causal", prior: "-0.5 * (i - j)", potential: "distance", scale: 3 },
    };
    const hash = `#s=1.${Buffer.from(JSON.stringify(old)).toString("base64url")}`;
    await studio.reopened(hash, {}, "[data-answered]");
    await soon(answered).not.toBe("0");
    expect(await prior().inputValue()).toBe("-0.5 * (i - j)");
    expect(await studio.page.locator("#graph").inputValue()).toBe("causal");
  });

  it("goes by keys alone: a word, a number, tabs, undo", async () => {
    await studio.page.locator("#graph").focus();
    await studio.page.keyboard.press("c");
    await studio.page.keyboard.type("a");
    await soon(() => studio.page.locator("#graph").inputValue()).toBe("causal");
    await studio.page.locator("#temperature").focus();
    await studio.page.keyboard.press("Control+A");
    await studio.page.keyboard.type("3");
    await soon(() => panel().innerText()).toContain("temperature: 3");
    await studio.page.getByRole("tab", { name: "TypeScript" }).focus();
    await studio.page.keyboard.press("ArrowRight");
    await json().waitFor();
    await studio.page.keyboard.press("End");
    await soon(() => panel().innerText()).toContain("reference");
    await studio.page.keyboard.press("Home");
    await studio.page.getByRole("tab", { name: "TypeScript", selected: true }).waitFor();
    await studio.page.keyboard.press("Control+Z");
    await soon(() => panel().innerText()).not.toContain("temperature: 3");
  });

  it("of a hostile document is refused in words, and the page goes on", async () => {
    await starting("Hopfield network").click();
    await tab("JSON");
    const text = await json().inputValue();
    await json().fill(text.replace(/"maxIterations": \d+/, '"maxIterations": 1e9'));
    await soon(() => alerts().allInnerTexts()).toContainEqual(
      expect.stringContaining("maxIterations 1000000000"),
    );
    await json().fill(`${"[".repeat(5000)}`);
    await soon(() => alerts().count()).toBe(1);
    await starting("Self attention").click();
    await soon(() => alerts().count()).toBe(0);
  });

  it.each(["light", "dark"] as const)("has no violations that axe finds, %s", async (scheme) => {
    await studio.page.emulateMedia({ colorScheme: scheme });
    for (const name of ["TypeScript", "JSON", "Kernels", "Engines"]) {
      await tab(name);
      expect(await studio.violations()).toEqual([]);
    }
    await prior().fill("abss(i");
    await soon(() => alerts().count()).toBe(1);
    expect(await studio.violations()).toEqual([]);
  });

  it("fits a narrow screen", async () => {
    await studio.page.setViewportSize({ width: 375, height: 800 });
    for (const name of ["Slot attention", "Self attention"]) {
      await starting(name).click();
      for (const one of ["TypeScript", "JSON", "Program", "Engines"]) {
        await tab(one);
        expect(await studio.page.evaluate("document.documentElement.scrollWidth")).toBe(375);
      }
    }
  });
});
