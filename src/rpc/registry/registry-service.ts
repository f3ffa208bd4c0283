import { create } from "@bufbuild/protobuf";
import {
  CheckHealthResponseSchema,
  DeregisterInstanceResponseSchema,
  DiscoverInstancesResponseSchema,
  GetLoadStatisticsResponseSchema,
  GetServiceResponseSchema,
  HeartbeatResponseSchema,
  ListServicesResponseSchema,
  PickInstanceResponseSchema,
  RegisterInstanceResponseSchema,
  type RegistryService,
  ReleaseInstanceResponseSchema,
  UpdateServiceResponseSchema,
} from "../../../gen/sitq/v1/registry_service_pb.js";
import { limits } from "../../contract/limits.ts";
import { firstWithin } from "../../contract/message-size.ts";
import type { Principal } from "../../domain/access/principal.ts";
import { scopeOf } from "../../domain/access/scope.ts";
import { invalidField } from "../../domain/errors.ts";
import type { Instance } from "../../domain/instance.ts";
import { outOfScope } from "../../domain/refusals/access.ts";
import { serviceNotFound } from "../../domain/refusals/registry.ts";
import type { ServiceHandlers } from "../../grpc/handlers.ts";
import { instanceOf } from "../../registry/member.ts";
import type { Registry } from "../../registry/registry.ts";
import type { ReservedPlace } from "../../registry/reservations.ts";
import type { RpcContext } from "../calls/rpc-context.ts";
import type { Watchers } from "../calls/watchers.ts";
import { parseIntegerOr, parsePageSize, parseQueueName, parseStoredId, parseText } from "../convert/checks.ts";
import { parseStrategy } from "../convert/strategy.ts";
import { fromDuration, toDuration, toTimestamp } from "../convert/times.ts";
import { parseAnyWorkerId } from "../convert/worker-id.ts";
import { fromPageToken, toPageToken } from "../paging/page-token.ts";
import {
  allowedServices,
  fromInstanceFilter,
  fromLoad,
  fromMeantRegistration,
  fromMetadataFilter,
  fromRegisterRequest,
  sentInstanceBytes,
  toInstance,
  toInstanceHealth,
  toServiceLoad,
} from "./instance.ts";
import { fromServiceUpdate, toService, type XdsClients } from "./service.ts";
import { instanceWatch } from "./watch-instances.ts";

/** The handlers of sitq.v1.RegistryService. */
export function registryServiceHandlers(
  registry: Registry,
  watchers: Watchers,
  xds: XdsClients,
): ServiceHandlers<typeof RegistryService, RpcContext> {
  const { registrations, health } = registry;
  const sources = { registry, xds };

  return {
    async registerInstance(request) {
      const { registration, load } = fromRegisterRequest(request);
      const { member, created } = await registrations.register(registration, load);
      return create(RegisterInstanceResponseSchema, {
        instance: toInstance(instanceOf(member)),
        created,
        registrationId: registration.registrationId,
        heartbeatInterval: heartbeatInterval(registration.ttlMs),
      });
    },

    async heartbeat(request) {
      const load = request.currentLoad === undefined ? null : fromLoad(request.currentLoad);
      const report = { load, isDraining: request.draining ?? null };
      const ttlMs = await registrations.heartbeat(fromMeantRegistration(request), report);
      return create(HeartbeatResponseSchema, { heartbeatInterval: heartbeatInterval(ttlMs) });
    },

    async deregisterInstance(request) {
      const removed = await registrations.deregister(fromMeantRegistration(request));
      return create(DeregisterInstanceResponseSchema, { removed });
    },

    async discoverInstances(request, { scope }) {
      const limit = parsePageSize(request.pageSize);
      const wanted = { ...fromInstanceFilter(request), includeUnhealthy: request.includeUnhealthy };
      const query = { list: "instances", ...wanted };
      const filter = { ...wanted, ...allowedServices(scope) };
      const cursor = fromPageToken(query, request.pageToken);
      const found = registry.discover(filter, cursor === null ? null : fromCursor(cursor), limit + 1);
      const page = firstWithin(found, sentInstanceBytes, { maxCount: limit });
      return create(DiscoverInstancesResponseSchema, {
        instances: page.map((instance) => toInstance(instance, xds.remarkOf(instance))),
        nextPageToken: toPageToken(query, found.length > page.length ? toCursor(page.at(-1)) : null),
      });
    },

    async watchInstances(request, context, out) {
      await watchers.serve(instanceWatch(registry.feed, request, context.scope), context, out);
    },

    async pickInstance(request, { principal }) {
      const serviceName = parseQueueName("service_name", request.serviceName);
      const ofService = registry.services.settingsOf(serviceName).strategy ?? "least_loaded";
      const strategy = parseStrategy("strategy", request.strategy, ofService);
      const { reservationDuration } = request;
      const { instance, reservation } = registry.pick({
        serviceName,
        strategy,
        key: parseStickyKey(request.key, strategy === "sticky"),
        metadata: fromMetadataFilter(request.metadata),
        reservationMs:
          fromDuration("reservation_duration", reservationDuration, 0, limits.reservationMs) ??
          limits.defaultReservationMs,
        holder: principal.name,
      });
      return create(PickInstanceResponseSchema, {
        instance: toInstance(instance),
        ...(reservation && { reservationId: reservation.id, expireTime: toTimestamp(reservation.expireMs) }),
      });
    },

    async releaseInstance({ reservationId }, { principal }) {
      const id = parseStoredId("reservation_id", reservationId);
      const reserved = registry.reservation(id);
      if (reserved !== null && !mayRelease(principal, reserved)) throw outOfScope("reservation", id, "reservation_id");
      return create(ReleaseInstanceResponseSchema, { released: registry.release(id) });
    },

    async checkHealth(request, { signal, scope }) {
      const serviceName = request.serviceName === "" ? null : parseQueueName("service_name", request.serviceName);
      const instanceId = request.instanceId === "" ? null : parseAnyWorkerId("instance_id", request.instanceId);
      if (serviceName === null && instanceId !== null) throw invalidField("instance_id", "needs a service_name");
      const timeoutMs = fromDuration("timeout", request.timeout, 1, limits.healthTimeoutMs);
      const limit = parseIntegerOr("page_size", request.pageSize, 1, limits.pageSize, limits.pageSize);
      const meant = { list: "health", serviceName, instanceId };
      const cursor = fromPageToken(meant, request.pageToken);
      const after = cursor === null ? null : fromCursor(cursor);
      const query = { serviceName, instanceId, ...allowedServices(scope), after, limit };
      const { answers, isCut } = await health.check(query, timeoutMs ?? limits.defaultHealthTimeoutMs, signal);
      return create(CheckHealthResponseSchema, {
        results: answers.map(toInstanceHealth),
        nextPageToken: toPageToken(meant, isCut ? toCursor(answers.at(-1)?.instance) : null),
      });
    },

    async getService({ name }) {
      const serviceName = parseQueueName("name", name);
      if (!registry.names().includes(serviceName)) throw serviceNotFound(serviceName, "name");
      return create(GetServiceResponseSchema, { service: toService(serviceName, sources) });
    },

    async listServices(request, { scope }) {
      const limit = parsePageSize(request.pageSize);
      const query = { list: "services" };
      const after = fromPageToken(query, request.pageToken);
      const names = registry
        .names()
        .filter((name) => scope.allows("service", name) && (after === null || name > after));
      const page = names.slice(0, limit);
      return create(ListServicesResponseSchema, {
        services: page.map((name) => toService(name, sources)),
        nextPageToken: toPageToken(query, page.length < names.length ? (page.at(-1) ?? null) : null),
      });
    },

    async updateService(request) {
      const { name, changes } = fromServiceUpdate(request);
      await registry.services.update(name, changes);
      return create(UpdateServiceResponseSchema, { service: toService(name, sources) });
    },

    async getLoadStatistics(request, { scope }) {
      const serviceName = request.serviceName === "" ? null : parseQueueName("service_name", request.serviceName);
      return create(GetLoadStatisticsResponseSchema, {
        services: registry.statistics({ serviceName, ...allowedServices(scope) }).map(toServiceLoad),
      });
    },
  };
}

/** The principal that has picked the place, and operators of its service. */
function mayRelease({ name, grants }: Principal, { holder, serviceName }: ReservedPlace): boolean {
  return name === holder || scopeOf(grants, ["operator"])?.allows("service", serviceName) === true;
}

function heartbeatInterval(ttlMs: number) {
  return toDuration(Math.floor(ttlMs / 3));
}

function parseStickyKey(key: string, isSticky: boolean): string {
  if (isSticky && key === "") throw invalidField("key", "is required for STICKY");
  if (!isSticky && key !== "") throw invalidField("key", "is only allowed for STICKY");
  return parseText("key", key, limits.stickyKeyBytes);
}

/** The name of a service holds no `/`. */
function toCursor(instance: Instance | undefined): string | null {
  return instance === undefined ? null : `${instance.serviceName}/${instance.instanceId}`;
}

function fromCursor(cursor: string) {
  const slash = cursor.indexOf("/");
  return { serviceName: cursor.slice(0, slash), instanceId: cursor.slice(slash + 1) };
}
