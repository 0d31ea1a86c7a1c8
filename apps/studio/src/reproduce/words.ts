/** What is told of claims, runs and reruns, in words. */
import type { ToldClaim, ToldProgress, ToldRerun, ToldRun } from "@edgewise/lab/reader";

export type Verdict = NonNullable<ToldClaim["verdict"]>;

/** Signs beside the words, so that colour says nothing alone. */
export const marks: Readonly<Record<Verdict["verdict"], string>> = {
  reproduced: "✓",
  conditional: "◐",
  "not reproduced": "✗",
};

/** Papers by the letters under which claims name them. */
export const papers: Readonly<Record<string, { readonly by: string; readonly title: string }>> = {
  AISI: { by: "Singh and Buckley 2023", title: "Attention as Implicit Structural Inference" },
  PAIS: {
    by: "Gabbur, Bilkhu and Movellan 2021",
    title: "Probabilistic Attention for Interactive Segmentation",
  },
  ELV: {
    by: "Zhang, Liu, Wang and Yang 2022",
    title: "An Analysis of Attention via the Lens of Exchangeability and Latent Variable Models",
  },
};

/** A number to three digits; JSON knows none that are not finite, and has null for them. */
export const shown = (value: number | null): string =>
  value === null ? "not finite" : String(Number(value.toPrecision(3)));

/** What was measured, with its interval where it has one. */
export const measured = ({ measured: value, interval }: Verdict): string =>
  interval === null ? shown(value) : `${shown(value)} [${interval.map(shown).join(", ")}]`;

export const judged = ({ verdict }: Verdict): string => `${marks[verdict]} ${verdict}`;

/** What is told of a claim that has no verdict here; some are judged in full size alone. */
export function unjudged({ known, experiments }: ToldClaim, runs: readonly ToldRun[]): string {
  const own = runs.filter(({ experiment }) => experiments.includes(experiment));
  const sizes = [
    ...new Set(own.filter(({ state }) => state === "finished").map(({ size }) => size)),
  ];
  const said = sizes.length === 0 ? "not run here" : `no verdict in ${sizes.join(" or ")} size`;
  return `${said}; known as ${known}`;
}

export const counted = (count: number, noun: string): string =>
  `${count} ${noun}${count === 1 ? "" : "s"}`;

/** Day and minute, where the page is read. */
export function when(milliseconds: number): string {
  const time = new Date(milliseconds);
  const two = (value: number): string => String(value).padStart(2, "0");
  const day = [time.getFullYear(), two(time.getMonth() + 1), two(time.getDate())].join("-");
  return `${day} ${two(time.getHours())}:${two(time.getMinutes())}`;
}

/** What a rerun is of: the claims that asked for it are among those of its experiments. */
export const subject = ({ experiments, claims, size, seeds }: ToldRerun): string =>
  `${experiments.join(", ")}${claims.length === 0 ? "" : ` (${claims.join(", ")})`}, ${size} size, ${counted(seeds, "seed")}`;

/** How far it is, and how long it will take. */
export function standing({ ended, all, note, secondsLeft }: ToldProgress): string {
  const left = secondsLeft === undefined ? "" : `, about ${secondsLeft} s left`;
  return `${note}: ${ended} of ${counted(all, "job")} done${left}`;
}

/** What a rerun came to. */
export function outcome(rerun: ToldRerun): string {
  switch (rerun.state) {
    case "running":
      return "";
    case "stopped":
      return "Stopped. What had ended is kept: run it again, and it goes on from there.";
    case "failed":
      return `Failed: ${rerun.error.got}. Expected: ${rerun.error.expected}. To mend it: ${rerun.error.fix}.`;
    case "ended": {
      const counts = Object.keys(marks).flatMap((verdict) => {
        const count = rerun.verdicts.filter((told) => told.verdict === verdict).length;
        return count === 0 ? [] : [`${count} ${verdict}`];
      });
      const failed = rerun.failures.length;
      const judgements = counts.length === 0 ? "no verdict" : counts.join(", ");
      return `Ended: ${judgements}${failed === 0 ? "" : `; ${counted(failed, "job")} failed`}.`;
    }
  }
}

/** What is read aloud of a rerun: quarters of it, and its end. */
export function announcement(rerun: ToldRerun | undefined): string {
  if (rerun === undefined) return "";
  if (rerun.state !== "running") return outcome(rerun);
  const { progress } = rerun;
  const quarters = progress === undefined ? 0 : Math.floor((4 * progress.done) / progress.all);
  return `Running again ${rerun.experiments.join(", ")}: ${25 * quarters} % done.`;
}

/** Runs that say something of a claim, the latest first, with what they say. */
export const saidOf = (
  id: string,
  runs: readonly ToldRun[],
): { readonly run: ToldRun; readonly verdict: Verdict }[] =>
  latestFirst(runs).flatMap((run) =>
    run.verdicts.filter((verdict) => verdict.id === id).map((verdict) => ({ run, verdict })),
  );

export const latestFirst = (runs: readonly ToldRun[]): ToldRun[] =>
  runs.toSorted((a, b) => b.started - a.started || b.id - a.id);
