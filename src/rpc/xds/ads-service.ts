import type { AggregatedDiscoveryService } from "../../../gen/envoy/service/discovery/v3/discovery_pb.js";
import { aborted, linkedController } from "../../async/signals.ts";
import { limits } from "../../contract/limits.ts";
import type { Clock } from "../../domain/clock.ts";
import type { Log } from "../../domain/log.ts";
import { draining, watchUnread } from "../../domain/refusals/server.ts";
import type { ServiceHandlers } from "../../grpc/handlers.ts";
import { forEachMessage } from "../../grpc/inbound-stream.ts";
import type { RpcContext } from "../calls/rpc-context.ts";
import type { Watchers } from "../calls/watchers.ts";
import { IdleMessages } from "../limits/idle-messages.ts";
import { LineBudget } from "../limits/line-budget.ts";
import { Pace } from "../limits/pace.ts";
import { AdsSession } from "./ads-session.ts";
import type { AdsTally } from "./ads-tally.ts";
import type { Catalog } from "./catalog.ts";
import type { Nacks } from "./nacks.ts";

/** What streams of xDS need. */
export interface AdsOptions {
  readonly catalog: Catalog;
  readonly nacks: Nacks;
  readonly tally: AdsTally;
  readonly watchers: Pick<Watchers, "takePlace">;
  readonly clock: Pick<Clock, "monotonic" | "after">;
  readonly log: Pick<Log, "info">;
  /** How many messages without work one stream may send in a minute. */
  readonly maxIdleMessages: number;
  /** Aborted when the server ends all watches. */
  readonly stopped: AbortSignal;
}

/** Runs out when a client has not read for so long what lies in front of it. */
class UnreadTimer {
  readonly #clock: Pick<Clock, "after">;
  readonly #onLate: () => void;
  #callOff: (() => void) | null = null;

  constructor(clock: Pick<Clock, "after">, onLate: () => void) {
    this.#clock = clock;
    this.#onLate = onLate;
  }

  /** There is no more room, unless that was known. */
  begin(): void {
    this.#callOff ??= this.#clock.after(limits.xdsUnreadMs, this.#onLate);
  }

  /** There is room again, or the stream has ended. */
  end(): void {
    this.#callOff?.();
    this.#callOff = null;
  }
}

/** The handlers of xDS, aggregated: how any client of gRPC discovers the instances of a service, by `xds:///SERVICE`. */
export function adsHandlers(options: AdsOptions): ServiceHandlers<typeof AggregatedDiscoveryService, RpcContext> {
  const { catalog, nacks, tally, watchers, clock, log, maxIdleMessages, stopped } = options;
  const ignoredLines = new LineBudget(clock);

  function ignored(what: string, node: string, peer: string): void {
    const leftOut = ignoredLines.take();
    if (leftOut !== null) log.info({ node, peer, ...leftOut }, `a client of xDS asks for ${what}`);
  }

  return {
    async streamAggregatedResources(requests, context, out) {
      const leave = watchers.takePlace(context.principal);
      const ended = tally.open();
      out.bound(limits.watchBufferBytes);
      const end = linkedController(context.signal, stopped);
      const idle = new IdleMessages(clock, maxIdleMessages);
      const pace = new Pace(clock, limits.xdsRequestsPerMinute, limits.xdsRequests, end.signal);
      const unread = new UnreadTimer(clock, () => end.abort(watchUnread(limits.xdsUnreadMs, "Begin a new stream.")));
      // Before the session, which fills again what there is room for.
      out.onDrain(() => unread.end());
      const session = new AdsSession(catalog, out, (service) => context.scope.allows("service", service), {
        onSent: (type) => tally.sent(type),
        onFull: () => unread.begin(),
        onNack(nack) {
          tally.refused(nack.type);
          nacks.add(nack, context.peer);
        },
        onIgnored: (what, node) => ignored(what, node, context.peer),
      });
      context.onRightsChange(() => session.rightsChanged());
      const read = forEachMessage(requests, (request) => {
        const kind = session.take(request);
        if (kind === "idle") idle.count();
        return kind === "asks" ? pace.count() : undefined;
      });
      try {
        await Promise.race([read, aborted(end.signal)]);
        if (stopped.aborted) throw draining();
        end.signal.throwIfAborted();
      } finally {
        session.close();
        unread.end();
        end.release();
        ended();
        leave();
      }
    },
  };
}
