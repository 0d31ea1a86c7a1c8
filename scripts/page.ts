/** Builds the studio's page where its sources have changed since it was built last. */
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "vite";

const root = fileURLToPath(new URL("../", import.meta.url));
const studio = join(root, "apps/studio");
const stamp = join(root, "packages/lab/page/built.txt");

/** All that the page is made of. */
function* sources(): Generator<string> {
  for (const folder of ["apps/studio/src", "apps/studio/public", "packages/edgewise/src"])
    for (const entry of readdirSync(join(root, folder), { recursive: true, withFileTypes: true }))
      if (entry.isFile() && !entry.name.endsWith(".test.ts"))
        yield join(entry.parentPath, entry.name);
  for (const file of ["index.html", "vite.config.ts", "package.json"]) yield join(studio, file);
  for (const file of ["studio/told.ts", "run/comparison.ts"])
    yield join(root, "packages/lab/src", file);
  yield join(root, "package-lock.json");
}

const hash = createHash("sha256");
for (const file of [...sources()].sort())
  hash.update(file.slice(root.length)).update(readFileSync(file));
const digest = hash.digest("hex");

if (!existsSync(stamp) || readFileSync(stamp, "utf8") !== digest) {
  await build({ root: studio, configFile: join(studio, "vite.config.ts"), logLevel: "warn" });
  writeFileSync(stamp, digest);
}
