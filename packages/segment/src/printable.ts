/** Controls of the terminal, line breaks, and the marks that turn the direction of writing. */
const unprintable = /[\p{Cc}\p{Cs}\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu;

/**
 * Text that somebody else wrote, fit for one line of a terminal: each control character as JSON
 * writes it, so that a label cannot move the cursor, colour the screen or pass for another line.
 */
export function printable(text: string): string {
  return text.replace(
    unprintable,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
