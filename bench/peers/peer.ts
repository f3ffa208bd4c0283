import type { BuiltProgram } from "../../conformance/toolchain.ts";
import type { ProcessScope } from "./processes/process-scope.ts";

/** How far a system goes before it answers, by one of its settings. */
export interface Durability {
  /** What it waits for, in the words of the table. */
  readonly promise: string;
  /** The setting that says so, as its documentation writes it. */
  readonly setting: string;
}

/** A system that does the same work as sitq, with a server of its own. */
export interface Peer {
  /** Its name on the command line. */
  readonly name: string;
  /** Its name in the table. */
  readonly title: string;
  /** The package of `clients/package.json`, or the module of `clients/river/go.mod`, that talks to it; `null`: the client is part of sitq. */
  readonly clientPackage: string | null;
  /** The program that runs it, a key of `pinnedVersions`. */
  readonly server: string;
  /** How its server is installed. */
  readonly howToGet: string;
  /** The settings that are measured, a row of the table each; the strongest is the last one. */
  readonly durabilities: readonly Durability[];
  /** How it behaves in this work other than one would guess; stands below the table. */
  readonly note?: string;
  /** The version of its server that is installed; `null`: none is. */
  version(): Promise<string | null>;
  /** Starts its server on a free port of 127.0.0.1 and resolves with its address when it takes connections. */
  start(start: PeerStart): Promise<string>;
  /** The program that produces and works, for a system whose client is not for Node: it takes orders as lines. */
  readonly program?: LoadProgram;
  /** Connects a process that produces or works; the first one also creates the queue. Is not called where there is a program. */
  connect(address: string, durability: Durability): Promise<PeerClient>;
}

/** A program that takes the orders of `processes/load-process.ts` as lines of JSON, and answers each by one. */
export interface LoadProgram extends BuiltProgram {
  /** The file that is built. */
  readonly path: string;
}

/** What a server is started with. */
export interface PeerStart {
  /** Ends what is started in it. */
  readonly processes: ProcessScope;
  /** A directory of the server's own. */
  readonly directory: string;
  readonly durability: Durability;
  /** The installed version. */
  readonly version: string;
}

/** The client of a system, as its documentation recommends it for Node. */
export interface PeerClient {
  /** Resolves when the server has confirmed the task. */
  enqueue(payload: string): Promise<unknown>;
  /** The same for many, by the batch call; where there is none, as many confirms. */
  enqueueBatch(payloads: readonly string[]): Promise<unknown>;
  /** Takes tasks, at most so many at a time, and acknowledges each when `handle` returns. */
  work(concurrency: number, handle: (payload: string) => void): Promise<PeerWorker>;
  /** Does what the server does by itself once a minute or so, and what tasks that were all stored just now need to be drained as in life. */
  maintain?(): Promise<unknown>;
  /** From now on makes the delay short at the cost of the rates, where a system has that choice. */
  favourDelay?(): void;
}

/** A worker that takes tasks. */
export interface PeerWorker {
  /** Resolves when the acknowledgement of every handled task has arrived at the server, and is confirmed where the server does that. */
  settled(): Promise<void>;
  /** Takes no more tasks. */
  stop(): Promise<unknown>;
}
