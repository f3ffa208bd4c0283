import { randomUUID } from "node:crypto";
import { create } from "@bufbuild/protobuf";
import {
  HealthStatus,
  type InstanceChange,
  InstanceChangeSchema,
  InstanceChangeType,
  InstanceHealthSchema,
  InstanceSchema,
  InstanceSource,
  InstanceState,
  type RegisterInstanceRequest,
  ServiceLoadSchema,
  type InstanceHealth as WireHealth,
  type Instance as WireInstance,
  type ServiceLoad as WireLoad,
} from "../../../gen/sitq/v1/registry_service_pb.js";
import { protoEnum } from "../../contract/enums.ts";
import { limits } from "../../contract/limits.ts";
import type { Scope } from "../../domain/access/scope.ts";
import type { Instance, InstanceFilter, InstanceKey, MeantRegistration, ServiceFilter } from "../../domain/instance.ts";
import type { InstanceHealth } from "../../registry/health-check.ts";
import type { InstanceEvent } from "../../registry/instance-feed.ts";
import type { NewRegistration } from "../../registry/registrations.ts";
import type { ServiceLoad } from "../../registry/registry.ts";
import {
  checkCount,
  parseAddress,
  parseInteger,
  parseIntegerOr,
  parseQueueName,
  parseRequestId,
  parseStringMap,
  parseWorkerId,
} from "../convert/checks.ts";
import { fromDuration, toDuration, toTimestamp } from "../convert/times.ts";
import { converted } from "../convert/violations.ts";

function fromInstanceKey(request: { serviceName: string; instanceId: string }): InstanceKey {
  return {
    serviceName: parseQueueName("service_name", request.serviceName),
    instanceId: parseWorkerId("instance_id", request.instanceId),
  };
}

/** Which registration is meant. @throws SitqError with the field's path */
export function fromMeantRegistration(request: {
  serviceName: string;
  instanceId: string;
  registrationId: string;
}): MeantRegistration {
  return {
    ...fromInstanceKey(request),
    registrationId: parseRequestId("registration_id", request.registrationId),
  };
}

/** What an instance says of itself, and its load. @throws SitqError with the field's path */
export function fromRegisterRequest(request: RegisterInstanceRequest): {
  readonly registration: NewRegistration;
  readonly load: number;
} {
  return converted(() => ({ registration: fromRegistration(request), load: fromLoad(request.currentLoad) }));
}

function fromRegistration(request: RegisterInstanceRequest): NewRegistration {
  const { capacity, weight, ttl, draining } = request;
  return {
    ...fromInstanceKey(request),
    registrationId: parseRequestId("registration_id", request.registrationId) ?? randomUUID(),
    address: parseAddress("address", request.address),
    capacity: parseIntegerOr("capacity", capacity, 1, limits.instanceCapacity, limits.defaultInstanceCapacity),
    weight: parseInteger("weight", weight, 0, limits.instanceWeight),
    metadata: parseStringMap("metadata", request.metadata) ?? {},
    ttlMs: fromDuration("ttl", ttl, limits.instanceTtlMinMs, limits.instanceTtlMaxMs) ?? limits.defaultInstanceTtlMs,
    isDraining: draining,
  };
}

/** What an instance says that it does. */
export function fromLoad(load: number): number {
  return parseInteger("current_load", load, 0, limits.instanceLoad);
}

/** Which instances are meant. @throws SitqError with the field's path */
export function fromInstanceFilter(request: {
  serviceName: string;
  metadata: { [key: string]: string };
}): InstanceFilter {
  return {
    serviceName: request.serviceName === "" ? null : parseQueueName("service_name", request.serviceName),
    metadata: fromMetadataFilter(request.metadata),
  };
}

/** Of every service: those that a scope allows. */
export function allowedServices(scope: Scope): Pick<ServiceFilter, "allowsService"> {
  return scope.isWhole ? {} : { allowsService: (name) => scope.allows("service", name) };
}

/** Which metadata an instance must have. */
export function fromMetadataFilter(metadata: { [key: string]: string }): Record<string, string> {
  checkCount("metadata", Object.keys(metadata).length, limits.metadataFilters, "entries");
  return parseStringMap("metadata", metadata) ?? {};
}

const { values: states } = protoEnum<Instance["state"], InstanceState>()({
  healthy: InstanceState.HEALTHY,
  draining: InstanceState.DRAINING,
  unhealthy: InstanceState.UNHEALTHY,
});

const { values: sources } = protoEnum<Instance["source"], InstanceSource>()({
  registration: InstanceSource.REGISTRATION,
  worker: InstanceSource.WORKER,
});

/** An instance as it goes out. @param remark why clients by xDS are not sent it */
export function toInstance(instance: Instance, remark = ""): WireInstance {
  return create(InstanceSchema, {
    serviceName: instance.serviceName,
    instanceId: instance.instanceId,
    address: instance.address,
    capacity: instance.capacity,
    weight: instance.weight,
    metadata: { ...instance.metadata },
    state: states[instance.state],
    source: sources[instance.source],
    currentLoad: instance.load,
    ...(instance.ttlMs !== null && { ttl: toDuration(instance.ttlMs) }),
    registerTime: toTimestamp(instance.registerMs),
    lastSeenTime: toTimestamp(instance.lastSeenMs),
    remark,
  });
}

/** How large an instance is on the wire, about and at most. */
export function sentInstanceBytes({ metadata }: Instance): number {
  let bytes = 1_024;
  for (const key in metadata) bytes += Buffer.byteLength(key) + Buffer.byteLength(metadata[key] ?? "") + 8;
  return bytes;
}

const { values: changeTypes } = protoEnum<InstanceEvent["type"], InstanceChangeType>()({
  added: InstanceChangeType.ADDED,
  updated: InstanceChangeType.UPDATED,
  removed: InstanceChangeType.REMOVED,
});

/** A change as it goes out. */
export function toInstanceChange({ type, instance }: InstanceEvent): InstanceChange {
  return create(InstanceChangeSchema, { type: changeTypes[type], instance: toInstance(instance) });
}

const { values: healthStatuses } = protoEnum<InstanceHealth["status"], HealthStatus>()({
  serving: HealthStatus.SERVING,
  not_serving: HealthStatus.NOT_SERVING,
  unreachable: HealthStatus.UNREACHABLE,
  unknown: HealthStatus.UNKNOWN,
});

/** The health of an instance, as it is sent: without metadata, so that 1000 fit into one answer. */
export function toInstanceHealth({ instance, status, message, latencyMs }: InstanceHealth): WireHealth {
  return create(InstanceHealthSchema, {
    instance: toInstance({ ...instance, metadata: {} }),
    status: healthStatuses[status],
    message,
    latency: toDuration(latencyMs),
  });
}

/** The load of a service as it goes out. */
export function toServiceLoad({ serviceName, instances, healthy, draining, capacity, load }: ServiceLoad): WireLoad {
  return create(ServiceLoadSchema, {
    serviceName,
    instanceCount: instances,
    healthyInstanceCount: healthy,
    drainingInstanceCount: draining,
    capacity: BigInt(capacity),
    currentLoad: BigInt(load),
    utilization: capacity === 0 ? 0 : load / capacity,
  });
}
