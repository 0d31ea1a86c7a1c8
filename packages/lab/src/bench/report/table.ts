import type { Verdict } from "../goals/judge.ts";
import type { Row } from "../run/row.ts";

/** Columns of text under their titles, numbers to the right. */
export function columns(
  titles: readonly string[],
  lines: readonly (readonly string[])[],
): string[] {
  const widths = titles.map((title, k) =>
    Math.max(title.length, ...lines.map((line) => line[k]?.length ?? 0)),
  );
  const isNumeric = titles.map((_, k) =>
    lines.every((line) => /^(–|[<≤≥]?[\d.,e+-]+%?)?$/.test(line[k] ?? "")),
  );
  const show = (line: readonly string[]): string =>
    titles
      .map((_, k) => {
        const cell = line[k] ?? "";
        return isNumeric[k] ? cell.padStart(widths[k] ?? 0) : cell.padEnd(widths[k] ?? 0);
      })
      .join("  ")
      .trimEnd();
  return [show(titles), ...lines.map(show)];
}

const titles = [
  "workload",
  "peer",
  "threads",
  "median ms",
  "10 %",
  "90 %",
  "rounds",
  "first ms",
  "GFLOP/s",
  "Medges/s",
  "ceiling",
  "MiB",
  "error",
];

/** Rows with numbers as a table, then a line for every row without. */
export function rowTable(rows: readonly Row[]): string[] {
  const measured = rows.filter(({ status }) => status === "measured");
  const others = rows.filter(({ status }) => status !== "measured");
  const lines = measured.map((row) => [
    row.workload,
    row.place === "chromium" ? `${row.peer} (chromium)` : row.peer,
    String(row.threads),
    digits(row.median_ms),
    digits(row.p10_ms),
    digits(row.p90_ms),
    String(row.rounds),
    digits(row.first_ms),
    digits(row.gflops),
    digits(row.edges_per_second === null ? null : row.edges_per_second / 1e6),
    row.ceiling_fraction === null ? "–" : `${(100 * row.ceiling_fraction).toFixed(1)}%`,
    row.memory_mib === null ? "–" : row.memory_mib.toFixed(0),
    row.error === null ? "–" : row.error.toExponential(0),
  ]);
  return [
    ...(measured.length === 0 ? [] : columns(titles, lines)),
    ...others.map(
      ({ workload, peer, place, threads, status, reason = "" }) =>
        `${workload}: ${peer}${place === "chromium" ? " (chromium)" : ""}, ${threads} thread${threads === 1 ? "" : "s"}, ${status}: ${reason}`,
    ),
  ];
}

/** Goals and what they came to. */
export function verdictTable(verdicts: readonly Verdict[]): string[] {
  if (verdicts.length === 0) return [];
  return columns(
    ["goal", "threads", "value", "must", "aim", "verdict", ""],
    verdicts.map((verdict) => [
      `${verdict.workload}${verdict.place === "chromium" ? " (chromium)" : ""}: ${verdict.claim}`,
      String(verdict.threads),
      digits(verdict.value),
      verdict.within === null ? digits(verdict.must) : verdict.within.join(" to "),
      digits(verdict.aim),
      verdict.verdict,
      verdict.indirect === undefined ? "" : `indirect: ${verdict.indirect}`,
    ]),
  );
}

/** Three digits that count. */
function digits(value: number | null): string {
  if (value === null || Number.isNaN(value)) return "–";
  if (value === 0) return "0";
  const size = Math.floor(Math.log10(Math.abs(value)));
  return size >= 5 || size < -4 ? value.toExponential(2) : value.toFixed(Math.max(0, 2 - size));
}
