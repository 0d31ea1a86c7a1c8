/** The other side of `engines/worker`: runs the reference engine on what it is sent. */
import { EdgewiseError } from "../../errors/edgewiseError.ts";
import { type ReferenceArtifact, reference } from "../reference/index.ts";
import { ownPort } from "../shared/threads.ts";
import type { Forget, Reply, Request } from "./messages.ts";

const engine = reference();
const artifacts = new Map<number, ReferenceArtifact>();

function answer({ call, key, program, inputs }: Request): Reply {
  try {
    if (program !== undefined) artifacts.set(key, engine.lower(program));
    return { call, answer: engine.runSync(artifacts.get(key) as ReferenceArtifact, inputs) };
  } catch (error) {
    return { call, failure: error instanceof EdgewiseError ? error.fields() : String(error) };
  }
}

const port = await ownPort();
port.listen((message) => {
  if (typeof message === "object" && message !== null && "forget" in message)
    artifacts.delete((message as Forget).forget);
  else port.send(answer(message as Request));
});
