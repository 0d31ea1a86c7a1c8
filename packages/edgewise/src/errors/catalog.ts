/**
 * Every error code of the project, with what it means. `docs/errors.md` has a section for each;
 * a test fails on a code that is undocumented or that nothing raises.
 */
export const catalog = {
  shape_mismatch: "a tensor's shape does not fit the others",
  missing_tensor: "a tensor that the model needs was not given",
  unknown_tensor: "a tensor was given that nothing reads",
  unknown_option: "an option's name is not known",
  bad_option: "an option's value is outside what it may be",
  not_finite: "a number is NaN or infinite where it must be finite",
  not_converged: "an iteration did not reach the point at which its gradient is taken",
  not_monotone: "a quantity rose that the inference promises to lower",
  bad_expression: "an expression in text form cannot be read",
  index_out_of_range: "an expression takes an element that its tensor does not have",
  empty_neighbourhood: "a node has no edge to choose from and the model says to stop then",
  not_positive_definite: "a matrix that has to be positive definite is not, in double precision",
  bad_program: "a program breaks a rule of the intermediate representation",
  bad_model: "a model is not one that can be inferred",
  engine_cannot: "an engine cannot run this program",
  engine_failed: "an engine stopped before it answered",
  bad_file: "a file is not what its name or its contents claim",
  unreadable_file: "a file cannot be opened or written",
  bad_image: "a picture cannot be used",
  bad_clicks: "the clicks do not fit the picture or each other",
  bad_usage: "a command was called in a way it does not have",
} as const;

export type ErrorCode = keyof typeof catalog;
