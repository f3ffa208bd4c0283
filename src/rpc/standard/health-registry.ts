import { HealthCheckResponse_ServingStatus as ServingStatus } from "../../../gen/grpc/health/v1/health_pb.js";

/** The health of each service, for clients. The server as a whole is the service with the empty name. */
export interface HealthRegistry {
  /** Why the server as a whole is not serving, in a few words; `null`: it is. */
  readonly whyNotServing: string | null;
  /** Sets the status of every service: to serving, or not, for a reason in a few words. */
  setAll(status: true | string): void;
  /** Sets the status of one service; a new name is added. */
  set(service: string, status: ServingStatus): void;
  /** The status of a service; `undefined`: there is no such service. */
  get(service: string): ServingStatus | undefined;
  /** Every service and its status. */
  entries(): Iterable<readonly [string, ServingStatus]>;
  /** Calls `listener` after each change, until the function that it answers is called. */
  onChange(listener: () => void): () => void;
}

/**
 * Makes the registry of the given services and of the server as a whole. They are not serving until set.
 *
 * @param services their full names: `sitq.v1.QueueService`
 */
export function createHealthRegistry(services: readonly string[]): HealthRegistry {
  const statuses = new Map(["", ...services].map((name) => [name, ServingStatus.NOT_SERVING]));
  const listeners = new Set<() => void>();
  const notify = () => {
    for (const listener of listeners) listener();
  };
  let whyNotServing: string | null = "starting";
  return {
    get whyNotServing() {
      return whyNotServing;
    },
    setAll(serving) {
      whyNotServing = serving === true ? null : serving;
      const status = serving === true ? ServingStatus.SERVING : ServingStatus.NOT_SERVING;
      for (const name of statuses.keys()) statuses.set(name, status);
      notify();
    },
    set(service, status) {
      statuses.set(service, status);
      notify();
    },
    get: (service) => statuses.get(service),
    entries: () => statuses.entries(),
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
