import type { ErrorCode } from "./catalog.ts";

/** What every failure says: where, what was found, what was expected, and how to mend it. */
export interface ErrorFields {
  readonly code: ErrorCode;
  readonly where: string;
  readonly got: string;
  readonly expected: string;
  readonly fix: string;
}

/** Failure of Edgewise, fields first; the text is rendered from them. */
export class EdgewiseError extends Error {
  readonly code: ErrorCode;
  readonly where: string;
  readonly got: string;
  readonly expected: string;
  readonly fix: string;

  constructor(fields: ErrorFields) {
    super(render(fields));
    this.name = "EdgewiseError";
    this.code = fields.code;
    this.where = fields.where;
    this.got = fields.got;
    this.expected = fields.expected;
    this.fix = fields.fix;
  }

  /** The fields alone, as `--json` prints them and as they cross a worker's boundary. */
  fields(): ErrorFields {
    const { code, where, got, expected, fix } = this;
    return { code, where, got, expected, fix };
  }
}

function render({ code, where, got, expected, fix }: ErrorFields): string {
  return [
    `${code} in ${where}`,
    `  got       ${got}`,
    `  expected  ${expected}`,
    `  fix       ${fix}`,
    `  see       docs/errors.md#${code.replaceAll("_", "-")}`,
  ].join("\n");
}
