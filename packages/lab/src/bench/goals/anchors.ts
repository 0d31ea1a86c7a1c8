/**
 * Milliseconds of peers on the machine of docs/performance.md, for where a peer is not installed:
 * then its time here is taken to be that of one which is, times the ratio of the two there.
 */

/** Times by the number of threads. */
type Times = Readonly<Partial<Record<1 | 2, number>>>;

export const anchors: Readonly<Record<string, Readonly<Record<string, Times>>>> = {
  "dense-1024": {
    "ort-node": { 1: 13.3, 2: 7.5 },
    torch: { 1: 25, 2: 12.5 },
    "torch-flex": { 1: 32, 2: 14.4 },
    "torch-eager": { 1: 70, 2: 40 },
    "ort-web": { 1: 78.6 },
    "jax-js": { 1: 180 },
    tfjs: { 1: 610 },
  },
  "dense-4096": {
    "ort-node": { 1: 184, 2: 98 },
    torch: { 1: 388, 2: 198 },
    "torch-eager": { 2: 2560 },
    "jax-js": { 1: 3010 },
    tfjs: { 1: 10500 },
  },
  "backward-1024": {
    torch: { 1: 88, 2: 46 },
    "torch-eager": { 1: 168, 2: 151 },
    "jax-js": { 1: 358 },
    tfjs: { 1: 4750 },
  },
  "backward-4096": {
    torch: { 1: 1380, 2: 706 },
    "torch-eager": { 2: 3060 },
    "jax-js": { 1: 5500 },
  },
  "recency-4096": {
    "torch-flex": { 1: 237, 2: 123 },
    "ort-node": { 1: 265, 2: 156 },
    torch: { 1: 415, 2: 215 },
  },
  "recency-16384": {
    "torch-flex": { 1: 477, 2: 335 },
    "ort-node": { 2: 409 },
    torch: { 2: 437 },
  },
  "window-256": {
    "torch-flex": { 1: 45, 2: 23 },
    "ort-node-window": { 2: 480 },
    "ort-node": { 2: 757 },
    torch: { 2: 2700 },
  },
  slot: { torch: { 1: 7.8, 2: 4.4 }, "jax-js": { 1: 7.6 } },
  hopfield: {
    torch: { 1: 85, 2: 42 },
    "ort-node": { 1: 58, 2: 58 },
    "ort-web": { 1: 249 },
    "jax-js": { 1: 278 },
  },
  mixture: { torch: { 1: 1100, 2: 610 } },
  training: { torch: { 1: 0.6, 2: 0.51 }, "jax-js": { 1: 0.71 }, tfjs: { 1: 1.22 } },
  small: {
    torch: { 1: 0.006 },
    "torch-eager": { 1: 0.01 },
    "ort-node": { 1: 0.014 },
    "ort-web": { 1: 0.029 },
    tfjs: { 1: 0.037 },
    "jax-js": { 1: 0.07 },
  },
};

/** MiB beyond the loaded library, for the same purpose. */
export const memoryAnchors: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  "recency-16384": { "torch-flex": 2765, torch: 3174, "ort-node": 3277 },
  "recency-4096": { "torch-flex": 306, torch: 639, "ort-node": 1708 },
  "window-256": { "torch-flex": 2765, torch: 2970, "ort-node": 5530, "ort-node-window": 2253 },
};

/** Peak of one thread's products there, GFLOP/s: what compares machines when no peer does. */
export const anchorCeiling = 60;
