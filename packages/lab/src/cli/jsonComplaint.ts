/** What `JSON.parse` has against a text and where, in one line that is safe to print. */
export function jsonComplaint(text: string, message: string): string {
  const { line, column } = jsonPosition(text, message);
  // V8 repeats a piece of the text, line breaks and all; the position says as much.
  const complaint = message.replace(/( at position \d+|, (\.\.\.)?".* is not valid JSON).*$/s, "");
  const printable = complaint.replace(
    /\p{Cc}|\p{Cf}/gu,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
  return `${printable}: line ${line}, column ${column}`;
}

/** Where a JSON text stops being one, as people count: lines and columns from 1. */
interface JsonPosition {
  readonly line: number;
  readonly column: number;
}

/** Position of the first character that `JSON.parse` refused, from its message and the text. */
function jsonPosition(text: string, message: string): JsonPosition {
  const before = text.slice(0, errorIndex(text, message));
  const line = before.split("\n").length;
  return { line, column: before.length - before.lastIndexOf("\n") };
}

function errorIndex(text: string, message: string): number {
  const stated = /at position (\d+)/.exec(message)?.[1];
  if (stated !== undefined) return Number(stated);
  if (!namesToken(message)) return text.length;
  // V8 names an unexpected token without saying where. A text cut before it fails at its end
  // instead, so the shortest beginning that names a token ends with that token's first character.
  let [shortest, longest] = [1, text.length];
  while (shortest < longest) {
    const middle = (shortest + longest) >> 1;
    if (namesToken(messageOf(text.slice(0, middle)))) longest = middle;
    else shortest = middle + 1;
  }
  return shortest - 1;
}

function namesToken(message: string): boolean {
  return message.startsWith("Unexpected token");
}

function messageOf(text: string): string {
  try {
    JSON.parse(text);
    return "";
  } catch (error) {
    return (error as SyntaxError).message;
  }
}
