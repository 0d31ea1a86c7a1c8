import { describe, expect, it, vi } from "vitest";
import { commands, matching, registerCommands } from "./commands.ts";
import { isPressed } from "./keys.ts";

describe("the commands", () => {
  it("are those of all who are there, as they are now", () => {
    let name = "Play";
    const run = vi.fn();
    const removePage = registerCommands(() => [{ name: "Undo", keys: ["Ctrl+Z"], run }]);
    const removeRoom = registerCommands(() => [{ name, run }]);
    expect(commands().map((command) => command.name)).toEqual(["Undo", "Play"]);
    name = "Pause";
    expect(commands().map((command) => command.name)).toEqual(["Undo", "Pause"]);
    removeRoom();
    expect(commands().map((command) => command.name)).toEqual(["Undo"]);
    removePage();
    expect(commands()).toEqual([]);
  });

  it("are found by the beginnings of their words, in any order", () => {
    const list = ["Copy link", "Undo: move node 3", "Theme: dark", "Go to Design"].map((name) => ({
      name,
    }));
    const found = (words: string) => matching(list, words).map(({ name }) => name);
    expect(found("")).toHaveLength(4);
    expect(found("  ")).toHaveLength(4);
    expect(found("LINK co")).toEqual(["Copy link"]);
    expect(found("node")).toEqual(["Undo: move node 3"]);
    expect(found("de")).toEqual(["Go to Design"]);
    expect(found("ink")).toEqual([]);
    expect(found("dark (")).toEqual([]);
  });
});

describe("a key", () => {
  const press = (key: string, modifiers: Partial<KeyboardEvent> = {}) => ({
    ...{ key, ctrlKey: false, metaKey: false, altKey: false, shiftKey: false },
    ...modifiers,
  });
  const ctrlKey = true;
  const shiftKey = true;

  it.each([
    ["Ctrl+K", press("k", { ctrlKey })],
    ["Ctrl+K", press("K", { metaKey: true })],
    ["Ctrl+Shift+Z", press("Z", { ctrlKey, shiftKey })],
    ["?", press("?", { shiftKey })],
    ["[", press("[")],
    ["[", press("[", { ctrlKey, altKey: true, getModifierState: () => true })],
    ["R", press("r")],
    ["Space", press(" ")],
    ["+", press("+", { shiftKey })],
    ["Ctrl++", press("+", { ctrlKey })],
    ["Shift+ArrowUp", press("ArrowUp", { shiftKey })],
  ])("%s is pressed", (keys, event) => {
    expect(isPressed(keys, event)).toBe(true);
  });

  it.each([
    ["Ctrl+K", press("k")],
    ["K", press("k", { ctrlKey })],
    ["Ctrl+Z", press("Z", { ctrlKey, shiftKey })],
    ["R", press("R", { shiftKey })],
    ["R", press("r", { altKey: true })],
    ["?", press("?", { ctrlKey })],
    ["ArrowUp", press("ArrowUp", { shiftKey })],
    ["Space", press("s")],
  ])("%s is not pressed", (keys, event) => {
    expect(isPressed(keys, event)).toBe(false);
  });
});
