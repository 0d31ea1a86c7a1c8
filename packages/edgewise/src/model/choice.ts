/** Which edges exist together: one of each owner's, or each by a choice of its own. */
export type Choice =
  | { readonly kind: "categorical" }
  | { readonly kind: "binary"; readonly noise: "logistic" | "probit" | "none" };

/** Each owner has exactly one edge: its posterior is a softmax. */
export const categorical = (): Choice => ({ kind: "categorical" });
/**
 * Each edge is there or not, apart from all others: it is there where log odds + potential + noise
 * is above 0. The prior is the log odds. Logistic noise gives the posterior σ, standard normal
 * noise ("probit") the normal distribution function, no noise a step.
 */
export const binary = (options: { noise?: "logistic" | "probit" | "none" } = {}): Choice => ({
  kind: "binary",
  noise: "logistic",
  ...options,
});
