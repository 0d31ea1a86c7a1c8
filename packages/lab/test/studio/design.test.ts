import { beforeEach, describe, expect, it } from "vitest";
import { changedFrom, inBrowser, missing, tableOf, viewIn } from "./browser.ts";

describe.skipIf(missing !== "")(`Design${missing}`, () => {
  const studio = inBrowser();
  const table = () => tableOf(studio.page);
  const changed = (before: string) => changedFrom(studio.page, before);
  const prior = () => studio.page.getByRole("combobox", { name: "Log prior as a text" });
  const alerts = () => studio.page.getByRole("alert");
  const panel = () => studio.page.getByRole("tabpanel");
  const choose = (field: RegExp, word: string) =>
    studio.page.getByRole("combobox", { name: field }).selectOption(word);

  const answered = (): Promise<string | null> =>
    studio.page.locator("[data-answered]").getAttribute("data-answered");

  beforeEach(async () => {
    await studio.room("Design");
    await expect.poll(answered, { timeout: 10_000 }).not.toBe("0");
  });

  it("shows the posterior of a prior as it is typed, and where a text is wrong", async () => {
    const before = await table();
    await prior().fill("-2 * abs(i - j)");
    await changed(before);
    const right = await table();
    await prior().fill("-2 * abss(i - j)");
    await expect.poll(() => alerts().count()).toBe(1);
    const told = await alerts().innerText();
    expect(told).toContain("Column 6");
    expect(told).toContain("write abs in place of abss");
    // What was found last stays to be seen.
    expect(await table()).toBe(right);
    await studio.page.getByRole("button", { name: /^Undo/ }).click();
    await expect.poll(() => alerts().count()).toBe(0);
  });

  it("completes names by keys", async () => {
    await prior().fill("");
    await prior().pressSequentially("whe");
    await studio.page.getByRole("option", { name: /^where/ }).waitFor();
    await studio.page.keyboard.press("Enter");
    await expect.poll(() => prior().inputValue()).toBe("where(");
    await prior().pressSequentially("j < i, log(2), 0)");
    await expect.poll(() => alerts().count()).toBe(0);
  });

  it("begins with every mechanism and every idea of the gallery, and each has a posterior", async () => {
    const cards = studio.page.getByRole("region", { name: "Starting points" }).getByRole("button");
    const count = await cards.count();
    expect(count).toBeGreaterThanOrEqual(22 + 5);
    for (let card = 0; card < count; card++) {
      const before = await answered();
      await cards.nth(card).click();
      // The first one is what is there already.
      if (card > 0) await expect.poll(answered, { timeout: 10_000 }).not.toBe(before);
      const name = await cards.nth(card).innerText();
      expect([name, await alerts().allInnerTexts()]).toEqual([name, []]);
      expect(await panel().innerText()).toMatch(/(edge|latent|joint)Model\(\{/);
    }
  });

  it("shows its code, document, program, kernels and engines, and times it", async () => {
    await studio.page.getByRole("button", { name: /^Past counts double/ }).click();
    await expect.poll(() => prior().inputValue()).toContain("log(2)");
    expect(await panel().innerText()).toContain("edgeModel({");
    await studio.page.getByRole("tab", { name: "TypeScript" }).focus();
    for (const [tab, text] of [
      ["JSON", '"edgewise": 1'],
      ["Program", "log"],
      ["Kernels", "(func"],
      ["Engines", "reference"],
    ] as const) {
      await studio.page.keyboard.press("ArrowRight");
      await expect
        .poll(() => studio.page.getByRole("tab", { name: tab }).getAttribute("aria-selected"))
        .toBe("true");
      const shown = async (): Promise<string> =>
        tab === "JSON"
          ? await studio.page.getByRole("textbox", { name: "JSON document" }).inputValue()
          : await panel().innerText();
      await expect.poll(shown).toContain(text);
    }
    await studio.page.getByRole("button", { name: /Time it/ }).click();
    const timed = studio.page.locator("[data-timed]");
    await timed.waitFor({ timeout: 30_000 });
    expect(await timed.innerText()).toMatch(
      /Past counts double[\s\S]* ms[\s\S]*plain attention[\s\S]* ms/i,
    );
  });

  it("takes the document as a text, and says where it is none", async () => {
    await studio.page.getByRole("tab", { name: "JSON" }).click();
    const document = studio.page.getByRole("textbox", { name: "JSON document" });
    const before = await table();
    const text = await document.inputValue();
    await document.fill(text.replace('"precision": 8', '"precision": 40'));
    await changed(before);
    const right = await table();
    expect(await studio.page.getByRole("spinbutton", { name: /^Precision/ }).inputValue()).toBe(
      "40",
    );
    await document.fill(text.replace('"precision": 8', '"precision": '));
    await expect.poll(() => alerts().first().innerText()).toMatch(/line \d+/i);
    expect(await table()).toBe(right);
    await document.fill(text.replace('"kind": "gaussian"', '"kind": "gausian"'));
    await expect.poll(() => alerts().first().innerText()).toContain("gaussian");
  });

  it("is in the link, and in a fresh profile", async () => {
    await choose(/^Graph/, "window");
    await prior().fill("0.5 * i");
    await studio.page.getByRole("spinbutton", { name: "Temperature" }).fill("2");
    const declared = () => viewIn(studio.page.url())["declaration"];
    await expect.poll(declared).toMatchObject({
      base: "self",
      document: { graph: { kind: "window" }, temperature: 2 },
    });
    const [url, shown] = [studio.page.url(), await table()];
    await studio.reopened(new URL(url).hash, {}, "[data-answered]");
    await expect.poll(answered, { timeout: 10_000 }).not.toBe("0");
    expect(await prior().inputValue()).toBe("0.5 * i");
    expect(await table()).toBe(shown);
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
    await expect.poll(answered, { timeout: 10_000 }).not.toBe("0");
    expect(await prior().inputValue()).toBe("-0.5 * (i - j)");
    expect(await studio.page.getByRole("combobox", { name: /^Graph/ }).inputValue()).toBe("causal");
  });
});
