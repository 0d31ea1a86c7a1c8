/** What the page asks its server, and what the server tells by itself. */
import type { Told, ToldRerun } from "@edgewise/lab/reader";

/** All that is known of claims and runs. @throws Error in words for who reads the page */
export const load = (): Promise<Told> => answered("api/claims");

/** Runs the experiments behind claims again, in quick size. @throws Error in words */
export async function runAgain(claims: readonly string[]): Promise<void> {
  const headers = { "content-type": "application/json" };
  await answered("api/reruns", { method: "POST", headers, body: JSON.stringify({ claims }) });
}

/** Stops the rerun that goes on. @throws Error in words */
export async function stop(): Promise<void> {
  const headers = { "content-type": "application/json" };
  await answered("api/reruns", { method: "DELETE", headers });
}

async function answered<Answer>(path: string, request: RequestInit = {}): Promise<Answer> {
  const answer = await fetch(path, request).catch(() => {
    throw new Error("the studio's server does not answer");
  });
  const found = await answer.json();
  if (answer.ok) return found;
  const { got, expected, fix } = found.error;
  throw new Error(`got ${got}; expected ${expected}; to mend it: ${fix}`);
}

interface Listener {
  /** Told how the rerun stands that goes on, or ended last. */
  readonly onRerun: (rerun: ToldRerun) => void;
  /** Told when the server goes away, and when it is there again. */
  readonly onPresence: (isThere: boolean) => void;
}

/** Listens to the server until the answer is called; the browser asks again by itself. */
export function listen({ onRerun, onPresence }: Listener): () => void {
  const source = new EventSource("api/reruns/events");
  for (const name of ["progress", "ended"])
    source.addEventListener(name, ({ data }: MessageEvent<string>) => onRerun(JSON.parse(data)));
  source.onopen = () => onPresence(true);
  source.onerror = () => onPresence(false);
  return () => source.close();
}
