/** What is refused of services and their instances. */

import { quoted, SitqError } from "../errors.ts";

/** No instance of the service is known, or none with the metadata that were asked for. */
export function serviceNotFound(serviceName: string, field = "service_name"): SitqError {
  return new SitqError("SERVICE_NOT_FOUND", `No instance of ${quoted(serviceName)} matches.`, {
    field,
    metadata: { service_name: serviceName },
  });
}

/** The server itself serves no service of the name. */
export function serviceNotServed(): SitqError {
  return new SitqError("SERVICE_NOT_FOUND", "This server has no such service.", { field: "service" });
}

/** None of the service's instances takes new calls. @param draining how many of them drain */
export function noHealthyInstance(serviceName: string, matching: number, draining: number): SitqError {
  const silent = matching - draining;
  const why = [
    ...(silent > 0 ? [`${silent} missed ${silent === 1 ? "its" : "their"} heartbeat`] : []),
    ...(draining > 0 ? [`${draining} ${draining === 1 ? "drains" : "drain"}`] : []),
  ];
  return new SitqError(
    "NO_HEALTHY_INSTANCE",
    `None of the ${matching} matching instances of ${quoted(serviceName)} is healthy: ${why.join(", ")}.`,
    { field: "service_name", metadata: { service_name: serviceName }, retryAfterMs: 1_000 },
  );
}

/** All healthy instances of the service are at their capacity. @param healthy how many there are */
export function serviceFull(serviceName: string, healthy: number): SitqError {
  return new SitqError(
    "SERVICE_FULL",
    `All ${healthy} matching healthy instances of ${quoted(serviceName)} are full.`,
    { field: "service_name", metadata: { service_name: serviceName }, retryAfterMs: 100 },
  );
}

/** No instance has the name. */
export function instanceNotFound(serviceName: string, instanceId: string): SitqError {
  const name = `${quoted(instanceId)} of ${quoted(serviceName)}`;
  return new SitqError("INSTANCE_NOT_FOUND", `There is no instance ${name}. Register it.`, {
    field: "instance_id",
    metadata: { service_name: serviceName, instance_id: instanceId },
  });
}

/** Another registration has the instance's name. @param address where that one is */
export function instanceReplaced(serviceName: string, instanceId: string, address: string): SitqError {
  const name = `${quoted(instanceId)} of ${quoted(serviceName)}`;
  const text = `Another process has registered as ${name}, at ${address}: this registration is over. Give each its own id.`;
  return new SitqError("INSTANCE_REPLACED", text, {
    field: "registration_id",
    metadata: { service_name: serviceName, instance_id: instanceId, address },
  });
}
