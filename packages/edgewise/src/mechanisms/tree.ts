import {
  type DependencyTree,
  dependencyTree,
  type JointModel,
  jointModel,
} from "../model/jointModel.ts";

/**
 * Dependency tree: every node has one head or is a root, and no node is above itself.
 *
 * p(tree) ∝ exp { Σ head[h, m] over its edges h → m + Σ root[m] over its roots }
 *
 * | argument        | shape     | unit                                    |
 * | --------------- | --------- | --------------------------------------- |
 * | head            | [B, N, N] | nats; head, modifier; diagonal not read |
 * | root            | [B, N]    | nats                                    |
 * | value           | [B, N, V] | for `expectation`                       |
 * | → marginals     | [B, N, N] | Pr[h is the head of m]                  |
 * | → rootMarginals | [B, N]    | Pr[m is a root]                         |
 * | → logPartition  | [B]       | nats                                    |
 * | → expectation   | [B, N, V] | soft parent Σ_h Pr[h → m] value_h       |
 *
 * @source Kim et al. (2017), "Structured Attention Networks", syntactic attention; Koo et al.
 *   (2007), "Structured Prediction Models via the Matrix-Tree Theorem"; docs/mathematics.md, 11.2.
 * @limit  Root scores far above all others, with `roots: "many"`, make every node a root.
 * @cost   O(N³) time, O(N² log N) memory.
 */
export function tree({
  name = "tree",
  ...options
}: { name?: string } & Partial<Omit<DependencyTree, "kind">> = {}): JointModel {
  return jointModel({ name, structure: dependencyTree(options) });
}
