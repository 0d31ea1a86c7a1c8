import { afterEach, expect, it } from "vitest";
import { EdgewiseError } from "../../../errors/edgewiseError.ts";
import type { Thread } from "../../shared/threads.ts";
import { constant, get, load, type Value, w } from "../assembler/code.ts";
import { writer } from "../kernel/kernel.ts";
import { kernel } from "../kernel/plain.ts";
import { Memory } from "../memory.ts";
import { Modules, type Ready } from "../modules.ts";
import type { KernelCall } from "../plan.ts";
import { Crew } from "./crew.ts";
import { starter } from "./start.ts";

const crews: Crew[] = [];
afterEach(() => {
  for (const crew of crews.splice(0)) crew.dispose();
});

/** Adds 1 where a task's number stands, after a while, and does what is asked if it is a helper. */
function counting(
  memory: Memory,
  turns: number,
  whenHelping?: (scratch: Value) => Value,
): KernelCall {
  const made = writer("counting", () => "f32");
  const { code } = made;
  const [params, from, to, scratch] = code.params;
  const [task, turn] = [code.local("i32"), code.local("i32")];
  if (whenHelping !== undefined)
    code.if(w("i32.ne", scratch!, 1024), () => code.set(turn, whenHelping(get(scratch!))));
  code.range(task, from!, to!, 1, () => {
    code.range(turn, 0, turns, 1, () => {});
    const at = w("i32.add", params!, w("i32.mul", task, 4));
    code.store("i32.store", at, w("i32.add", load("i32.load", at), 1));
  });
  const made1 = kernel(made, [], [], [], undefined, []);
  const ready = new Map<typeof made1, Ready>();
  new Modules(memory, false).compile([made1], ready);
  const one = ready.get(made1);
  if (one === undefined) throw new Error("not compiled");
  return {
    ...one,
    ...{ kind: "kernel", kernel: made1, part: 0, params: 4096, tasks: 2000, work: 1e9 },
    ...{ threads: 2, scratch: 1024, scratchBytes: 256, checkedShapes: [], weighed: new Map() },
  };
}

async function crewOf(memory: Memory, patience?: number) {
  const start = await starter();
  const threads: Thread[] = [];
  const crew = new Crew(
    2,
    memory,
    () => {
      const thread = start();
      threads.push(thread);
      return thread;
    },
    patience,
  );
  crews.push(crew);
  const run = (call: KernelCall, told?: () => void): void => {
    const running = crew.run(call, told);
    while (!running.next().done) crew.waitAtOnce();
  };
  return { crew, threads, run };
}

function shared(): Memory {
  const memory = new Memory(true);
  memory.reach(65536, "a test", { bytes: 0, what: "nothing" });
  return memory;
}

it("threads that cannot be started end those that were, and say why", async () => {
  const start = await starter();
  const ended: number[] = [];
  let made = 0;
  const third = (): Thread => {
    if (made === 2) throw new TypeError("another origin");
    const place = made++;
    const thread = start();
    return {
      ...thread,
      terminate: () => {
        ended.push(place);
        thread.terminate();
      },
    };
  };
  expect(() => new Crew(4, shared(), third)).toThrow(/another origin[\s\S]*threads: 1/);
  expect(ended).toEqual([0, 1]);
});

it("every task is done once, whoever takes it, from the first call on", async () => {
  const memory = shared();
  const { run } = await crewOf(memory);
  const call = counting(memory, 3000);
  for (let round = 1; round <= 50; round++) {
    run(call);
    const counts = memory.wholes.slice(call.params / 4, call.params / 4 + call.tasks);
    expect(counts.every((count) => count === round)).toBe(true);
  }
});

it("a thread that fails is an error of the call", async () => {
  const memory = shared();
  const { run, crew } = await crewOf(memory);
  const call = counting(memory, 3000, () => load("i32.load", constant("i32", -4)));
  const many = (): void => {
    for (let k = 0; k < 500; k++) run(call);
  };
  expect(many).toThrow(/engine_failed[\s\S]*out of bounds/);
  expect(crew.isLost).toBe(true);
});

it("a thread that dies at work is an error of the call, which does not hang", async () => {
  const memory = shared();
  const call = counting(memory, 30_000);
  // A busy machine may not have let the thread come yet: then the call is done without it.
  for (let attempt = 0, refused = false; !refused && attempt < 20; attempt++) {
    const { run, threads } = await crewOf(memory, 300);
    for (let k = 0; k < 10; k++) run(call);
    let pieces = 0;
    const kill = (): void => {
      if (++pieces === 3) threads[0]?.terminate();
    };
    try {
      run(call, kill);
    } catch (error) {
      refused = true;
      expect(error).toBeInstanceOf(EdgewiseError);
      expect(error).toMatchObject({ code: "engine_failed", where: "a thread of wasm" });
    }
  }
  expect.assertions(2);
});
