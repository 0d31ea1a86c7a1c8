/** Checks of a claim: rows with an error each, and the outcome that they come to. */
import type { ClaimId } from "./claims.ts";
import { numberOf, type Outcome, type Row } from "./experiment.ts";

/**
 * How a check bears on a claim: it has to hold; or it is the claim as it is printed, which makes
 * the claim conditional where it fails; or it shows what the claim is told apart from.
 */
export const parts = ["holds", "as printed", "contrast"] as const;
export type Part = (typeof parts)[number];

/** Largest errors that an instance showed, by check. */
export type Measured = Readonly<Partial<Record<Part, Readonly<Record<string, number>>>>>;

export const checkRows = (claim: ClaimId, measured: Measured): Row[] =>
  Object.entries(measured).flatMap(([part, checks]) =>
    Object.entries(checks).map(([check, error]) => ({ claim, part, check, error })),
  );

/** Checks of a part of a claim, each with its largest error. */
export function worstOf(rows: readonly Row[], claim: string, part: Part): Map<string, number> {
  const worst = new Map<string, number>();
  for (const row of rows) {
    if (row["claim"] !== claim || row["part"] !== part) continue;
    const check = String(row["check"]);
    const [before, error] = [worst.get(check) ?? 0, row["error"]];
    // JSON has no numbers that are not finite: what is no number is the largest error.
    const isNumber = typeof error === "number" && !Number.isNaN(error);
    worst.set(
      check,
      isNumber ? Math.max(before, numberOf(row, "error")) : Number.POSITIVE_INFINITY,
    );
  }
  return worst;
}

export interface Judged {
  readonly outcome: Outcome;
  /** Largest error of what has to hold, of so many checks. */
  readonly measured: number;
  readonly checks: number;
  /** What has to hold and does not. */
  readonly failed: readonly string[];
  /** What is printed and does not hold, with its error. */
  readonly conditions: readonly (readonly [check: string, error: number])[];
}

/** Outcome of a claim; undefined where nothing of it was checked. */
export function judged(
  rows: readonly Row[],
  claim: ClaimId,
  tolerance: number,
): Judged | undefined {
  const holds = worstOf(rows, claim, "holds");
  if (holds.size === 0) return undefined;
  const failed = [...holds].filter(([, error]) => !(error < tolerance)).map(([check]) => check);
  const conditions = [...worstOf(rows, claim, "as printed")].filter(
    ([, error]) => !(error < tolerance),
  );
  const outcome =
    failed.length > 0 ? "not reproduced" : conditions.length > 0 ? "conditional" : "reproduced";
  const measured = Math.max(...holds.values());
  return { outcome, measured, checks: holds.size, failed, conditions };
}

/** Why: what failed, or the reason that is given, with what does not hold as it is printed. */
export function reasonOf({ failed, conditions }: Judged, reason: string): string {
  if (failed.length > 0) return `Outside the tolerance: ${failed.join("; ")}.`;
  const not = conditions.map(
    ([check, error]) => `; not so: ${check}, off by ${error.toPrecision(2)}`,
  );
  return `${reason}${not.join("")}.`;
}
