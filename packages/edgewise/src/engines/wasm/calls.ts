/** Plans of a program's calls, remembered by the shapes of their inputs. */
import { countOf } from "../../array/tensor.ts";
import { defines, type Program } from "../../ir/program.ts";
import type { Inputs } from "../engine.ts";
import { bindInputs, type Environment } from "../shared/bindings.ts";
import { Arena } from "./arena.ts";
import type { Setting } from "./draft.ts";
import { Known } from "./known.ts";
import { type GivenList, givenLists } from "./lists.ts";
import type { LoweredProgram } from "./lower.ts";
import { firstAddress } from "./memory.ts";
import { dense, type Placed } from "./placed.ts";
import type { Segment } from "./plan.ts";
import { Planner } from "./planner.ts";

/** A call of a program on inputs of certain shapes. */
export interface PlannedCall {
  readonly shapes: readonly (readonly number[])[];
  /** Where inputs go, in the program's order; absent where no step reads them. */
  readonly inputs: readonly (Placed | undefined)[];
  readonly lists: readonly GivenList[];
  /** What runs first; absent where there is nobody to answer for. */
  readonly first: Segment | undefined;
  /** The answer where there is nobody: zeros of these shapes. */
  readonly empty: Readonly<Record<string, readonly number[]>>;
}

/** Shapes of calls that are remembered. */
const mostCalls = 32;

export class Calls {
  private readonly lowered: LoweredProgram;
  private readonly planner: Planner;
  /** The last one that was asked for comes first. */
  private readonly recent: PlannedCall[] = [];

  constructor(lowered: LoweredProgram, setting: Omit<Setting, "counts">) {
    this.lowered = lowered;
    this.planner = new Planner({ ...setting, counts: lowered.counts });
  }

  /** @throws shape_mismatch, missing_tensor, and engine_cannot when it needs too much memory */
  planFor(inputs: Inputs): PlannedCall {
    const { recent } = this;
    const k = recent.findIndex((call) => this.fits(call, inputs));
    if (k === 0) return recent[0]!;
    const [call = this.made(inputs)] = k < 0 ? [] : recent.splice(k, 1);
    recent.unshift(call);
    if (recent.length > mostCalls) recent.pop();
    return call;
  }

  /** Whether inputs have the shapes of a call that was checked before. */
  private fits({ shapes }: PlannedCall, inputs: Inputs): boolean {
    const { inputs: specs } = this.lowered.program;
    for (let k = 0; k < specs.length; k++) {
      const { name } = specs[k]!;
      const tensor = Object.hasOwn(inputs, name) ? inputs[name] : undefined;
      const shape = shapes[k]!;
      if (tensor === undefined || tensor.shape.length !== shape.length) return false;
      let count = 1;
      for (let d = 0; d < shape.length; d++) {
        if (tensor.shape[d] !== shape[d]) return false;
        count *= shape[d]!;
      }
      if (tensor.data.length !== count) return false;
    }
    return true;
  }

  private made(inputs: Inputs): PlannedCall {
    const { program, body, lists } = this.lowered;
    const arena = new Arena(firstAddress);
    const blocks = new Map<string, ReturnType<Arena["take"]>>();
    const isRead = (name: string): boolean => body.lastUse.has(name) || body.wanted.includes(name);
    const environment = bindInputs(program.inputs, inputs, program.name, ({ shape }, name) => {
      const storage = lists.has(name) ? "i32" : "f32";
      if (!isRead(name)) return dense(firstAddress, [...shape], storage);
      const block = arena.take(4 * countOf(shape));
      blocks.set(name, block);
      return dense(block.address, [...shape], storage);
    });
    const placed = program.inputs.map(({ name }) => environment.get(name));
    const nobody = hasNobody(program, environment);
    return {
      shapes: placed.map(({ shape }) => shape),
      inputs: placed.map((input, k) => (isRead(program.inputs[k]!.name) ? input : undefined)),
      lists: nobody ? [] : givenLists(program, (size) => environment.size(size)),
      first: nobody ? undefined : this.planner.plan(body, new Known(environment, arena, blocks)),
      empty: nobody ? emptyShapes(program, environment) : {},
    };
  }
}

/** Whether batch or heads are 0: then nothing happens, however long the claimed sequences. */
function hasNobody({ inputs }: Program, environment: Environment<Placed>): boolean {
  const symbols = new Set(inputs.flatMap(({ shape }) => shape));
  return ["B", "H"].some((symbol) => symbols.has(symbol) && environment.size(symbol) === 0);
}

function emptyShapes(
  { inputs, steps, outputs }: Program,
  environment: Environment<Placed>,
): Record<string, readonly number[]> {
  const specs = new Map(
    [...inputs, ...steps.flatMap(defines)].map((spec) => [spec.name, spec] as const),
  );
  for (const step of steps)
    if (step.kind === "fixedPoint") environment.setSize(`${step.iterations}#`, 0);
  return Object.fromEntries(
    Object.entries(outputs).map(([name, tensor]) => {
      const shape = specs.get(tensor)?.shape ?? [];
      return [name, shape.map((extent) => environment.size(extent))] as const;
    }),
  );
}
