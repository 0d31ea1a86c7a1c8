import { expect, it } from "vitest";
import type { Verdict } from "../experiment/experiment.ts";
import { reportOf, type Section } from "./report.ts";

const section: Section = {
  ...{ name: "toy", summary: "what a toy shows", seeds: 1, verdicts: [], failures: [] },
  settings: { experiment: "toy", size: "quick", config: {}, engine: "wasm", versions: {} },
  figures: [
    {
      ...{ name: "line", title: "A line", reading: "It rises.", plot: {}, table: [] },
      svg: "<svg></svg>",
    },
  ],
};
const verdict: Verdict = {
  ...{ id: "K6", verdict: "reproduced", metric: "error", measured: 0.5, interval: null },
  ...{ expected: "below 1", reason: "It is." },
};

it("a page is of one run, or of several, and claims no claims where there are none", () => {
  expect(reportOf([section])).toContain("<title>what a toy shows</title>");
  const several = reportOf([section, section]);
  expect(several).toContain("<title>What the experiments say</title>");
  expect(several).not.toMatch(/papers|<table/);
  const claimed = reportOf([section, { ...section, name: "other", verdicts: [verdict] }]);
  expect(claimed).toMatch(/What of the papers is reproduced[\s\S]*K6[\s\S]*other, quick, 1 seed</);
});

it("figures stand in boxes that scroll, and say so where they do", () => {
  const page = reportOf([section]);
  expect(page).toContain(
    '<div class="wide"><svg></svg></div><p class="hint quiet">scroll sideways for all of it</p>',
  );
  expect(page).toMatch(/figure svg \{[^}]*min-width: 480px[\s\S]*\.wide \{ overflow-x: auto;/);
  expect(page).toMatch(
    /\.hint \{ display: none;[\s\S]*width < 480px\) \{ \.hint \{ display: block/,
  );
});
