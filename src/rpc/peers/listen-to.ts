import { X509Certificate } from "node:crypto";
import { createSecureContext, type SecureContextOptions } from "node:tls";
import { Metadata } from "@grpc/grpc-js";
import { PeerService } from "../../../gen/peers/v1/peer_service_pb.js";
import type { ListenTo } from "../../cluster/peer-link.ts";
import { createChannel } from "../../grpc/client/channel.ts";
import { createClient } from "../../grpc/client/client.ts";
import type { ConnectionSecurity } from "../../grpc/client/connection-security.ts";
import { fromListenResponse } from "./peer-news.ts";
import { secretField } from "./peer-service.ts";

/** How often a server is asked whether it is still there, in milliseconds: a machine that is gone says nothing. */
const keepaliveMs = 3_000;

/**
 * Makes what listens to other servers, each over a connection of its own.
 *
 * @param own this server's certificate and key, which it shows where clients must have one; `null`: it has none
 */
export function listenOverGrpc(own: () => Pick<SecureContextOptions, "cert" | "key"> | null): ListenTo {
  return async (server, { secret, callerId }, { begun, news }, signal) => {
    const security = server.certificate === null ? {} : pinned(server.certificate, own);
    const options = { "grpc.keepalive_time_ms": keepaliveMs, "grpc.keepalive_timeout_ms": keepaliveMs };
    const channel = createChannel(server.address, { security, options });
    try {
      const metadata = new Metadata();
      metadata.set(secretField, secret);
      const { listen } = createClient(PeerService, channel);
      let isFirst = true;
      for await (const message of listen({ callerId, serverId: server.id }, { metadata, signal })) {
        if (isFirst) begun();
        isFirst = false;
        news(fromListenResponse(message));
      }
    } finally {
      channel.close();
    }
  };
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
