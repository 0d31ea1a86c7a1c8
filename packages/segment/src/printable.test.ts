import { expect, it } from "vitest";
import { printable } from "./printable.ts";

it.each([
  ["\u001b[31mred", "\\u001b[31mred"],
  ["two\nlines\u009b", "two\\u000alines\\u009b"],
  ["\u202eturned", "\\u202eturned"],
  ["ciel été 空 🐕‍🦺", "ciel été 空 🐕‍🦺"],
])("shows control characters and nothing else as escapes: %j", (text, shown) => {
  expect(printable(text)).toBe(shown);
});
