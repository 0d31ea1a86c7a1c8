import { Writable } from "node:stream";
import { WriteStream } from "node:tty";
import { stripVTControlCharacters } from "node:util";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { startProgress, stopProgress } from "./progress.ts";

/** Stream that keeps what is written, as a terminal or not. */
function streamOf(isTTY: boolean, columns?: number): NodeJS.WriteStream & { text: string } {
  const stream = new Writable({
    write(chunk, _encoding, done) {
      kept.text += String(chunk);
      done();
    },
  });
  // cli-progress and styleText ask a terminal for no more than these; its colours depend on the
  // environment, which is what these tests are about.
  const { getColorDepth } = WriteStream.prototype;
  const kept = Object.assign(stream, { text: "", isTTY, columns, getColorDepth });
  return kept as unknown as NodeJS.WriteStream & { text: string };
}

beforeEach(() => {
  for (const name of ["CI", "NO_COLOR", "FORCE_COLOR", "NODE_DISABLE_COLORS"]) {
    vi.stubEnv(name, undefined);
  }
  vi.stubEnv("TERM", "xterm-256color");
});

afterEach(() => {
  stopProgress();
  vi.unstubAllEnvs();
});

/** Shows `done` of 100 steps at each of these seconds. */
function follow(stream: NodeJS.WriteStream, steps: readonly (readonly [number, number])[]): void {
  let now = 0;
  const progress = startProgress("folding", 100, { stream, clock: () => now });
  for (const [second, done] of steps) {
    now = second * 1000;
    progress.update(done, "edges");
  }
  progress.stop();
  progress.stop();
}

describe.each([true, false])("with terminal %s", (isTTY) => {
  it("work under two seconds shows nothing", () => {
    const stream = streamOf(isTTY);
    follow(stream, [
      [0.5, 20],
      [1.9, 100],
    ]);
    expect(stream.text).toBe("");
  });
});

describe("on a terminal", () => {
  it("shows a bar with its title, note and count, and leaves the line when it ends", () => {
    const stream = streamOf(true, 100);
    follow(stream, [
      [2.5, 25],
      [3, 100],
    ]);
    const text = stripVTControlCharacters(stream.text);
    expect(text).toContain("25% 25/100 edges");
    expect(text).toContain("folding ████");
    expect(text.endsWith("\n")).toBe(true);
  });

  it("neither hides the cursor nor listens for Control-C", () => {
    const stream = streamOf(true, 0);
    const listeners = process.listenerCount("SIGINT");
    const progress = startProgress("folding", 10, { stream, clock: countingSeconds() });
    progress.update(5);
    expect(process.listenerCount("SIGINT")).toBe(listeners);
    expect(stream.text).not.toContain("\u001b[?25l");
  });

  it("fits 80 columns where the terminal does not tell its width", () => {
    const stream = streamOf(true, 0);
    follow(stream, [[3, 50]]);
    const lines = stripVTControlCharacters(stream.text).split(/[\r\n]/);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
  });

  it("has colour, and none where NO_COLOR is set", () => {
    const coloured = streamOf(true, 80);
    follow(coloured, [[3, 50]]);
    vi.stubEnv("NO_COLOR", "1");
    const plain = streamOf(true, 80);
    follow(plain, [[3, 50]]);
    expect(coloured.text).toContain("\u001b[36m");
    expect(plain.text).not.toContain("\u001b[36m");
  });
});

describe("elsewhere", () => {
  it("prints one plain line, another every 30 seconds, and one at the end", () => {
    const stream = streamOf(false);
    follow(stream, [
      [1, 1],
      [3, 3],
      [10, 10],
      [34, 34],
      [60, 99],
      [61, 100],
    ]);
    expect(stream.text.split("\n")).toEqual([
      "folding: 3 of 100 edges",
      "folding: 34 of 100 edges",
      "folding: 100 of 100 after 61.0 s",
      "",
    ]);
  });

  it("tells a share where the steps are no steps of their own", () => {
    const stream = streamOf(false);
    let now = 0;
    const progress = startProgress("folding", 100, { stream, clock: () => now, unit: "%" });
    now = 3000;
    progress.update(7, "edges");
    progress.stop();
    expect(stream.text).toBe("folding: 7 % edges\nfolding: 7 % after 3.0 s\n");
  });

  it("a dumb terminal and a build server count as elsewhere", () => {
    vi.stubEnv("TERM", "dumb");
    const dumb = streamOf(true, 80);
    follow(dumb, [[3, 3]]);
    vi.stubEnv("TERM", "xterm");
    vi.stubEnv("CI", "true");
    const server = streamOf(true, 80);
    follow(server, [[3, 3]]);
    expect([dumb.text, server.text]).toEqual(
      Array(2).fill(expect.stringMatching(/^folding: 3 of/)),
    );
  });

  it("every open display ends with stopProgress, and stays silent after it", () => {
    const stream = streamOf(false);
    const progress = startProgress("folding", 10, { stream, clock: countingSeconds() });
    progress.update(5);
    stopProgress();
    const { text } = stream;
    progress.update(9);
    expect(stream.text).toBe(text);
  });
});

/** Clock that is three seconds later at every look. */
function countingSeconds(): () => number {
  let now = 0;
  return () => {
    now += 3000;
    return now;
  };
}
