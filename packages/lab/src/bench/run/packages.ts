import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

/** Package that was found, and the file that an import of it runs. */
export interface FoundPackage {
  readonly address: string;
  readonly version: string;
  /** Folder of its manifest. */
  readonly folder: string;
  /** File from which it was found. */
  readonly place: string;
}

/** Where peers are looked for: the working folder, the command's own place, the bench workspace. */
function places(): string[] {
  const own = fileURLToPath(import.meta.url);
  const found = [join(process.cwd(), "package.json"), own];
  try {
    found.push(createRequire(own).resolve("@edgewise/bench/package.json"));
  } catch {
    // Installed without the workspace: then there are the other two.
  }
  return found;
}

/** A package by name, or nothing where it is not installed. */
export function findPackage(name: string): FoundPackage | undefined {
  for (const place of places()) {
    try {
      const file = createRequire(place).resolve(name);
      return { address: pathToFileURL(file).href, place, ...manifestOf(name, file) };
    } catch {
      // Looked for in the next place.
    }
  }
  return undefined;
}

/** Version and folder of the nearest manifest of that name above a file. */
function manifestOf(name: string, file: string): { version: string; folder: string } {
  for (let folder = dirname(file); folder !== dirname(folder); folder = dirname(folder)) {
    try {
      const manifest = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
      if (manifest.name === name) return { version: manifest.version, folder };
    } catch {
      // Looked for one folder up.
    }
  }
  return { version: "unknown", folder: dirname(file) };
}
