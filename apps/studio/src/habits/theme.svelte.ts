/** Light or dark: as the system has it, unless one has chosen. */
import { MediaQuery } from "svelte/reactivity";
import { remember } from "./memory.ts";

export const themes = ["system", "light", "dark"] as const;
export type Theme = (typeof themes)[number];

const system = new MediaQuery("(prefers-color-scheme: dark)");

// The script theme.js has set it before the first paint.
const begun = document.documentElement.dataset["theme"];
let chosen = $state<Theme>(begun === "light" || begun === "dark" ? begun : "system");

export const theme = {
  get chosen(): Theme {
    return chosen;
  },
  /** Whether the page is dark now: what is drawn by hand is drawn again when this changes. */
  get isDark(): boolean {
    return chosen === "dark" || (chosen === "system" && system.current);
  },
  choose(next: Theme): void {
    chosen = next;
    remember("theme", next);
    if (next === "system") delete document.documentElement.dataset["theme"];
    else document.documentElement.dataset["theme"] = next;
  },
};
