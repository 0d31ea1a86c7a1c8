/** Builds the page once, before all files that open it. */
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";

export function setup(): void {
  const root = fileURLToPath(new URL("../../../../", import.meta.url));
  execFileSync(process.execPath, ["scripts/page.ts"], { cwd: root });
}
