/** One page with everything in it: verdicts, figures and settings, in light and dark. */
import { claims } from "../experiment/claims.ts";
import type { Figure, Verdict } from "../experiment/experiment.ts";
import type { Result, Settings } from "../run/results.ts";

export interface Section {
  readonly name: string;
  readonly summary: string;
  readonly settings: Settings;
  readonly seeds: number;
  readonly verdicts: readonly Verdict[];
  readonly failures: readonly Result[];
  readonly figures: readonly (Figure & { readonly svg: string })[];
}

const style = `
:root { color-scheme: light dark; --text: #1c1e21; --page: #ffffff; --line: #d8dbe0; --quiet: #5b6270;
  --good: #0a6b3d; --some: #8a5a00; --bad: #a3262b; --shade: #0004; }
@media (prefers-color-scheme: dark) { :root { --text: #e6e8eb; --page: #15171a; --line: #343941;
  --quiet: #a3abb8; --good: #5fd39b; --some: #f0b65a; --bad: #ff8f8f; --shade: #fff5; } }
body { font: 16px/1.5 system-ui, sans-serif; color: var(--text); background: var(--page);
  max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.6rem; } h2 { margin-top: 3rem; border-top: 1px solid var(--line); padding-top: 1rem; }
table { border-collapse: collapse; width: 100%; font-size: .9rem; font-variant-numeric: tabular-nums; }
th, td { text-align: left; vertical-align: top; padding: .35rem .6rem .35rem 0; border-bottom: 1px solid var(--line); }
figure { margin: 1.5rem 0; container-type: inline-size; } figcaption { color: var(--quiet); }
figure svg { display: block; max-width: 100%; min-width: 480px; height: auto; }
/* A shade at each edge; what scrolls along covers it where there is no more to come. */
.wide { overflow-x: auto; background:
  linear-gradient(to left, var(--page) 1rem, transparent) right / 3rem 100% no-repeat local,
  linear-gradient(to right, var(--page) 1rem, transparent) left / 3rem 100% no-repeat local,
  linear-gradient(to left, var(--shade), transparent) right / 1rem 100% no-repeat scroll,
  linear-gradient(to right, var(--shade), transparent) left / 1rem 100% no-repeat scroll; }
.hint { display: none; margin: .25rem 0; text-align: right; font-style: italic; }
@container (width < 480px) { .hint { display: block; } }
.quiet { color: var(--quiet); font-size: .85rem; }
.reproduced { color: var(--good); } .conditional { color: var(--some); } .not { color: var(--bad); }
pre { overflow-x: auto; font-size: .8rem; } summary { cursor: pointer; }
@media (max-width: 40rem) { thead { display: none; } table, tbody, tr, td { display: block; }
  tr { border-bottom: 1px solid var(--line); padding: .6rem 0; } td { border: 0; padding: .15rem 0; } }`;

/** Page of one run, or of several; claims first, where they are about any. */
export function reportOf(sections: readonly Section[]): string {
  const [first] = sections;
  const title =
    sections.length === 1 && first !== undefined ? first.summary : "What the experiments say";
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${escaped(title)}</title><style>${style}</style></head><body>
<h1>${escaped(title)}</h1>
<p>${noteOf(sections)}Intervals hold 95 % of a bootstrap over seeds.</p>
${table(sections)}
${sections.map(sectionOf).join("\n")}
</body></html>
`;
}

const noteOf = (sections: readonly Section[]): string =>
  sections.some(({ settings }) => settings.size === "quick")
    ? "Quick sizes show that everything runs, and the direction of effects. "
    : "";

const sizeOf = ({ settings, seeds }: Section): string =>
  `${settings.size === "quick" ? "quick" : "full size"}, ${seeds} seed${seeds === 1 ? "" : "s"}`;

function table(sections: readonly Section[]): string {
  const rows = sections.flatMap((section) =>
    section.verdicts.map(
      ({ id, verdict, metric, measured, interval, expected, reason }) => `<tr>
<td><b>${id}</b><br><span class="quiet">${claims[id].paper}<br>${escaped(section.name)}, ${sizeOf(section)}</span></td>
<td>${escaped(claims[id].text)}<br><span class="quiet">${escaped(reason)}</span></td>
<td>${escaped(metric)}: ${show(measured)}${interval ? ` <span class="quiet">[${show(interval[0])}, ${show(interval[1])}]</span>` : ""}<br>
<span class="quiet">expected ${escaped(expected)}</span></td>
<td class="${verdict.split(" ")[0]}">${mark[verdict]} ${verdict}</td></tr>`,
    ),
  );
  if (rows.length === 0) return "";
  return `<h2>What of the papers is reproduced</h2>
<table><thead><tr><th>claim</th><th>what it says, and our reading</th><th>measured</th><th>verdict</th></tr></thead>
<tbody>${rows.join("\n")}</tbody></table>`;
}

const mark = { reproduced: "✓", conditional: "◐", "not reproduced": "✗" } as const;

function sectionOf(section: Section): string {
  const { name, summary, settings, seeds, failures, figures } = section;
  const broken = failures.map(
    ({ key, seed, error }) =>
      `<p class="not">${escaped(key)}, seed ${seed}, failed: ${escaped(error ?? "")}</p>`,
  );
  return `<h2>${escaped(name)}: ${escaped(summary)}</h2>
<p class="quiet">${sizeOf(section)}</p>
${broken.join("\n")}
${figures.map(figureOf).join("\n")}
<details><summary>Settings</summary><pre>${escaped(JSON.stringify({ ...settings, seeds }, undefined, 2))}</pre></details>`;
}

const figureOf = ({ title, reading, svg }: Section["figures"][number]): string =>
  `<figure><h3>${escaped(title)}</h3><div class="wide">${svg}</div><p class="hint quiet">scroll sideways for all of it</p><figcaption>${escaped(reading)}</figcaption></figure>`;

/** Four digits, or a power of ten. */
export function show(value: number): string {
  if (value === 0 || !Number.isFinite(value)) return String(value);
  const size = Math.abs(value);
  return size >= 1e5 || size < 1e-3 ? value.toExponential(1) : String(Number(value.toPrecision(4)));
}

const escaped = (text: string): string =>
  text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
