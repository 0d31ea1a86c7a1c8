/**
 * Digamma ψ(x) of a positive number, to 1e-12 of its size: ψ(x) = ψ(x + 1) − 1/x up to 10, then
 * the asymptotic series.
 *
 * @source Abramowitz & Stegun (1964), 6.3.5 and 6.3.18.
 */
export function digamma(x: number): number {
  let below = 0;
  let z = x;
  for (; z < 10; z++) below -= 1 / z;
  const u = 1 / (z * z);
  const series = u * (1 / 12 - u * (1 / 120 - u * (1 / 252 - u * (1 / 240 - u / 132))));
  return below + Math.log(z) - 0.5 / z - series;
}
