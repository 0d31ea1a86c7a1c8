/** A thread of the WebAssembly engine: takes tasks of the kernel under way until none is left. */
import { ownPort } from "../../shared/threads.ts";
import { type Compiled, instantiate } from "../modules.ts";
import type { Call } from "../runtime.ts";
import { looks, mostFailureText, type Welcome, word } from "./control.ts";

const calls: Call[] = [];
let welcome: Welcome | undefined;
/** State of the last kernel that was worked on. */
let seen = 0;

/** Works whenever there is something to do; back when a module is missing, which is on its way. */
function work({ words, place }: Welcome): void {
  for (;;) {
    const state = Atomics.load(words, word.state);
    if (state === seen || (state & 1) === 0) {
      rest(words, state);
      continue;
    }
    Atomics.store(words, word.inside + place, 1);
    Atomics.add(words, word.active, 1);
    const isOpen = Atomics.load(words, word.state) === state;
    const call = isOpen ? calls[words[word.kernel]!] : undefined;
    if (call !== undefined && place < words[word.threads]!) take(words, place, call);
    Atomics.store(words, word.inside + place, 0);
    if (Atomics.sub(words, word.active, 1) === 1) Atomics.notify(words, word.active);
    if (isOpen && call === undefined) return;
    seen = state;
  }
}

function rest(words: Int32Array, state: number): void {
  for (let k = 0; k < looks; k++) if (Atomics.load(words, word.state) !== state) return;
  Atomics.wait(words, word.state, state);
}

function take(words: Int32Array, place: number, call: Call): void {
  const [tasks, piece] = [words[word.tasks]!, words[word.piece]!];
  const scratch = words[word.scratch]! + place * words[word.scratchBytes]!;
  try {
    for (;;) {
      const from = Atomics.add(words, word.next, piece);
      if (from >= tasks) return;
      call(words[word.params]!, from, Math.min(tasks, from + piece), scratch);
    }
  } catch (error) {
    fail(words, String(error));
  }
}

function fail(words: Int32Array, text: string): void {
  const length = Math.min(mostFailureText, text.length);
  for (let k = 0; k < length; k++) words[word.failureText + k] = text.charCodeAt(k);
  Atomics.store(words, word.failure, length);
}

function listen(message: unknown): void {
  const told = message as Welcome | Compiled;
  if ("words" in told) welcome = told;
  else if (welcome !== undefined)
    instantiate(told, welcome.memory).forEach((call, k) => {
      calls[told.first + k] = call;
    });
  if (welcome !== undefined) work(welcome);
}

// Nothing is awaited here: bundlers make scripts of threads that may not.
void ownPort().then((port) => port.listen(listen));
