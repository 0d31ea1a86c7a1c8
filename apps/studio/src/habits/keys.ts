/** From a key that is pressed to the command it stands for. */
import type { Command } from "./commands.ts";

type Pressed = Pick<KeyboardEvent, "key" | "ctrlKey" | "metaKey" | "altKey" | "shiftKey"> &
  Partial<Pick<KeyboardEvent, "getModifierState">>;

/** Whether keys in words, such as "Ctrl+Shift+Z", are those that were pressed. */
export function isPressed(keys: string, event: Pressed): boolean {
  // The plus of "Ctrl++" is a key, too.
  const parts = keys.split(/\+(?=.)/);
  const key = parts.at(-1) === "Space" ? " " : (parts.at(-1) as string);
  // On some keyboards "[" is AltGr+8, and AltGr says that it is Ctrl and Alt.
  const isThirdLevel = event.getModifierState?.("AltGraph") ?? false;
  const isControl = (event.ctrlKey || event.metaKey) && !isThirdLevel;
  const isAlternate = event.altKey && !isThirdLevel;
  if (isControl !== parts.includes("Ctrl") || isAlternate !== parts.includes("Alt")) return false;
  // Signs are where they are, with Shift or without; letters and arrows are told apart by it.
  const isSign = key.length === 1 && key.toLowerCase() === key.toUpperCase() && key !== " ";
  if (!isSign && event.shiftKey !== parts.includes("Shift")) return false;
  return event.key.toLowerCase() === key.toLowerCase();
}

const texts =
  "textarea, [contenteditable], input:not([type=range], [type=checkbox], [type=radio], [type=button], [type=file])";
const pressedBySpace = "button, summary, a, input, [role=tab], [role=option]";

/**
 * Runs the command of a key, and takes the key from the page.
 *
 * Not while one types, in a dialog, or where an element has used the key: what one writes is never
 * a command. A list of choices goes by letters, but leaves those with Ctrl.
 */
export function answerKey(event: KeyboardEvent, commands: readonly Command[]): void {
  if (event.defaultPrevented || event.isComposing) return;
  const at = event.target instanceof Element ? event.target : document.body;
  if (at.closest(texts) !== null || document.querySelector("dialog:modal") !== null) return;
  if (at.closest("select") !== null && !event.ctrlKey && !event.metaKey) return;
  if (event.key === " " && at.closest(pressedBySpace) !== null) return;
  // A room comes after the page, and knows better what a key is for.
  const command = commands.findLast(
    ({ keys = [], run }) => run !== undefined && keys.some((own) => isPressed(own, event)),
  );
  if (command === undefined) return;
  event.preventDefault();
  command.run?.();
}
