// Strict post-quantum connections. Node's TLS offers X25519MLKEM768 first by itself; strict mode offers nothing else,
// for the whole process, because libp2p's TLS leaves no other way to say it.
import tls from "node:tls";

const postQuantumGroup = "X25519MLKEM768";

export function requirePostQuantumTls(): void {
  tls.DEFAULT_ECDH_CURVE = postQuantumGroup;
}
