import type { Tensor } from "./tensor.ts";

/**
 * Whether all numbers are finite. Every input of every call is asked, so single precision is read as
 * bits, of which all eight of the exponent are set in what is not finite.
 */
export function allFinite(data: Tensor["data"]): boolean {
  if (data instanceof Float32Array)
    return haveExponents(new Int32Array(data.buffer, data.byteOffset, data.length));
  let sum = 0;
  // 0 times anything else is NaN.
  for (let k = 0; k < data.length; k++) sum += (data[k] as number) * 0;
  return sum === 0;
}

function haveExponents(bits: Int32Array): boolean {
  const [exponent, one] = [0x7f800000, 0x00800000];
  let carried = 0;
  const end = (bits.length - 3) | 0;
  let k = 0;
  for (; k < end; k = (k + 4) | 0) {
    const first =
      (((bits[k] as number) & exponent) + one) | (((bits[k + 1] as number) & exponent) + one);
    const second =
      (((bits[k + 2] as number) & exponent) + one) | (((bits[k + 3] as number) & exponent) + one);
    carried |= first | second;
  }
  for (; k < bits.length; k++) carried |= ((bits[k] as number) & exponent) + one;
  return carried >= 0;
}
