import { readFileSync } from "node:fs";
import type { Server, Socket } from "node:net";
import { clientNetwork } from "./client-network.ts";
import { Places } from "./places.ts";
import { quietReport, type Reporting } from "./quiet-report.ts";

/** Descriptors that stay for the database, the probes and what the process itself needs. */
const reservedDescriptors = 40;

/** How many connections may be open at a time. */
export interface ConnectionBounds {
  /** From everywhere. */
  readonly maxConnections: number;
  /** From one address; of IPv6 from one network of 64 bits. */
  readonly maxConnectionsPerAddress: number;
}

/**
 * Bounds the connections of some listeners, below what the process may have open: without it the system runs out of descriptors
 * first, and closes connections without a word, since Node hears nothing of them (libuv accepts and closes them itself). They count
 * from the moment that they are accepted, so those in a handshake do too.
 */
export function boundConnections(listeners: readonly Server[], bounds: ConnectionBounds, reporting: Reporting): void {
  boundAll(listeners, bounds.maxConnections, reporting);
  boundEachAddress(listeners, bounds.maxConnectionsPerAddress, reporting);
}

function boundAll(listeners: readonly Server[], most: number, reporting: Reporting): void {
  const descriptors = openFilesLimit();
  const bound = descriptors === null ? most : Math.min(most, Math.max(1, descriptors - reservedDescriptors));
  const why = bound < most ? "its limit of open files" : "max-connections";
  const report = quietReport(reporting);
  for (const listener of listeners) {
    listener.maxConnections = bound;
    listener.on("drop", () =>
      report({ connections: bound, open_files: descriptors }, `refusing connections: the server is at ${why}`),
    );
  }
}

function boundEachAddress(listeners: readonly Server[], most: number, reporting: Reporting): void {
  const places = new Places(most);
  const report = quietReport(reporting);

  function admits(socket: Socket): boolean {
    const address = clientNetwork(socket.remoteAddress ?? "");
    if (!places.take(address)) {
      report({ connections: most, address }, "refusing connections: an address is at max-connections-per-address");
      return false;
    }
    socket.once("close", () => places.giveBack(address));
    return true;
  }

  for (const listener of listeners) {
    // In front of Node's own listeners, which cannot do with a socket that is destroyed.
    const accept = listener.listeners("connection");
    listener.removeAllListeners("connection");
    listener.on("connection", (socket: Socket) => {
      if (admits(socket)) for (const each of accept) each.call(listener, socket);
      else socket.destroy();
    });
  }
}

/** How many files the process may have open; `null`: the system does not say, or sets no limit. */
function openFilesLimit(): number | null {
  try {
    const limit = /^Max open files\s+(\d+)/m.exec(readFileSync("/proc/self/limits", "utf8"))?.[1];
    return limit === undefined ? null : Number(limit);
  } catch {
    // Only Linux has this file.
    return null;
  }
}
