import type { Command } from "commander";
import { mechanismCommand } from "./mechanism.ts";

/** `edgewise run NAME`: one mechanism on tensors from a file. */
export function run(program: Command): void {
  mechanismCommand(program, {
    name: "run",
    description: "infer one mechanism on tensors from a file",
    example:
      "edgewise run self --input in.safetensors --output out.safetensors\n  edgewise run self --show-kernel",
    execute: "runRow",
  });
}
