/** HTTP/2 frame by frame, for what no client sends. */

import { connect as connectTcp, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { createCondition } from "../../harness/condition.ts";

/** What a client sends first. */
export const preface = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");

/** The types of frames (RFC 9113, section 6). */
export const frameTypes = {
  data: 0,
  headers: 1,
  priority: 2,
  reset: 3,
  settings: 4,
  ping: 6,
  goAway: 7,
  windowUpdate: 8,
  continuation: 9,
} as const;

/** Flags of frames; two of them share a bit. */
export const flags = { ack: 1, endStream: 1, endHeaders: 4, padded: 8 } as const;

/** Error codes (RFC 9113, section 7). */
export const errorCodes = {
  none: 0,
  protocol: 1,
  internal: 2,
  flowControl: 3,
  cancel: 8,
  enhanceYourCalm: 11,
} as const;

/** A frame as RFC 9113, section 4.1, lays it out. */
export function rawFrame(type: number, flag = 0, stream = 0, payload: Buffer = Buffer.alloc(0)): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head.writeUInt8(type, 3);
  head.writeUInt8(flag, 4);
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

/** Four bytes, as windows and error codes are sent. */
export function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

/** An entry of a SETTINGS frame. */
export function settingEntry(id: number, value: number): Buffer {
  return Buffer.concat([Buffer.from([0, id]), uint32(value)]);
}

/** A header field in clear text (RFC 7541, 6.2). @param isIndexed whether it gets an entry in the dynamic table, the first */
export function headerField(name: string, value: string, isIndexed = false): Buffer {
  return Buffer.concat([Buffer.from([isIndexed ? 0x40 : 0]), hpackText(name), hpackText(value)]);
}

/** References to the first entry of the dynamic table. */
export function headerReferences(count: number): Buffer {
  return Buffer.alloc(count, 0xbe);
}

function hpackText(text: string): Buffer {
  const bytes = Buffer.from(text, "latin1");
  return Buffer.concat([hpackLength(bytes.length), bytes]);
}

/** An integer with a prefix of seven bits (RFC 7541, 5.1). */
function hpackLength(length: number): Buffer {
  if (length < 127) return Buffer.from([length]);
  const bytes = [127];
  let left = length - 127;
  for (; left >= 128; left >>= 7) bytes.push((left & 127) | 128);
  return Buffer.from([...bytes, left]);
}

/** The headers of a call of gRPC. */
export function callHeaders(path: string): Buffer {
  const fields = { ":method": "POST", ":scheme": "http", ":authority": "sitq", ":path": path, te: "trailers" };
  const listed = Object.entries({ ...fields, "content-type": "application/grpc" });
  return Buffer.concat(listed.map(([name, value]) => headerField(name, value)));
}

/** A connection on which frames are sent as they are. */
export interface RawPeer {
  /** Resolves once it is closed. */
  readonly closed: Promise<void>;
  readonly isClosed: boolean;
  /** The error code of the last GOAWAY; `null`: none came. */
  readonly goAway: number | null;
  /** The error codes of the streams that the server has reset. */
  readonly resets: ReadonlyMap<number, number>;
  /** Sends bytes and waits for room for more. Answers whether the connection is open. */
  send(...bytes: readonly Buffer[]): Promise<boolean>;
  /** Sends a PING and waits for its answer: everything before it has then been read. Rejects if the connection closes before. */
  ping(): Promise<void>;
  /** Resolves once a frame of this type has come on the stream. */
  received(type: number, stream: number): Promise<void>;
  destroy(): void;
}

/** How a raw connection is made. */
export interface RawPeerOptions {
  /** The authority of the server's certificate, for TLS. Default: plaintext. */
  readonly ca?: string | undefined;
  /** Whether it reads what the server sends. Default true. */
  readonly reads?: boolean;
}

/** Opens a connection to `HOST:PORT`; nothing has been sent on it. */
export async function openRawPeer(address: string, { ca, reads = true }: RawPeerOptions = {}): Promise<RawPeer> {
  const [host = "", port = ""] = address.split(":");
  const target = { host, port: Number(port) };
  const socket: Socket = ca === undefined ? connectTcp(target) : connectTls({ ...target, ca, ALPNProtocols: ["h2"] });
  // The server may well cut it off.
  socket.on("error", () => undefined);
  const closed = new Promise<void>((resolve) => socket.once("close", () => resolve()));
  const condition = createCondition();
  const resets = new Map<number, number>();
  const seen = new Set<string>();
  let goAway: number | null = null;
  let answeredPings = 0;
  let unread = Buffer.alloc(0);

  function take(type: number, flag: number, stream: number, payload: Buffer): void {
    seen.add(`${type} ${stream}`);
    if (type === frameTypes.ping && (flag & flags.ack) !== 0 && payload.equals(ownPing)) answeredPings++;
    if (type === frameTypes.reset) resets.set(stream, payload.readUInt32BE(0));
    if (type === frameTypes.goAway) goAway = payload.readUInt32BE(4);
  }

  if (reads) {
    socket.on("data", (chunk) => {
      unread = Buffer.concat([unread, chunk]);
      while (unread.length >= 9) {
        const end = 9 + unread.readUIntBE(0, 3);
        if (unread.length < end) break;
        take(unread.readUInt8(3), unread.readUInt8(4), unread.readUInt32BE(5), unread.subarray(9, end));
        unread = unread.subarray(end);
      }
      condition.changed();
    });
  }
  void closed.then(() => condition.end(new Error("the server closed the connection")));
  await new Promise<void>((resolve) => socket.once(ca === undefined ? "connect" : "secureConnect", resolve));

  const peer: RawPeer = {
    closed,
    get isClosed() {
      return socket.destroyed;
    },
    get goAway() {
      return goAway;
    },
    resets,
    async send(...bytes) {
      if (!socket.destroyed && !socket.write(Buffer.concat(bytes))) {
        await Promise.race([new Promise((resolve) => socket.once("drain", resolve)), closed]);
      }
      return !socket.destroyed;
    },
    async ping() {
      const wanted = answeredPings + 1;
      await peer.send(rawFrame(frameTypes.ping, 0, 0, ownPing));
      await condition.until(() => answeredPings >= wanted, "the ping was answered");
    },
    received: (type, stream) =>
      condition.until(() => seen.has(`${type} ${stream}`), `a frame of type ${type} came on stream ${stream}`),
    destroy: () => void socket.destroy(),
  };
  return peer;
}

const ownPing = Buffer.from("own ping");
