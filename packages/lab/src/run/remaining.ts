import type { Standing } from "./workOff.ts";

/** Share of what was missing before which no time is told: it would be that of the start. */
const tooEarly = 0.03;

/** Seconds of work that are left after so many; nothing while it is too early to tell. */
export function secondsLeft({ done, all, before }: Standing, seconds: number): number | undefined {
  const share = (done - before) / (all - before);
  return share < tooEarly ? undefined : Math.ceil((seconds * (1 - share)) / share);
}
