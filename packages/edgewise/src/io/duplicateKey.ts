const quotation = '"'.charCodeAt(0);
const backslash = "\\".charCodeAt(0);

/**
 * First key that one object of a JSON text holds twice, or undefined when every key is single.
 *
 * `JSON.parse` keeps the last of two equal keys without a word, so two readers of one file could
 * see different tensors. The text must have been parsed already: what follows relies on it being
 * JSON, where a string is a key exactly when a colon comes after it. Keys are compared decoded,
 * so `"a"` and `"\u0061"` are the same key.
 *
 * @cost O(length) time, one set entry per key of the objects that are open.
 */
export function duplicateKey(json: string): string | undefined {
  const open: Set<string>[] = [];
  for (let at = 0; at < json.length; at++) {
    const character = json[at];
    if (character === "{") open.push(new Set());
    else if (character === "}") open.pop();
    else if (character === '"') {
      const end = endOfString(json, at);
      if (isKey(json, end)) {
        const key = JSON.parse(json.slice(at, end)) as string;
        const keys = open.at(-1) as Set<string>;
        if (keys.has(key)) return key;
        keys.add(key);
      }
      at = end - 1;
    }
  }
  return undefined;
}

/** Index after the closing quotation mark of the string that starts at `start`. */
function endOfString(json: string, start: number): number {
  for (let at = start + 1; at < json.length; at++) {
    const code = json.charCodeAt(at);
    if (code === backslash) at++;
    else if (code === quotation) return at + 1;
  }
  return json.length;
}

function isKey(json: string, end: number): boolean {
  let at = end;
  while (" \t\n\r".includes(json[at] ?? "-")) at++;
  return json[at] === ":";
}
