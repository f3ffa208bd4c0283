import type { ClientHttp2Session } from "node:http2";

/** A stream of gRPC, in both directions; it ends with its connection. */
export interface RawStream {
  send(message: Uint8Array): void;
  /** Says that no more messages come. */
  end(): void;
}

const frameHeaderBytes = 5;

/** Opens a stream without a library of gRPC: a thousand connections of one would take more of the machine than the server does. */
export function openStream(
  session: ClientHttp2Session,
  method: string,
  onMessage: (message: Buffer) => void,
): RawStream {
  const stream = session.request({
    ":method": "POST",
    ":path": method,
    "content-type": "application/grpc",
    te: "trailers",
  });
  let unread: Buffer = Buffer.alloc(0);
  stream.on("data", (chunk: Buffer) => {
    unread = unread.length === 0 ? chunk : Buffer.concat([unread, chunk]);
    while (unread.length >= frameHeaderBytes) {
      const end = frameHeaderBytes + unread.readUInt32BE(1);
      if (unread.length < end) return;
      const message = unread.subarray(frameHeaderBytes, end);
      unread = unread.subarray(end);
      onMessage(message);
    }
  });
  // A stream that ends by itself is a fault of the server or of the measurement: its connection ends with it, which is seen.
  stream.on("error", () => undefined);
  stream.on("close", () => session.destroy());
  return {
    send(message) {
      const frame = Buffer.allocUnsafe(frameHeaderBytes + message.byteLength);
      frame[0] = 0;
      frame.writeUInt32BE(message.byteLength, 1);
      frame.set(message, frameHeaderBytes);
      stream.write(frame);
    },
    end: () => void stream.end(),
  };
}
