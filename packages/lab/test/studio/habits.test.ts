import { readFileSync } from "node:fs";
import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { changedFrom, inBrowser, missing, tableOf, viewIn } from "./browser.ts";

const rooms = ["Explore", "Design", "Reproduce"] as const;
const settings = rooms.flatMap((room) => [["light", room] as const, ["dark", room] as const]);

describe.skipIf(missing !== "")(`habits of every room${missing}`, () => {
  const studio = inBrowser();
  const table = () => tableOf(studio.page);
  const changed = (before: string) => changedFrom(studio.page, before);
  const button = (name: string | RegExp) => studio.page.getByRole("button", { name });
  const said = () => studio.page.locator(".said").innerText();
  const room = () => studio.page.getByRole("main").getAttribute("aria-labelledby");
  const shownRoom = async () => studio.page.locator(`#${await room()}`).innerText();
  const focused = (selector: string) =>
    studio.page.evaluate<boolean>(`document.activeElement.matches(${JSON.stringify(selector)})`);

  describe("links and files", () => {
    it("a link holds the whole picture in another profile", async () => {
      const first = await table();
      await studio.page.selectOption("#mechanism", "multihop");
      await changed(first);
      const second = await table();
      // The slider goes by the logarithm.
      await studio.page.locator("#control-precision").fill("1");
      await changed(second);
      const shown = await table();
      await expect
        .poll(() => viewIn(studio.page.url())["settings"])
        .toMatchObject({ precision: 10 });
      await studio.reopened(new URL(studio.page.url()).hash);
      expect(await studio.page.locator("#mechanism").inputValue()).toBe("multihop");
      expect(await table()).toBe(shown);
    });

    it("a link of version 1 opens, and is one of version 2 from then on", async () => {
      const old = { mechanism: "multihop", points: [0, 1, 2, 3].map((k) => [k / 4, k / 5]) };
      const text = Buffer.from(JSON.stringify({ ...old, settings: {}, traced: 1, frame: null }));
      await studio.reopened(`#s=1.${text.toString("base64url")}`);
      expect(await studio.page.locator("#mechanism").inputValue()).toBe("multihop");
      expect((await table()).trim().split("\n").length).toBe(4);
      await expect.poll(() => viewIn(studio.page.url())["points"]).toEqual(old.points);
    });

    it("a link that is damaged or newer says so, and the page begins as always", async () => {
      await studio.reopened("#s=1.bm9uc2Vuc2U");
      expect(await said()).toContain("cannot be read");
      await studio.reopened("#s=3.bm9uc2Vuc2U");
      expect(await said()).toContain("newer Edgewise");
      expect((await table()).trim().split("\n").length).toBe(12);
    });

    it("a view too large for a link is saved as a file, and opens from it", async () => {
      const points = Array.from({ length: 1000 }, (_, k) => [Math.sin(7 * k * k), Math.cos(3 * k)]);
      const view = { mechanism: "self", points, settings: {}, traced: 4, frame: null };
      const given = JSON.stringify({ format: "edgewise-view", version: 2, view });
      const file = (text: string) => ({
        ...{ name: "view.json", mimeType: "application/json", buffer: Buffer.from(text) },
      });
      await studio.page.getByLabel("A view that was saved").setInputFiles(file("{}"));
      await expect.poll(said).toContain("cannot be read");
      await studio.page.getByLabel("A view that was saved").setInputFiles(file(given));
      await expect.poll(said).toContain("Opened");
      // The address tells nothing, rather than of the view before.
      await expect.poll(() => new URL(studio.page.url()).hash).toBe("");
      await button("Copy link").click();
      expect(await said()).toContain("too large");
      const download = studio.page.waitForEvent("download");
      await button("Save view as a file").click();
      const saved = readFileSync(await (await download).path(), "utf8");
      expect((await download).suggestedFilename()).toBe("edgewise-view.json");
      expect(JSON.parse(saved).view).toMatchObject({ mechanism: "self", points, traced: 4 });
      await button(/^Undo/).click();
      await studio.page.evaluate(`{
        const files = new DataTransfer();
        files.items.add(new File([${JSON.stringify(saved)}], "edgewise-view.json"));
        document.body.dispatchEvent(
          new DragEvent("drop", { dataTransfer: files, bubbles: true, cancelable: true }),
        );
      }`);
      await expect.poll(said).toContain("edgewise-view.json");
      await button(/^Undo: whole view|^Undo: scatter/).waitFor();
    });
  });

  describe("by keys alone", () => {
    const command = async (words: string) => {
      await studio.page.keyboard.press("Control+k");
      await studio.page.keyboard.type(words);
      await studio.page.keyboard.press("Enter");
    };

    it("the palette finds commands, runs them, and gives the focus back", async () => {
      await command("design go");
      await expect.poll(shownRoom).toBe("Design");
      await studio.page.keyboard.press("Control+z");
      await expect.poll(shownRoom).toBe("Explore");
      expect(await said()).toBe("Undo: room.");
      await studio.page.getByRole("application").focus();
      await studio.page.keyboard.press("Control+k");
      const field = studio.page.getByRole("combobox", { name: "Command" });
      expect(await focused("[role=combobox]")).toBe(true);
      await studio.page.keyboard.press("ArrowUp");
      const options = studio.page.getByRole("listbox", { name: "Commands" }).getByRole("option");
      const last = options.last();
      await expect.poll(() => last.getAttribute("aria-selected")).toBe("true");
      expect(await field.getAttribute("aria-activedescendant")).toBe(await last.getAttribute("id"));
      await field.fill("no such words");
      await expect.poll(() => options.count()).toBe(0);
      await studio.page.keyboard.press("Enter");
      await studio.page.keyboard.press("Escape");
      expect(await studio.page.getByRole("dialog").count()).toBe(0);
      expect(await focused("[role=application]")).toBe(true);
    });

    it("a question mark lists the keys; in a text it is a letter", async () => {
      await studio.page.keyboard.press("?");
      const list = await studio.page.getByRole("dialog", { name: "Keys" }).innerText();
      for (const name of ["Undo", "Redo", "Commands", "Choose a node"])
        expect(list).toContain(name);
      // What is in a dialog answers keys, and nothing behind it.
      await studio.page.keyboard.press("Control+k");
      expect(await studio.page.getByRole("dialog").count()).toBe(1);
      await studio.page.keyboard.press("Escape");
      expect(await studio.page.getByRole("dialog").count()).toBe(0);
      // A list of choices goes by letters, but leaves those with Ctrl.
      const before = await table();
      await studio.page.selectOption("#mechanism", "multihop");
      await changed(before);
      await studio.page.locator("#mechanism").focus();
      await studio.page.keyboard.press("?");
      expect(await studio.page.getByRole("dialog").count()).toBe(0);
      await studio.page.keyboard.press("Control+z");
      await expect.poll(table).toBe(before);
      await command("go design");
      const prior = studio.page.getByRole("combobox", { name: "Log prior as a text" });
      await prior.focus();
      await studio.page.keyboard.press("End");
      await studio.page.keyboard.type("?");
      expect(await prior.inputValue()).toMatch(/\?$/);
      expect(await studio.page.getByRole("dialog").count()).toBe(0);
    });

    it("Undo and Redo say of what", async () => {
      const before = await table();
      await studio.page.getByRole("application").focus();
      await studio.page.keyboard.press("ArrowRight");
      await button("Undo: trace node").waitFor();
      await studio.page.keyboard.press("Shift+ArrowLeft");
      await changed(before);
      await button(/^Undo: move node \d+$/).click();
      await button(/^Redo: move node \d+$/).waitFor();
      await expect.poll(table).toBe(before);
    });

    it("the first tab leads to the content", async () => {
      await studio.page.keyboard.press("Tab");
      await studio.page.keyboard.press("Enter");
      expect(await focused("main")).toBe(true);
      expect(new URL(studio.page.url()).hash).not.toBe("#content");
    });
  });

  describe("the tour", () => {
    const card = () => studio.page.getByRole("region", { name: "Tour" });
    const open = (hash = "", options = {}) =>
      studio.reopened(hash, { isFirstVisit: true, ...options });

    it("shows five things to whoever comes first, beside each of them, and then no more", async () => {
      await open();
      const titles = new Set<string>();
      for (let step = 1; step <= 5; step++) {
        expect(await card().innerText()).toContain(`Step ${step} of 5`);
        titles.add(await card().getByRole("heading").innerText());
        await expect.poll(() => covered(studio.page)).toBe(0);
        await card()
          .getByRole("button", { name: /Next|Done/ })
          .click();
      }
      expect(titles.size).toBe(5);
      expect(await card().count()).toBe(0);
      expect(await studio.page.locator("[data-toured]").count()).toBe(0);
      await studio.page.goto(studio.url);
      await studio.page.waitForSelector("[data-ready]");
      expect(await card().count()).toBe(0);
      await button("Take the tour").click();
      expect(await focused("[aria-label=Tour] .next")).toBe(true);
      await studio.page.keyboard.press("Enter");
      await card().getByRole("button", { name: "Back" }).click();
      expect(await focused("[aria-label=Tour] .next")).toBe(true);
      await studio.page.keyboard.press("Escape");
      expect(await card().count()).toBe(0);
      expect(await focused(".lead button")).toBe(true);
    });

    it("leaves the page to be worked with, and keys where they are", async () => {
      await open();
      await card().waitFor();
      expect(await focused("body")).toBe(true);
      await studio.page.getByRole("application").focus();
      await studio.page.keyboard.press("ArrowRight");
      await button("Undo: trace node").waitFor();
      const above = async () =>
        ((await card().boundingBox())?.y ?? 0) -
        ((await studio.page.locator("[data-toured]").boundingBox())?.y ?? 0);
      expect(await above()).toBe(0);
      await studio.page.mouse.wheel(0, 50);
      await expect.poll(() => studio.page.evaluate("scrollY")).toBe(50);
      await expect.poll(above).toBe(0);
      // Elsewhere there is nothing that it speaks of: it stands aside.
      await studio.room("Design");
      await expect.poll(async () => (await card().boundingBox())?.x).toBe(1280 - 340 - 14);
      await studio.room("Explore");
      await expect.poll(() => covered(studio.page)).toBe(0);
    });

    it("is not for whoever opens a link", async () => {
      const address = () => new URL(studio.page.url()).hash;
      await expect.poll(address).toContain("#s=2.");
      await open(address());
      expect(await card().count()).toBe(0);
    });

    it("on a phone is a bar at the foot, with what it speaks of above", async () => {
      const viewport = { width: 375, height: 700 };
      await open("", { viewport, reducedMotion: "reduce" });
      const box = await card().boundingBox();
      expect(box).toMatchObject({ x: 0, width: 375 });
      expect((box?.y ?? 0) + (box?.height ?? 0)).toBeCloseTo(700);
      for (let step = 1; step < 5; step++) {
        // Nothing glides for whoever has asked for less motion: it is there at once.
        const top = (await studio.page.locator("[data-toured]").first().boundingBox())?.y ?? -1;
        expect(top).toBeGreaterThanOrEqual(0);
        expect(top).toBeLessThan(box?.y ?? 0);
        await card().getByRole("button", { name: "Next" }).click();
      }
    });

    /** Pixels squared of what the tour speaks of that its card covers. */
    const covered = (page: Page) =>
      page.evaluate<number>(`{
        const card = document.querySelector("[aria-label=Tour]").getBoundingClientRect();
        const over = (target) => {
          const box = target.getBoundingClientRect();
          const across = Math.min(card.right, box.right) - Math.max(card.left, box.left);
          const down = Math.min(card.bottom, box.bottom) - Math.max(card.top, box.top);
          return Math.max(0, across) * Math.max(0, down);
        };
        const targets = [...document.querySelectorAll("[data-toured]")];
        targets.length === 0 ? -1 : Math.max(...targets.map(over));
      }`);
  });

  describe("how it looks", () => {
    const paper = () =>
      studio.page.evaluate<string>("getComputedStyle(document.body).backgroundColor");
    const [light, dark] = ["rgb(245, 247, 249)", "rgb(18, 23, 28)"];
    const theme = () => studio.page.getByRole("combobox", { name: "Theme" });

    it("follows the system until one chooses, and remembers it before the first paint", async () => {
      expect(await paper()).toBe(light);
      await studio.page.emulateMedia({ colorScheme: "dark" });
      expect(await paper()).toBe(dark);
      await theme().selectOption("light");
      expect(await paper()).toBe(light);
      // The page's own script is held back: what is painted is right without it.
      let release = (): void => {};
      const held = new Promise<void>((resolve) => {
        release = resolve;
      });
      await studio.page.route("**/assets/*.js", async (route) => {
        await held;
        await route.continue();
      });
      await studio.page.reload({ waitUntil: "commit" });
      await expect.poll(paper).toBe(light);
      expect(await theme().count()).toBe(0);
      release();
      await studio.page.waitForSelector("[data-ready]");
      expect(await theme().inputValue()).toBe("light");
      await theme().selectOption("system");
      expect(await paper()).toBe(dark);
    });

    it("works where nothing may be stored", async () => {
      await studio.reopened("", { isFirstVisit: true });
      await studio.page.addInitScript(
        'Object.defineProperty(window, "localStorage", { get() { throw new DOMException("no"); } })',
      );
      await studio.page.reload();
      await studio.page.waitForSelector("[data-ready]");
      await theme().selectOption("dark");
      expect(await paper()).toBe(dark);
    });

    it("fits on a phone: in no room is anything wider than it", async () => {
      await studio.reopened("", { viewport: { width: 375, height: 700 }, colorScheme: "dark" });
      for (const name of rooms) {
        await studio.room(name);
        const width = await studio.page.evaluate<number>("document.documentElement.scrollWidth");
        expect(width, name).toBeLessThanOrEqual(375);
      }
    });

    it("nothing moves by itself for whoever has asked for less motion", async () => {
      await studio.reopened("", { reducedMotion: "reduce" });
      await studio.page.selectOption("#mechanism", "slot");
      await studio.page.getByRole("slider", { name: /Update \d+ of/ }).waitFor();
      const before = await table();
      await new Promise((resolve) => setTimeout(resolve, 600));
      expect(await table()).toBe(before);
      expect(await studio.page.evaluate("document.getAnimations().length")).toBe(0);
    });
  });

  describe("axe finds nothing serious", () => {
    it.each(settings)("in the %s theme of %s", async (colorScheme, name) => {
      await studio.reopened("", { colorScheme, bypassCSP: true });
      await studio.room(name);
      expect(await studio.violations()).toEqual([]);
    });

    it.each(["light", "dark"] as const)(
      "in the %s palette, tour and list of keys",
      async (look) => {
        await studio.reopened("", { colorScheme: look, bypassCSP: true, isFirstVisit: true });
        await studio.page.getByRole("region", { name: "Tour" }).waitFor();
        expect(await studio.violations()).toEqual([]);
        await studio.page.keyboard.press("Control+k");
        expect(await studio.violations()).toEqual([]);
        await studio.page.keyboard.press("Escape");
        await studio.page.keyboard.press("?");
        expect(await studio.violations()).toEqual([]);
      },
    );
  });
});
