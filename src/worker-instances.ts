import type { WorkerHub } from "./queue/workers/worker-hub.ts";
import type { WorkerSession } from "./queue/workers/worker-session.ts";
import type { WorkerInstance } from "./registry/member.ts";
import type { WorkerInstances } from "./registry/worker-members.ts";

/** Makes instances of the workers that belong to a service: neither the queue nor the registry knows the other. */
export function registerWorkers(hub: WorkerHub, instances: WorkerInstances): void {
  const known = new WeakMap<WorkerSession, WorkerInstance>();
  hub.onEvent((event, session) => {
    if (session.hello.service === "") return;
    const instance = known.get(session) ?? instanceOf(session);
    known.set(session, instance);
    instances[event](instance);
  });
}

function instanceOf(session: WorkerSession): WorkerInstance {
  const { hello, connectMs } = session;
  return {
    serviceName: hello.service,
    workerId: hello.workerId,
    address: hello.address,
    metadata: hello.metadata,
    connectMs,
    get capacity() {
      return session.leaving ? 0 : session.statedCapacity;
    },
    // Also while it drains: clients by xDS group instances by it.
    get weight() {
      return hello.weight || session.statedCapacity || hello.capacity;
    },
    // What was promised to it may never come: claims under way offer more room than there are tasks.
    get load() {
      return session.inFlight;
    },
    get lastSeenMs() {
      return session.lastSeenMs;
    },
  };
}
