// A TCP relay between two nodes that keeps what passes, and a reader of the TLS 1.3 key exchange group in it: what was
// negotiated is read off the wire, not asked of either side.
import { connect, createServer, type Server } from "node:net";

export interface WireTap {
  readonly port: number;
  /** Bytes that the listener sent, of every connection together. */
  answered(): Buffer;
  close(): void;
}

export async function tapWire(targetPort: number): Promise<WireTap> {
  const chunks: Buffer[] = [];
  const server: Server = createServer((client) => {
    const upstream = connect(targetPort, "127.0.0.1");
    client.pipe(upstream);
    upstream.on("data", (chunk: Buffer) => void chunks.push(chunk));
    upstream.pipe(client);
    client.on("error", () => upstream.destroy());
    upstream.on("error", () => client.destroy());
    client.on("close", () => upstream.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as { readonly port: number }).port,
    answered: () => Buffer.concat(chunks),
    close: () => void server.close(),
  };
}

/** IANA's numbers of the groups that matter here. */
export const groups = { x25519: 0x001d, x25519MlKem768: 0x11ec } as const;

/** The group of the first TLS ServerHello in `bytes` (RFC 8446, 4.1.3 and 4.2.8), or undefined when there is none. */
export function negotiatedGroup(bytes: Buffer): number | undefined {
  for (let at = 0; at + 9 < bytes.length; at++) {
    // A handshake record that begins with a ServerHello.
    if (bytes.readUInt16BE(at) !== 0x1603 || bytes[at + 5] !== 2) continue;
    const random = at + 11;
    const session = random + 32;
    let extension = session + 1 + (bytes[session] as number) + 3;
    const end = extension + 2 + bytes.readUInt16BE(extension);
    extension += 2;
    while (extension < end) {
      const [kind, length] = [bytes.readUInt16BE(extension), bytes.readUInt16BE(extension + 2)];
      if (kind === 51) return bytes.readUInt16BE(extension + 4);
      extension += 4 + length;
    }
  }
  return undefined;
}
