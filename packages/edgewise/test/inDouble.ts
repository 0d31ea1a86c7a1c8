/**
 * The library's calls on the reference engine: what is compared with oracles to more digits than
 * single precision has, or followed by finite differences, names its engine by importing these.
 */
import { posteriorExpectation as onAny, prepare as prepareOnAny } from "edgewise";
import { reference } from "edgewise/engines/reference";

const engine = reference();

export const posteriorExpectation: typeof onAny = (model, inputs, options) =>
  onAny(model, inputs, { engine, ...options });

export const prepare: typeof prepareOnAny = (model, options) =>
  prepareOnAny(model, { engine, ...options });
