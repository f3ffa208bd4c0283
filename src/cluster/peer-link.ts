import type { Clock } from "../domain/clock.ts";
import type { Log } from "../domain/log.ts";
import type { Random } from "../domain/random.ts";
import { backoffMs } from "../domain/retry.ts";
import type { SharingServer } from "../store/cluster-store.ts";
import type { News } from "./news.ts";

/** Who listens, and how it proves that it may. */
export interface Caller {
  readonly secret: string;
  readonly callerId: number;
}

/** What comes of listening. */
export interface LinkEvents {
  /** The other server is heard: its news come from now on. */
  begun(): void;
  news(news: News): void;
}

/** What comes of a link. */
export interface PeerLinkEvents extends LinkEvents {
  /** The other server is not heard any more; it is listened to again soon. */
  lost(): void;
}

/** Listens to a server until its stream ends, or the signal ends it. Rejects where it cannot, or the stream breaks. */
export type ListenTo = (
  server: SharingServer,
  caller: Caller,
  events: LinkEvents,
  signal: AbortSignal,
) => Promise<void>;

/** The calls of one server to another. */
export interface PeerCalls {
  readonly listenTo: ListenTo;
  /** Sends `drain` to a worker that is connected there; answers the worker as it is then, encoded as `sitq.v1.Worker`. */
  drainWorker(server: SharingServer, caller: Caller, workerId: string, graceMs: number): Promise<Uint8Array>;
}

/** What a link is made of. */
export interface PeerLinkOptions {
  readonly server: SharingServer;
  readonly caller: Caller;
  readonly listenTo: ListenTo;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Pick<Log, "warn" | "info">;
}

/**
 * How long another server may be unheard before the log says so, in milliseconds: longer than the others take to see that it was stopped, which
 * is a renewal.
 */
const quietMs = 3_000;

const pauses = { initialBackoffMs: 100, maxBackoffMs: 2_000, multiplier: 2, jitter: 0.2 };

/** Listens to one other server, again and again, until it is stopped. */
export class PeerLink {
  private readonly options: PeerLinkOptions;
  private readonly events: PeerLinkEvents;
  private readonly stopping = new AbortController();
  private callOff: () => void = () => undefined;
  private failures = 0;
  private hears = false;
  private changedMs: number;
  /** The log has said that it is not heard. */
  private hasWarned = false;

  /** Begins to listen. */
  constructor(options: PeerLinkOptions, events: PeerLinkEvents) {
    this.options = options;
    this.events = events;
    this.changedMs = options.clock.monotonic();
    void this.listen();
  }

  /** Whether the other server is heard now. */
  get isHeard(): boolean {
    return this.hears;
  }

  /** Since when it is heard, or is not, by the monotonic clock. */
  get sinceMs(): number {
    return this.changedMs;
  }

  /** Whether it listens to this server where it is now. */
  isTo({ id, address, certificate }: SharingServer): boolean {
    const { server } = this.options;
    return server.id === id && server.address === address && server.certificate === certificate;
  }

  /** Ends it. */
  stop(): void {
    this.hears = false;
    this.stopping.abort();
    this.callOff();
  }

  private async listen(): Promise<void> {
    const { server, caller, listenTo, log, clock, random } = this.options;
    const facts = { server: server.id, address: server.address };
    const begun = () => {
      log.info(facts, "another server is heard");
      this.failures = 0;
      this.hears = true;
      this.hasWarned = false;
      this.changedMs = clock.monotonic();
      this.events.begun();
    };
    let why = "it ended the stream";
    try {
      await listenTo(server, caller, { begun, news: this.events.news }, this.stopping.signal);
    } catch (error) {
      why = error instanceof Error ? error.message : String(error);
    }
    if (this.stopping.signal.aborted) return;
    if (this.hears) {
      this.hears = false;
      this.changedMs = clock.monotonic();
      this.events.lost();
    } else if (!this.hasWarned && clock.monotonic() - this.changedMs >= quietMs) {
      log.warn({ ...facts, why }, "another server cannot be heard");
      this.hasWarned = true;
    }
    this.failures++;
    this.callOff = clock.after(backoffMs(pauses, this.failures, random()), () => void this.listen());
  }
}
