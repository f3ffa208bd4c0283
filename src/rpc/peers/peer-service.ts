import { timingSafeEqual } from "node:crypto";
import { create } from "@bufbuild/protobuf";
import { DrainWorkerResponseSchema, type PeerService } from "../../../gen/peers/v1/peer_service_pb.js";
import { aborted, linkedController } from "../../async/signals.ts";
import type { Cluster } from "../../cluster/cluster.ts";
import { type News, noNews } from "../../cluster/news.ts";
import { partsOf } from "../../cluster/registry-news.ts";
import { invalidField } from "../../domain/errors.ts";
import { invalidCredentials } from "../../domain/refusals/access.ts";
import type { CallContext, ServiceHandlers } from "../../grpc/handlers.ts";
import type { WorkerHub } from "../../queue/workers/worker-hub.ts";
import { toWorker } from "../worker/worker.ts";
import { toListenResponses } from "./peer-news.ts";

/** The metadata that holds the secret of the servers of a database. */
export const secretField = "sitq-peer-secret";

/**
 * Makes the handlers of the calls between servers.
 *
 * @param stopping when aborted, every stream ends
 */
export function peerServiceHandlers(
  cluster: Cluster,
  workers: Pick<WorkerHub, "drain" | "activityOf">,
  stopping: AbortSignal,
): ServiceHandlers<typeof PeerService> {
  async function checkCaller({ metadata }: CallContext, serverId: number): Promise<void> {
    const [sent] = metadata.get(secretField);
    const secret = Buffer.from(await cluster.secret());
    const given = Buffer.from(String(sent ?? ""));
    if (given.length !== secret.length || !timingSafeEqual(given, secret))
      throw invalidCredentials("only servers that share the database may call this");
    if (serverId !== cluster.serverId) throw invalidField("server_id", `This is server ${cluster.serverId}.`);
  }

  return {
    async listen({ callerId, serverId }, context, out) {
      await checkCaller(context, serverId);
      const sendAll = (news: News) => {
        for (const part of partsOf(news, noNews)) for (const message of toListenResponses(part)) out.send(message);
      };
      const send = () => {
        const news = out.writable ? listener.take() : null;
        if (news !== null) sendAll(news);
      };
      const listener = cluster.listeners.add(send);
      out.onDrain(send);
      cluster.met(callerId);
      sendAll(listener.take() ?? noNews);
      const end = linkedController(context.signal, stopping);
      await aborted(end.signal);
      end.release();
      listener.leave();
    },

    async drainWorker({ serverId, workerId, graceMs }, context) {
      await checkCaller(context, serverId);
      const worker = workers.drain(workerId, Number(graceMs));
      return create(DrainWorkerResponseSchema, { worker: toWorker(worker, workers.activityOf(worker)) });
    },
  };
}
