/** Text that two programs share exactly when they are the same, names and all. */
import type { Program } from "../../ir/program.ts";

/**
 * Objects are written once and named by their number from then on, so that shared expressions cost
 * no more than they are.
 */
export function structureOf(program: Program): string {
  const seen = new Map<object, number>();
  const parts: string[] = [];
  const write = (value: unknown): void => {
    if (typeof value !== "object" || value === null) {
      const text = Object.is(value, -0) ? "-0" : String(value);
      parts.push(typeof value === "string" ? JSON.stringify(value) : text);
      return;
    }
    const known = seen.get(value);
    if (known !== undefined) {
      parts.push(`#${known}`);
      return;
    }
    seen.set(value, seen.size);
    parts.push(Array.isArray(value) ? "[" : "{");
    for (const [key, of] of Object.entries(value)) {
      if (of === undefined) continue;
      if (!Array.isArray(value)) parts.push(`${JSON.stringify(key)}:`);
      write(of);
      parts.push(",");
    }
    parts.push("}");
  };
  write(program);
  return parts.join("");
}
