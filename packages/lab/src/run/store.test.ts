import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Verdict } from "../experiment/experiment.ts";
import { type Beginning, Keeper } from "./keeper.ts";
import type { RunFolder } from "./runFolder.ts";
import { type KeptRun, keptRuns, RunStore } from "./store.ts";

const { pid } = process;
const settings: KeptRun["settings"] = {
  ...{ experiment: "toy", size: "quick", config: {}, engine: "wasm", versions: {} },
};
const run: Omit<KeptRun, "id"> = {
  ...{ folder: "/somewhere/toy-quick-00000000", settings, pid },
  ...{ seeds: 2, state: "running", started: 1, seconds: 0, verdicts: [] },
};

let home = "";
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "edgewise-store-"));
});
afterEach(() => rmSync(home, { recursive: true }));

async function kept(...runs: readonly Omit<KeptRun, "id">[]): Promise<KeptRun[]> {
  const store = await RunStore.open(home);
  for (const one of runs) store.keep(one);
  store.close();
  return keptRuns(home);
}

it("a store keeps one row for each folder, and is read by whoever opens it next", async () => {
  const finished = { ...run, state: "finished", seconds: 3.5 } as const;
  expect(await kept(run, { ...run, folder: "/elsewhere" }, finished)).toEqual([
    { id: 1, ...finished },
    { id: 2, ...run, folder: "/elsewhere" },
  ]);
  expect(readdirSync(home)).toEqual(["runs.sqlite"]);
});

it("a run whose process is no more is stopped", async () => {
  // Above what numbers of processes come to.
  const [stopped] = await kept({ ...run, pid: 2 ** 30 });
  expect(stopped?.state).toBe("stopped");
});

it("a store of before, without processes, is read and written", async () => {
  const old = new DatabaseSync(join(home, "runs.sqlite"));
  old.exec(`CREATE TABLE runs (id INTEGER PRIMARY KEY, folder TEXT NOT NULL UNIQUE,
    settings TEXT NOT NULL, seeds INTEGER NOT NULL, state TEXT NOT NULL, started INTEGER NOT NULL,
    seconds REAL NOT NULL, verdicts TEXT NOT NULL) STRICT;
    INSERT INTO runs VALUES (1, '/old', '{}', 1, 'finished', 1, 2, '[]')`);
  old.close();
  expect(keptRuns(home)).toMatchObject([{ folder: "/old", pid: 0 }]);
  expect(await kept(run)).toMatchObject([{ folder: "/old" }, { folder: run.folder, pid }]);
});

it("reading makes nothing, nor waits below /proc", () => {
  expect(keptRuns(join(home, "none", "deep"))).toEqual([]);
  expect(existsSync(join(home, "none"))).toBe(false);
  expect(keptRuns("/proc/none")).toEqual([]);
});

describe("trouble", () => {
  const file = () => join(home, "runs.sqlite");
  const otherTable = (): void => {
    const database = new DatabaseSync(file());
    database.exec("CREATE TABLE runs (a)");
    database.close();
  };
  const cases: readonly (readonly [string, RegExp, () => void])[] = [
    [
      "what is no database",
      /^no store of runs: file is not a database$/,
      () => writeFileSync(file(), "no database".repeat(500)),
    ],
    ["a folder", /^a folder$/, () => mkdirSync(file())],
    ["a pipe", /^a pipe$/, () => execFileSync("mkfifo", [file()])],
    ["somebody else's table", /^no store of runs: no such column: id$/, otherTable],
  ];

  it.each(cases)("%s is named by who reads, with how to mend it", (_, got, make) => {
    make();
    expect(() => keptRuns(home)).toThrow(
      expect.objectContaining({
        ...{ code: "unreadable_file", where: file(), got: expect.stringMatching(got) },
        fix: `move or remove ${file()}, or set EDGEWISE_HOME to another folder`,
      }),
    );
  });

  it.each(cases)("%s is told once by who runs, who goes on", async (_, __, make) => {
    make();
    expect(await warnings(home)).toEqual([expect.stringContaining(`move or remove ${file()}`)]);
  });

  it("somebody else's table is left as it is", async () => {
    otherTable();
    await warnings(home);
    const database = new DatabaseSync(file());
    expect(database.prepare("PRAGMA table_info(runs)").all()).toHaveLength(1);
    database.close();
  });

  it.each([
    ["/proc/none", "a folder that cannot be made: ENOENT"],
    ["/dev/null", "a file in place of a folder; set EDGEWISE_HOME to a folder"],
  ])("so is a home that cannot be: %s", async (place, got) => {
    expect(await warnings(place)).toEqual([
      expect.stringContaining(`runs are not kept in ${place}: ${got}`),
    ]);
  });

  it("a file in place of the folder is no empty store", () => {
    writeFileSync(file(), "");
    expect(() => keptRuns(file())).toThrow(
      expect.objectContaining({
        ...{ code: "unreadable_file", where: file(), got: "a file in place of a folder" },
        fix: "set EDGEWISE_HOME to a folder",
      }),
    );
  });
});

describe("what is kept of a run", () => {
  const of = { folder: { path: "/here" } as RunFolder, settings, seeds: 1 };
  const after = async (from: Beginning, seconds: number): Promise<number | undefined> => {
    const keeper = await Keeper.open(() => {}, home);
    keeper.begin(of, from);
    keeper.add(of, seconds, "finished", [verdict]);
    keeper.close();
    return keptRuns(home)[0]?.seconds;
  };
  const verdict: Verdict = {
    ...{ id: "K1", verdict: "reproduced", metric: "m", measured: 1, interval: null },
    ...{ expected: "e", reason: "r" },
  };

  it("has the seconds of its own jobs, those of a run that it goes on from included", async () => {
    expect(await after("nothing", 2)).toBe(2);
    expect(await after("part", 3)).toBe(5);
    expect(await after("all", 1)).toBe(1);
  });

  it.each([
    ["all", 1, 1],
    ["all", 2, 0],
    ["part", 1, 0],
    ["nothing", 1, 0],
  ] as const)(
    "begun again from %s with %i seeds and stopped has %i of its verdicts",
    async (from, seeds, verdicts) => {
      await after("nothing", 1);
      const keeper = await Keeper.open(() => {}, home);
      keeper.begin({ ...of, seeds }, from);
      keeper.add({ ...of, seeds }, 1, "stopped");
      keeper.close();
      const [kept] = keptRuns(home);
      expect([kept?.state, kept?.verdicts.length]).toEqual(["stopped", verdicts]);
    },
  );

  it("is kept under its whole path, whichever folder one stands in", async () => {
    const keeper = await Keeper.open(() => {}, home);
    keeper.begin({ ...of, folder: { path: "out/here" } as RunFolder }, "nothing");
    keeper.close();
    expect(keptRuns(home)[0]?.folder).toBe(resolve("out/here"));
  });

  it("that was kept under a part of its path is the same run", async () => {
    await kept({ ...run, folder: "out/here" });
    const keeper = await Keeper.open(() => {}, home, "/working");
    keeper.begin({ ...of, folder: { path: "/working/out/here" } as RunFolder }, "nothing");
    keeper.close();
    expect(keptRuns(home)).toMatchObject([{ folder: "out/here", seeds: 1 }]);
  });
});

/** What a keeper says that begins and ends a run. */
async function warnings(home: string): Promise<string[]> {
  const told: string[] = [];
  const keeper = await Keeper.open((message) => told.push(message), home);
  const of = { folder: { path: "/here" } as RunFolder, settings, seeds: 1 };
  keeper.begin(of, "nothing");
  keeper.add(of, 1, "finished");
  keeper.close();
  return told;
}
