import { HealthCheckResponse_ServingStatus as ServingStatus } from "../gen/grpc/health/v1/health_pb.js";
import type { Log } from "./domain/log.ts";
import type { RpcServer } from "./rpc/server.ts";
import type { Store } from "./store/store.ts";

/** The service of health that is not SERVING while new work is refused because the disk is nearly full; there is none without such a disk. */
const diskHealth = "sitq.disk";

/** Why the server is not serving while its database is away. */
const unreachable = "the database cannot be reached";

/** Shows the state of the store and of the disk in the health of the server and in the log. */
export function showStoreInHealth(store: Store, { health }: Pick<RpcServer, "health">, log: Log): void {
  if (store.watchesDisk) health.set(diskHealth, ServingStatus.SERVING);
  store.onDisk(({ isLow, freeBytes, reserveBytes }) => {
    const facts = { free_bytes: freeBytes, reserve_bytes: reserveBytes };
    health.set(diskHealth, isLow ? ServingStatus.NOT_SERVING : ServingStatus.SERVING);
    if (isLow)
      log.error(facts, "the disk is nearly full: refusing new work with DISK_LOW; outcomes and deletions continue");
    else log.info(facts, "disk space is available again: accepting new work");
  });
  store.onReachable((isReachable) => {
    if (isReachable && health.whyNotServing === unreachable) health.setAll(true);
    else if (!isReachable && health.whyNotServing === null) health.setAll(unreachable);
    if (isReachable) log.info({}, "the database can be reached again");
    else log.error({}, "the database cannot be reached: nothing is acknowledged until it can");
  });
  store.onSlowCommit(({ durationMs, syncMs, verbs }) => {
    const facts = { duration_ms: Math.round(durationMs), sync_ms: Math.round(syncMs), calls: verbs.length };
    log.warn({ ...facts, verbs: [...new Set(verbs)] }, "a commit took long: other calls waited for it");
  });
  void store.failed.then((error) => {
    health.setAll("the storage has failed");
    log.fatal({ error }, "storage failed; no more writes are acknowledged");
  });
}
