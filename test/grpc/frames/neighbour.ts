import type { Client as GrpcClient } from "@grpc/grpc-js";
import { Health } from "../../../gen/grpc/health/v1/health_pb.js";
import { createClient } from "../../../src/grpc/client/client.ts";

/** A client that does nothing wrong: it calls all the time, beside an open stream. */
export interface Neighbour {
  /** Resolves when one more call has begun and succeeded; rejects if any has failed, or the stream has ended. */
  check(): Promise<void>;
  /** Ends it. Rejects if a call has failed. */
  stop(): Promise<void>;
}

/**
 * Starts one.
 *
 * @param channel its connection, which no other client has
 * @param call makes a call. Default: of Health
 */
export async function startNeighbour(channel: GrpcClient, call?: () => Promise<unknown>): Promise<Neighbour> {
  const health = createClient(Health, channel);
  const callOnce = call ?? (() => health.check({}));
  const ending = new AbortController();
  const watch = health.watch({}, { signal: ending.signal })[Symbol.asyncIterator]();
  await watch.next();
  const over = watch.next().then(() => {
    throw new Error("the neighbour's stream ended");
  });
  const calls = (async () => {
    while (!ending.signal.aborted) await callOnce();
  })();
  // `check` looks at them.
  for (const each of [over, calls]) each.catch(() => undefined);
  return {
    check: async () => void (await Promise.race([callOnce(), over, calls])),
    async stop() {
      ending.abort();
      await calls;
    },
  };
}
