/**
 * Calls from one service to another, as plain gRPC with JSON for messages: `sitq:///inventory` finds whom to call. Both sides show the
 * certificates by which they call the server, where they have some.
 */

import { readFileSync } from "node:fs";
import { type ChannelCredentials, Client, credentials, Server, ServerCredentials, status } from "@grpc/grpc-js";

/** Answers a call of another service. */
export type Answer = (question: unknown) => Promise<unknown>;

const path = "/shop.Service/Ask";
const toBytes = (value: unknown) => Buffer.from(JSON.stringify(value));
const fromBytes = (bytes: Buffer): unknown => JSON.parse(bytes.toString("utf8"));

/** The files that the SDK reads too. `null`: the shop runs in clear text. */
function certificates() {
  const { SITQ_TLS_CA: ca, SITQ_TLS_CLIENT_CERT: cert, SITQ_TLS_CLIENT_KEY: key } = process.env;
  if (ca === undefined || cert === undefined || key === undefined) return null;
  return { ca: readFileSync(ca), cert: readFileSync(cert), key: readFileSync(key) };
}

function serverCredentials(): ServerCredentials {
  const files = certificates();
  if (files === null) return ServerCredentials.createInsecure();
  return ServerCredentials.createSsl(files.ca, [{ cert_chain: files.cert, private_key: files.key }], true);
}

function clientCredentials(): ChannelCredentials {
  const files = certificates();
  return files === null ? credentials.createInsecure() : credentials.createSsl(files.ca, files.key, files.cert);
}

/** A service that others can call. */
export interface DirectServer {
  /** `host:port`. */
  readonly address: string;
  close(): void;
}

/** Serves one method on a free port. */
export async function serveDirectly(answer: Answer): Promise<DirectServer> {
  const server = new Server();
  const definition = {
    path,
    requestStream: false,
    responseStream: false,
    requestSerialize: toBytes,
    requestDeserialize: fromBytes,
    responseSerialize: toBytes,
    responseDeserialize: fromBytes,
  } as const;
  server.addService(
    { ask: definition },
    {
      ask(
        call: { request: unknown },
        done: (error: { code: number; details: string } | null, value?: unknown) => void,
      ) {
        answer(call.request).then(
          (value) => done(null, value),
          (error: unknown) => done({ code: status.INTERNAL, details: String(error) }),
        );
      },
    },
  );
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", serverCredentials(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  return { address: `127.0.0.1:${port}`, close: () => server.forceShutdown() };
}

/** Whom to ask. */
export interface DirectClient {
  /** Asks one instance; another one if it is gone before it answers. */
  ask(question: unknown): Promise<unknown>;
  close(): void;
}

/** How often a call is made in all. */
const mostTries = 5;

/** A client of a service, by its target: `sitq:///inventory`. */
export function connectDirectly(target: string): DirectClient {
  const client = new Client(target, clientCredentials());

  function askOnce(question: unknown): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const options = { deadline: Date.now() + 5_000 };
      client.makeUnaryRequest(path, toBytes, fromBytes, question, options, (error, value) =>
        error === null ? resolve(value) : reject(error),
      );
    });
  }

  return {
    async ask(question) {
      for (let tries = 1; ; tries++) {
        try {
          return await askOnce(question);
        } catch (error) {
          const isGone = error instanceof Error && "code" in error && error.code === status.UNAVAILABLE;
          if (!isGone || tries === mostTries) throw error;
        }
      }
    },
    close: () => client.close(),
  };
}
