import {
  namesOfQueues,
  namesOfSubscription,
  namesOfTask,
  namesOfWorkflow,
  type ScopedName,
} from "./domain/access/scoped-name.ts";
import type { AllWorkers } from "./queue/all-workers.ts";
import type { Registry } from "./registry/registry.ts";
import type { ScopeLookups } from "./rpc/calls/request-scope.ts";
import type { Store } from "./store/store.ts";

/** Where ids are looked up. */
export interface LookupSources {
  readonly store: Pick<Store, "queuesOf" | "getWorkflow" | "getEvent" | "getSubscription">;
  readonly workers: Pick<AllWorkers, "list">;
  readonly registry: Pick<Registry, "reservation">;
}

/** Creates the look-ups of what ids stand for. They cost a read of the store for each call of a caller with a narrow scope. */
export function createScopeLookups({ store, workers, registry }: LookupSources): ScopeLookups {
  return {
    async task(ids) {
      const queues = await store.queuesOf(ids);
      return queues.map((queue) => (queue === null ? null : namesOfTask({ queue })));
    },
    workflow: (ids) => each(ids, (id) => store.getWorkflow(id), namesOfWorkflow),
    event(ids, request) {
      const source =
        "sourceService" in request && typeof request.sourceService === "string" ? request.sourceService : "";
      return each(
        ids,
        (id) => store.getEvent(id, source === "" ? null : source, 0),
        ({ event }) => [{ kind: "event_type", name: event.type }],
      );
    },
    subscription: (ids) => each(ids, (name) => store.getSubscription(name), namesOfSubscription),
    worker(ids) {
      const queues = new Map(workers.list().map(({ hello }) => [hello.workerId, hello.queues]));
      return ids.map((id) => namesOfQueues(queues.get(id) ?? []));
    },
    reservation: (ids) =>
      ids.map((id) => {
        const reserved = registry.reservation(id);
        return reserved === null ? null : [{ kind: "service", name: reserved.serviceName }];
      }),
  };
}

function each<T>(
  ids: readonly string[],
  read: (id: string) => Promise<T | null>,
  namesOf: (found: T) => readonly ScopedName[],
): Promise<(readonly ScopedName[] | null)[]> {
  return Promise.all(
    ids.map(async (id) => {
      const found = await read(id);
      return found === null ? null : namesOf(found);
    }),
  );
}
