import { spawn } from "node:child_process";
import { EdgewiseError, type ErrorCode } from "edgewise";
import { afterEach, describe, expect, it } from "vitest";
import { Interrupted } from "./interrupt.ts";
import { exitCodeOf, fail } from "./output.ts";

const errorOf = (code: ErrorCode): EdgewiseError =>
  new EdgewiseError({ code, where: "here", got: "one", expected: "two", fix: "three" });

/** What `fail` prints and returns. */
function failed(error: unknown, json: boolean): { code: number; out: string; err: string } {
  const printed = { out: "", err: "" };
  const code = fail(error, json, {
    stdout: { write: (text) => (printed.out += text) },
    stderr: { write: (text) => (printed.err += text) },
  });
  return { code, ...printed };
}

afterEach(() => {
  delete process.env.EDGEWISE_DEBUG;
});

describe("fail", () => {
  it("tells a failure on standard error, as the error renders itself", () => {
    const error = errorOf("bad_file");
    expect(failed(error, false)).toEqual({ code: 2, out: "", err: `${error.message}\n` });
  });

  it("tells it with --json as one document on standard output", () => {
    const { out, err } = failed(errorOf("bad_file"), true);
    expect(err).toBe("");
    expect(JSON.parse(out)).toEqual({ error: errorOf("bad_file").fields() });
  });

  it("gives an unexpected failure the fields of an expected one, and no stack", () => {
    const { code, out } = failed(new RangeError("too far"), true);
    expect(code).toBe(1);
    expect(JSON.parse(out).error).toMatchObject({ code: "engine_failed", got: "too far" });
    expect(failed("just a text", false).err).toContain("just a text");
  });

  it("shows the stack where EDGEWISE_DEBUG is set, never among results", () => {
    process.env.EDGEWISE_DEBUG = "1";
    const { out, err } = failed(new RangeError("too far"), true);
    expect(err).toContain("    at ");
    expect(JSON.parse(out).error.got).toBe("too far");
  });

  it("says nothing of an interrupt", () => {
    expect(failed(new Interrupted("SIGINT"), true)).toEqual({ code: 130, out: "", err: "" });
  });
});

describe("exit codes", () => {
  it.each([
    ["bad input", errorOf("shape_mismatch"), 2],
    ["a file that cannot be read", errorOf("unreadable_file"), 2],
    ["a wrong call", errorOf("bad_usage"), 2],
    ["an engine that cannot", errorOf("engine_cannot"), 1],
    ["an engine that failed", errorOf("engine_failed"), 1],
    ["a program that breaks its rules", errorOf("bad_program"), 1],
    ["anything else that is thrown", null, 1],
    ["Control-C", new Interrupted("SIGINT"), 130],
    ["a request to end", new Interrupted("SIGTERM"), 143],
  ])("%s", (_, error, code) => {
    expect(exitCodeOf(error)).toBe(code);
  });
});

describe("a reader that goes away", () => {
  it("ends the process without a word and without a failure", async () => {
    const module = JSON.stringify(new URL("./output.ts", import.meta.url).href);
    const script = `
      import { endWithReader, printLines } from ${module};
      endWithReader();
      setInterval(() => printLines(Array(1000).fill("line")), 1);`;
    const flags = ["--conditions=edgewise-source", "--input-type=module", "-e", script];
    const child = spawn(process.execPath, flags);
    let complaint = "";
    child.stderr.on("data", (chunk) => (complaint += chunk));
    child.stdout.once("data", () => child.stdout.destroy());
    const code = await new Promise((resolve) => child.on("close", resolve));
    expect([code, complaint]).toEqual([0, ""]);
  });
});
