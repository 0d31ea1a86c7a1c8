/** Functions that jax-js computes to five digits only, to seven. */
import type { Arr, Jax } from "./library.ts";

/**
 * Logarithm with one step of Newton's method behind that of jax-js, whose error of 10⁻⁵ would be
 * that of every log evidence; `x` stays the caller's. The gradient is that of jax-js, 1 / x.
 */
export function logarithm({ numpy, lax }: Jax, x: Arr): Arr {
  const y = numpy.log(x.ref);
  const isNumber = numpy.less(numpy.absolute(y.ref), Number.MAX_VALUE);
  const held = numpy.where(isNumber, y.ref, 0);
  const ratio = numpy.multiply(x.ref, numpy.exp(numpy.negative(held)));
  const error = numpy.subtract(ratio, 1);
  const isSmall = numpy.less(numpy.absolute(error.ref), 1e-3);
  return numpy.add(y, lax.stopGradient(numpy.where(isSmall, error, 0)));
}

/** log(1 + x) for x in [0, 1], exact for small x as well: 2 artanh(x / (2 + x)); takes `x`. */
export function logOnePlus({ numpy }: Jax, x: Arr): Arr {
  const z = numpy.trueDivide(x.ref, numpy.add(x, 2));
  const square = numpy.multiply(z.ref, z.ref);
  let series = numpy.multiply(square.ref, 1 / 17);
  for (let n = 15; n >= 3; n -= 2) series = numpy.multiply(numpy.add(series, 1 / n), square.ref);
  square.dispose();
  return numpy.multiply(numpy.multiply(z, 2), numpy.add(series, 1));
}
