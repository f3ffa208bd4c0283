import { once } from "node:events";
import { type AddressInfo, createConnection, createServer, type Socket } from "node:net";
import { createCondition } from "./condition.ts";

/** A TCP proxy between clients and a server, which a test can make hostile, and ask how many connections there are. */
export interface Proxy extends AsyncDisposable {
  /** Where clients connect. */
  readonly address: string;
  /** How many connections are open. */
  readonly connections: number;
  /** Resolves once so many are open. */
  open(connections: number): Promise<void>;
  /**
   * From now on nothing that arrives is passed on; no connection is closed. New ones are served as ever.
   *
   * @param from only what arrives from this side. Default: from both
   */
  freeze(from?: Side): void;
  /** Cuts every connection. New ones are served as ever. */
  cut(): void;
  /**
   * Cuts the connection on which these bytes arrive next.
   *
   * @param from from which side @param isPassedOn whether they still reach the other one, which then finds the connection closed behind them
   * @param withinMs how long it waits for them, in milliseconds
   * @returns false: they did not come
   */
  cutAt(bytes: string, from: Side, isPassedOn: boolean, withinMs: number): Promise<boolean>;
  /** From now on passes on no more than so many bytes a second to the client of each connection. */
  throttle(bytesPerSecond: number): void;
  /** Cuts every connection and stops listening. Idempotent. */
  stop(): Promise<void>;
}

/** What a connection is cut at. */
interface Trap {
  readonly bytes: string;
  readonly from: Side;
  readonly isPassedOn: boolean;
  readonly sprung: () => void;
}

/** An end of a connection. */
export type Side = "client" | "server";

/**
 * Starts a proxy in front of a server.
 *
 * @param change what is passed on of what a client sends. Default: all, as it is
 */
export async function startProxy(target: string, change: (chunk: Buffer) => Buffer = (chunk) => chunk): Promise<Proxy> {
  const port = Number(target.slice(target.lastIndexOf(":") + 1));
  const sockets = new Map<Socket, Side>();
  const condition = createCondition();
  let connections = 0;
  let bytesPerSecond = Number.POSITIVE_INFINITY;
  let trap: Trap | null = null;

  const server = createServer((client) => {
    const upstream = createConnection(port, "127.0.0.1");
    connections++;
    condition.changed();
    client.on("close", () => {
      connections--;
      condition.changed();
    });
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.set(from, from === client ? "client" : "server");
      from.on("data", (chunk) => {
        if (trap !== null && trap.from === sockets.get(from) && chunk.includes(trap.bytes))
          spring(trap, from, to, chunk);
        else if (from === client) to.write(change(chunk));
        else if (!Number.isFinite(bytesPerSecond)) to.write(chunk);
        else pauseFor(from, (chunk.length / bytesPerSecond) * 1_000, () => to.write(chunk));
      });
      from.on("end", () => to.end());
      from.on("error", () => to.destroy());
      from.on("close", () => sockets.delete(from));
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port: ownPort } = server.address() as AddressInfo;

  function spring({ isPassedOn, sprung }: Trap, from: Socket, to: Socket, chunk: Buffer): void {
    trap = null;
    from.resetAndDestroy();
    if (isPassedOn) to.end(chunk);
    else to.resetAndDestroy();
    sprung();
  }

  let stopped: Promise<void> | null = null;
  function stop(): Promise<void> {
    stopped ??= new Promise((resolve) => {
      server.close(() => resolve());
      for (const socket of sockets.keys()) socket.destroy();
    });
    return stopped;
  }

  return {
    address: `127.0.0.1:${ownPort}`,
    get connections() {
      return connections;
    },
    open: (wanted) => condition.until(() => connections === wanted, `${wanted} connections were open`),
    freeze(only) {
      for (const [socket, side] of sockets) {
        if (only !== undefined && side !== only) continue;
        socket.removeAllListeners("data");
        socket.removeAllListeners("end");
        // The bytes are taken from the network and dropped, so that no one is told that they did not arrive.
        socket.on("data", () => undefined);
      }
    },
    cut() {
      for (const socket of sockets.keys()) socket.resetAndDestroy();
    },
    cutAt(bytes, from, isPassedOn, withinMs) {
      return new Promise((resolve) => {
        const end = (isCut: boolean) => {
          clearTimeout(timer);
          trap = null;
          resolve(isCut);
        };
        const timer = setTimeout(end, withinMs, false);
        trap = { bytes, from, isPassedOn, sprung: () => end(true) };
      });
    },
    throttle(rate) {
      bytesPerSecond = rate;
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

/** Reads nothing of a socket for a time, and then calls `pass`. */
function pauseFor(socket: Socket, ms: number, pass: () => void): void {
  socket.pause();
  setTimeout(() => {
    pass();
    socket.resume();
  }, ms).unref();
}
