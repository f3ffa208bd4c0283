import { create } from "@bufbuild/protobuf";
import {
  type Health,
  type HealthCheckResponse,
  HealthCheckResponseSchema,
  HealthListResponseSchema,
  HealthCheckResponse_ServingStatus as ServingStatus,
} from "../../../gen/grpc/health/v1/health_pb.js";
import { aborted, linkedController } from "../../async/signals.ts";
import { serviceNotServed } from "../../domain/refusals/registry.ts";
import { draining } from "../../domain/refusals/server.ts";
import type { Outbound, ServiceHandlers } from "../../grpc/handlers.ts";
import type { AddressWatchers } from "../limits/address-watchers.ts";
import type { HealthRegistry } from "./health-registry.ts";

/**
 * Makes the handlers of grpc.health.v1.Health.
 *
 * @param watchers where watches take places
 * @param stopping when aborted, every Watch ends with UNAVAILABLE, so that it keeps no server from closing
 */
export function healthHandlers(
  registry: HealthRegistry,
  watchers: AddressWatchers,
  stopping: AbortSignal,
): ServiceHandlers<typeof Health> {
  return {
    async check({ service }) {
      const status = registry.get(service);
      if (status !== undefined) return create(HealthCheckResponseSchema, { status });
      throw serviceNotServed();
    },

    async list() {
      const statuses = Array.from(registry.entries(), ([name, status]) => [name, { status }] as const);
      return create(HealthListResponseSchema, { statuses: Object.fromEntries(statuses) });
    },

    async watch({ service }, context, out) {
      const leave = watchers.take(context.peer);
      const unsubscribe = registry.onChange(watcher(registry, service, out));
      const end = linkedController(context.signal, stopping);
      await aborted(end.signal);
      end.release();
      unsubscribe();
      leave();
      if (stopping.aborted) throw draining();
    },
  };
}

/** Sends the status as it is, and answers a function that sends it again if it has changed. */
function watcher(registry: HealthRegistry, service: string, out: Outbound<HealthCheckResponse>): () => void {
  let sent: ServingStatus | null = null;
  const sendChange = () => {
    const status = registry.get(service) ?? ServingStatus.SERVICE_UNKNOWN;
    // A client that reads slowly gets the last status only.
    if (status === sent || !out.writable) return;
    sent = status;
    out.send(create(HealthCheckResponseSchema, { status }));
  };
  out.onDrain(sendChange);
  sendChange();
  return sendChange;
}
