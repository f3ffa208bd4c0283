import type { Clock } from "../domain/clock.ts";
import type { Log } from "../domain/log.ts";
import type { Random } from "../domain/random.ts";
import type { SharingServer } from "../store/cluster-store.ts";
import type { News } from "./news.ts";
import { type ListenTo, PeerLink } from "./peer-link.ts";

/** Another server, as this one sees it. */
export interface OtherServer extends SharingServer {
  /** Whether its news come now. */
  readonly isHeard: boolean;
  /** Since when that is so, by the storage's clock, in milliseconds. */
  readonly sinceMs: number;
}

/** What comes of the links, each with the number of the other server. */
export interface PeerLinksEvents {
  /** It is heard: its news come from now on. */
  begun(serverId: number): void;
  news(serverId: number, news: News): void;
  /** It is not heard any more; it is listened to again soon. */
  lost(serverId: number): void;
  /** It is not where it was. @param isEnded false: it is elsewhere now, and listened to there */
  gone(serverId: number, isEnded: boolean): void;
}

/** What links are made of. */
export interface PeerLinksOptions {
  /** The number of this server. */
  readonly serverId: number;
  readonly listenTo: ListenTo;
  readonly clock: Clock;
  readonly storageClock: Pick<Clock, "now">;
  readonly random: Random;
  readonly log: Pick<Log, "warn" | "info">;
}

/** The links of one server to all others that live. */
export class PeerLinks {
  private readonly options: PeerLinksOptions;
  private readonly events: PeerLinksEvents;
  private readonly links = new Map<number, PeerLink>();
  private alive: readonly SharingServer[] = [];

  /** There is none yet. */
  constructor(options: PeerLinksOptions, events: PeerLinksEvents) {
    this.options = options;
    this.events = events;
  }

  /** The others that were alive at the last look. */
  get others(): readonly OtherServer[] {
    const { clock, storageClock } = this.options;
    return this.alive.map((server) => {
      const link = this.links.get(server.id);
      const sinceMs =
        link === undefined ? server.startMs : storageClock.now() - Math.round(clock.monotonic() - link.sinceMs);
      return { ...server, isHeard: link?.isHeard === true, sinceMs };
    });
  }

  /** Begins to listen to servers that came, and ends it with those that are gone. @param secret by which servers know each other */
  follow(servers: readonly SharingServer[], secret: string): void {
    const { serverId, listenTo, clock, random, log } = this.options;
    const { links, events } = this;
    this.alive = servers.filter(({ id }) => id !== serverId);
    const byId = new Map(this.alive.map((server) => [server.id, server]));
    for (const [id, link] of links) {
      const server = byId.get(id);
      if (server !== undefined && link.isTo(server)) continue;
      link.stop();
      links.delete(id);
      log.info({ server: id }, "another server has ended, or is elsewhere now");
      events.gone(id, server === undefined);
    }
    for (const server of this.alive) {
      const { id, address } = server;
      if (links.has(id) || address === "") continue;
      const link = new PeerLink(
        { server, caller: { secret, callerId: serverId }, listenTo, clock, random, log },
        { begun: () => events.begun(id), news: (news) => events.news(id, news), lost: () => events.lost(id) },
      );
      links.set(id, link);
    }
  }

  /** Ends all of them. */
  stop(): void {
    for (const link of this.links.values()) link.stop();
    this.links.clear();
  }
}
