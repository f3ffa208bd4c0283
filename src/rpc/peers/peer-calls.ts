import { X509Certificate } from "node:crypto";
import { createSecureContext, type SecureContextOptions } from "node:tls";
import { toBinary } from "@bufbuild/protobuf";
import { Metadata } from "@grpc/grpc-js";
import { PeerService } from "../../../gen/peers/v1/peer_service_pb.js";
import { WorkerSchema } from "../../../gen/sitq/v1/worker_service_pb.js";
import type { Caller, PeerCalls } from "../../cluster/peer-link.ts";
import { workerNotFound } from "../../domain/refusals/workers.ts";
import { CallError } from "../../grpc/client/call-error.ts";
import { createChannel } from "../../grpc/client/channel.ts";
import { createClient } from "../../grpc/client/client.ts";
import type { ConnectionSecurity } from "../../grpc/client/connection-security.ts";
import type { SharingServer } from "../../store/cluster-store.ts";
import { fromListenResponse } from "./peer-news.ts";
import { secretField } from "./peer-service.ts";

/** How often a server is asked whether it is still there, in milliseconds: a machine that is gone says nothing. */
const keepaliveMs = 3_000;

/** How long a call may take that is no stream, in milliseconds. */
const callMs = 5_000;

/** This server's certificate and key, which it shows where clients must have one; `null`: it has none. */
type OwnCertificate = () => Pick<SecureContextOptions, "cert" | "key"> | null;

/** Makes the calls to other servers, each over a connection of its own. */
export function createPeerCalls(own: OwnCertificate): PeerCalls {
  const openTo = ({ address, certificate }: SharingServer) => {
    const security = certificate === null ? {} : pinned(certificate, own);
    const options = { "grpc.keepalive_time_ms": keepaliveMs, "grpc.keepalive_timeout_ms": keepaliveMs };
    return createChannel(address, { security, options });
  };

  return {
    async listenTo(server, caller, { begun, news }, signal) {
      const channel = openTo(server);
      try {
        const { listen } = createClient(PeerService, channel);
        const request = { callerId: caller.callerId, serverId: server.id };
        let isFirst = true;
        for await (const message of listen(request, { metadata: proofOf(caller), signal })) {
          if (isFirst) begun();
          isFirst = false;
          news(fromListenResponse(message));
        }
      } finally {
        channel.close();
      }
    },

    async drainWorker(server, caller, workerId, graceMs) {
      const channel = openTo(server);
      try {
        const { drainWorker } = createClient(PeerService, channel);
        const request = { serverId: server.id, workerId, graceMs: BigInt(graceMs) };
        const { worker } = await drainWorker(request, { metadata: proofOf(caller), timeoutMs: callMs });
        if (worker === undefined) throw workerNotFound(workerId);
        return toBinary(WorkerSchema, worker);
      } catch (error) {
        // It has gone meanwhile, or its server cannot be reached.
        if (error instanceof CallError) throw workerNotFound(workerId);
        throw error;
      } finally {
        channel.close();
      }
    },
  };
}

function proofOf({ secret }: Caller): Metadata {
  const metadata = new Metadata();
  metadata.set(secretField, secret);
  return metadata;
}

/** The certificate is the very one that the server has put into the database: no authority need know it, nor the name by which it is called. */
function pinned(certificate: string, own: () => Pick<SecureContextOptions, "cert" | "key"> | null): ConnectionSecurity {
  return {
    tls: () => createSecureContext({ ...own(), ca: certificate, allowPartialTrustChain: true }),
    serverName: nameOf(certificate),
  };
}

/** A name that the certificate is for. */
function nameOf(certificate: string): string | undefined {
  const names = new X509Certificate(certificate).subjectAltName ?? "";
  return /(?:DNS|IP Address):([^,\s]+)/.exec(names)?.[1]?.replace(/^\*\./, "any.");
}
