import type { Command } from "commander";
import { mechanismCommand } from "./mechanism.ts";

/** `edgewise gradient NAME`: the vector–Jacobian product of one mechanism. */
export function gradient(program: Command): void {
  mechanismCommand(program, {
    name: "gradient",
    description: "gradients by every input; cotangents are tensors named d_OUTPUT",
    example: "edgewise gradient self --input in.safetensors --output gradient.safetensors",
    execute: "gradientRow",
  });
}
