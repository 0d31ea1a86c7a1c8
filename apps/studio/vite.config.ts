import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vite";

/** The page stands inside the lab's package, whose server serves it. */
export default defineConfig({
  plugins: [svelte()],
  base: "./",
  resolve: { conditions: ["edgewise-source", "browser", "module", "import", "default"] },
  worker: { format: "es" },
  build: { outDir: "../../packages/lab/page", emptyOutDir: true, target: "es2023" },
});
