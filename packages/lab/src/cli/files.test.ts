import { execFileSync } from "node:child_process";
import {
  chmod,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { EdgewiseError } from "edgewise";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { checkWritable, readBytes, readJson, writeAtomically } from "./files.ts";
import { Interrupted } from "./interrupt.ts";

let folder = "";
const at = (name: string): string => join(folder, name);
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "edgewise-files-"));
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

/** The refusal that a promise ends in. */
async function refusal(promise: Promise<unknown>): Promise<EdgewiseError> {
  const error = await promise.then(
    () => "nothing was refused",
    (reason: unknown) => reason,
  );
  if (error instanceof EdgewiseError) return error;
  throw new Error(String(error));
}

describe("readBytes", () => {
  it("gives the bytes of a file", async () => {
    await writeFile(at("a"), "text");
    expect(Buffer.from(await readBytes(at("a"))).toString()).toBe("text");
  });

  it("names a file that is missing, and says that its folder is there", async () => {
    const { code, where, got, fix } = await refusal(readBytes(at("a")));
    expect([code, where, got]).toEqual(["unreadable_file", at("a"), "no file of that name"]);
    expect(fix).toContain(folder);
  });

  it("names the folder where that is what is missing", async () => {
    expect((await refusal(readBytes(at("none/a")))).got).toBe(`no folder ${at("none")}`);
  });

  it("refuses a folder", async () => {
    expect((await refusal(readBytes(folder))).got).toBe("a folder");
  });

  it("refuses what may never end, without opening it", async () => {
    execFileSync("mkfifo", [at("pipe")]);
    for (const [path, got] of [
      [at("pipe"), "a pipe"],
      ["/dev/zero", "a device"],
    ] as const) {
      const { code, where, ...told } = (await refusal(readBytes(path))).fields();
      expect([code, where]).toEqual(["unreadable_file", path]);
      expect(told).toMatchObject({ got, expected: "a regular file" });
    }
  });

  it("names a place where the path is empty", async () => {
    const { where, got } = await refusal(readBytes(""));
    expect([where, got]).toEqual(["the input path", "an empty path"]);
  });
});

describe("readJson", () => {
  const read = async (text: string | Uint8Array): Promise<unknown> => {
    await writeFile(at("c.json"), text);
    return readJson(at("c.json"));
  };

  it("gives the value, with or without a byte-order mark", async () => {
    expect(await read('{"a": [1]}')).toEqual({ a: [1] });
    expect(await read("\ufeff3")).toBe(3);
  });

  it.each([
    ["a word that is no value", '{\n  "a": wrong }', 2, 8],
    ["a comma too many", '{"a": 1,\n}', 2, 1],
    ["a comma in place of a value", "[1, 2,\n  , 3]", 2, 3],
    ["a single quotation mark", "{'a': 1}", 1, 2],
    ["a file that ends too early", '{"a":\n', 2, 1],
    ["a text that ends too early", '{"a": "b', 1, 9],
    ["an empty file", "", 1, 1],
    ["more after the value", "{}\n{}", 2, 1],
    ["NaN", "[1, NaN]", 1, 5],
  ])("names the line and column of %s", async (_, text, line, column) => {
    const { code, where, got } = await refusal(read(text));
    expect([code, where]).toEqual(["bad_file", at("c.json")]);
    expect(got).toContain(`line ${line}, column ${column}`);
  });

  it("repeats nothing of the file that could steer a terminal", async () => {
    const { got } = await refusal(read('{\n"a": \u001b[2J}'));
    expect(got).toBe("Unexpected token '\\u001b': line 2, column 6");
  });

  it("refuses bytes that are not UTF-8", async () => {
    expect((await refusal(read(Uint8Array.of(0x22, 0xff, 0x22)))).got).toContain("not UTF-8");
  });
});

describe("checkWritable", () => {
  it("accepts a new file, an existing one and one beside it", async () => {
    await writeFile(at("old"), "");
    await checkWritable(at("old"), at("new"));
    expect(await readdir(folder)).toEqual(["old"]);
  });

  it("refuses a folder that does not exist, by name", async () => {
    const { code, got } = await refusal(checkWritable(at("none/a")));
    expect([code, got]).toEqual(["unreadable_file", `no folder ${at("none")}`]);
  });

  it("refuses a file where a folder should be", async () => {
    await writeFile(at("file"), "");
    expect((await refusal(checkWritable(at("file/a")))).got).toContain("not a folder");
  });

  it("refuses a path that is a folder or is written like one", async () => {
    await mkdir(at("inner"));
    expect((await refusal(checkWritable(at("inner")))).got).toBe("a folder");
    expect((await refusal(checkWritable(at("new/")))).got).toBe("a folder");
    expect((await refusal(checkWritable(""))).got).toBe("an empty path");
  });

  it("refuses one path for two outputs, however it is written", async () => {
    const { code } = await refusal(checkWritable(at("a"), `${folder}/./a`));
    expect(code).toBe("bad_usage");
  });

  const isRoot = process.getuid?.() === 0;
  const why = isRoot ? " (skipped: root may write everywhere)" : "";
  it.skipIf(isRoot)(`refuses a folder it may not write in${why}`, async () => {
    await mkdir(at("closed"), { mode: 0o555 });
    expect((await refusal(checkWritable(at("closed/a")))).got).toContain("may not write");
  });
});

describe("writeAtomically", () => {
  it("writes every file and leaves nothing else", async () => {
    await writeAtomically(
      new Map([
        [at("a"), bytes("one")],
        [at("b"), bytes("two")],
      ]),
    );
    expect((await readdir(folder)).sort()).toEqual(["a", "b"]);
    expect(await readFile(at("b"), "utf8")).toBe("two");
  });

  it("replaces a file, keeps its permissions, and keeps a link to it a link", async () => {
    await writeFile(at("a"), "old");
    await chmod(at("a"), 0o600);
    await symlink("a", at("link"));
    await writeAtomically(new Map([[at("link"), bytes("new")]]));
    expect(await readFile(at("a"), "utf8")).toBe("new");
    expect((await stat(at("a"))).mode & 0o777).toBe(0o600);
    expect((await readdir(folder)).sort()).toEqual(["a", "link"]);
  });

  it("writes to a device without replacing it", async () => {
    await writeAtomically(new Map([["/dev/null", bytes("gone")]]));
    expect((await stat("/dev/null")).isCharacterDevice()).toBe(true);
  });

  it("writes nothing at all when one of the paths is refused", async () => {
    const files = new Map([
      [at("a"), bytes("one")],
      [at("none/b"), bytes("two")],
    ]);
    expect((await refusal(writeAtomically(files))).code).toBe("unreadable_file");
    expect(await readdir(folder)).toEqual([]);
  });

  it.each(["SIGINT", "SIGTERM"] as const)("leaves nothing behind after %s", async (signal) => {
    await writeFile(at("a"), "old");
    const files = new Map([
      [at("a"), new Uint8Array(30_000_000)],
      [at("b"), new Uint8Array(9)],
    ]);
    const listeners = process.listenerCount(signal);
    let ended = false;
    const written = writeAtomically(files)
      .catch((error: unknown) => error)
      .finally(() => (ended = true));
    while (!ended && !(await readdir(folder)).some((name) => name.endsWith(".tmp")))
      await undefined;
    process.emit(signal);
    expect(await written).toBeInstanceOf(Interrupted);
    expect(await readdir(folder)).toEqual(["a"]);
    expect(await readFile(at("a"), "utf8")).toBe("old");
    expect(process.listenerCount(signal)).toBe(listeners);
  });
});
