/**
 * Whether whoever looks has asked for less motion.
 *
 * What moves by itself then stands still, and what is to glide jumps. What one starts, such as an
 * iteration that is played, may run.
 */
export const prefersStill = (): boolean => matchMedia("(prefers-reduced-motion: reduce)").matches;
