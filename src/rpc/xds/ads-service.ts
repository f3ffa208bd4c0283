import type { AggregatedDiscoveryService } from "../../../gen/envoy/service/discovery/v3/discovery_pb.js";
import { aborted, linkedController } from "../../async/signals.ts";
import { limits } from "../../contract/limits.ts";
import type { Clock } from "../../domain/clock.ts";
import type { Log } from "../../domain/log.ts";
import { draining } from "../../domain/refusals/server.ts";
import type { ServiceHandlers } from "../../grpc/handlers.ts";
import { forEachMessage } from "../../grpc/inbound-stream.ts";
import type { RpcContext } from "../calls/rpc-context.ts";
import type { Watchers } from "../calls/watchers.ts";
import { IdleMessages } from "../limits/idle-messages.ts";
import { AdsSession } from "./ads-session.ts";
import type { Catalog } from "./catalog.ts";
import type { Nacks } from "./nacks.ts";

/** What streams of xDS need. */
export interface AdsOptions {
  readonly catalog: Catalog;
  readonly nacks: Nacks;
  readonly watchers: Pick<Watchers, "takePlace">;
  readonly clock: Pick<Clock, "monotonic">;
  readonly log: Pick<Log, "info">;
  /** How many messages without work one stream may send in a minute. */
  readonly maxIdleMessages: number;
  /** Aborted when the server ends all watches. */
  readonly stopped: AbortSignal;
}

/** The handlers of xDS, aggregated: how any client of gRPC discovers the instances of a service, by `xds:///SERVICE`. */
export function adsHandlers(options: AdsOptions): ServiceHandlers<typeof AggregatedDiscoveryService, RpcContext> {
  const { catalog, nacks, watchers, clock, log, maxIdleMessages, stopped } = options;
  return {
    async streamAggregatedResources(requests, context, out) {
      const leave = watchers.takePlace(context.principal);
      out.bound(limits.watchBufferBytes);
      const idle = new IdleMessages(clock, maxIdleMessages);
      const session = new AdsSession(catalog, out, (service) => context.scope.allows("service", service), {
        onNack: (nack) => nacks.add(nack, context.peer),
        onIgnored: (what, node) => log.info({ node, peer: context.peer }, `a client of xDS asks for ${what}`),
      });
      const end = linkedController(context.signal, stopped);
      const read = forEachMessage(requests, (request) => {
        if (!session.take(request)) idle.count();
      });
      try {
        await Promise.race([read, aborted(end.signal)]);
      } finally {
        session.close();
        end.release();
        leave();
      }
      if (stopped.aborted) throw draining();
    },
  };
}
