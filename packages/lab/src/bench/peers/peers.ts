import { edgewisePeers } from "./edgewise.ts";
import { jaxPeer } from "./jax.ts";
import { onnxruntimePeers } from "./onnxruntime.ts";
import type { Peer } from "./peer.ts";
import { tfjsPeer } from "./tfjs.ts";

/** Peers that are JavaScript packages, Edgewise's engines first. */
export const peers: readonly Peer[] = [...edgewisePeers, ...onnxruntimePeers, jaxPeer, tfjsPeer];
