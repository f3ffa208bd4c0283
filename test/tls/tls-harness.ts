import { rename, writeFile } from "node:fs/promises";
import { type ConnectionOptions, connect, createSecureContext, type TLSSocket } from "node:tls";
import type { Client as GrpcClient } from "@grpc/grpc-js";
import { onTestFinished } from "vitest";
import { Health } from "../../gen/grpc/health/v1/health_pb.js";
import type { CertificatePair } from "../../src/cli/tls/certificates.ts";
import { systemClock } from "../../src/domain/clock.ts";
import type { Log, LogMethod } from "../../src/domain/log.ts";
import { type Client, createClient } from "../../src/grpc/client/client.ts";
import type { ClientAuth } from "../../src/rpc/handshakes.ts";
import { TlsReloader } from "../../src/tls/tls-reloader.ts";
import { createTestAuthority, type TestAuthority, type TlsPaths, writeTlsFiles } from "../harness/certificates.ts";
import { createCondition } from "../harness/condition.ts";
import { createTempDir, type TempDir } from "../harness/temp-dir.ts";
import { openChannel, type RpcHarness, type RpcHarnessOptions, startRpcHarness } from "../rpc/rpc-harness.ts";

/** What a test changes of its server. */
export interface TlsHarnessOptions extends Pick<RpcHarnessOptions, "queue" | "worker" | "settings" | "routes"> {
  readonly clientAuth?: ClientAuth;
  /** The server's certificate. Default: one of the authority. */
  readonly server?: CertificatePair;
  /** Default: a new one. */
  readonly authority?: TestAuthority;
}

/** A server with TLS whose files stand in a directory of the test. */
export interface TlsHarness extends RpcHarness {
  readonly authority: TestAuthority;
  readonly dir: TempDir;
  readonly paths: TlsPaths;
  readonly reloader: TlsReloader;
  readonly reloaderLog: RecordedLog;
  /** A client with its own connection: it trusts the authority, and shows `identity`. */
  connect(identity?: CertificatePair | null, trusts?: string): Client<typeof Health>;
}

/** Starts a server with TLS; it ends with the test. */
export async function startTlsHarness(options: TlsHarnessOptions = {}): Promise<TlsHarness> {
  const { clientAuth = "require", authority = await createTestAuthority(), server, ...handlers } = options;
  const dir = await createTempDir();
  onTestFinished(() => dir.remove());
  const paths = await writeTlsFiles(dir, server ?? (await authority.server()), authority.certificate);
  const reloaderLog = recordLog();
  const reloader = await TlsReloader.open({ paths, clock: systemClock, log: reloaderLog.log });
  const tls = { clientAuth, certificates: reloader };
  const harness = await startRpcHarness({ ...handlers, tls });
  return {
    ...harness,
    authority,
    dir,
    paths,
    reloader,
    reloaderLog,
    connect(identity = null, trusts = authority.certificate) {
      return createClient(Health, openSecureChannel(harness.address, trusts, identity));
    },
  };
}

/** A channel that trusts an authority and shows a certificate; ends with the test. */
export function openSecureChannel(address: string, ca: string, identity: CertificatePair | null): GrpcClient {
  const shown = identity && { cert: identity.certificate, key: identity.key };
  return openChannel(address, { security: { tls: () => createSecureContext({ ca, ...shown }) } });
}

/** A log that a test reads. */
export interface RecordedLog {
  readonly log: Pick<Log, "info" | "warn" | "error">;
  /** `level message reason`, each line. */
  readonly lines: readonly string[];
  /** Resolves once so many lines have been logged. */
  until(lines: number): Promise<void>;
}

/** Makes a log that a test reads. */
export function recordLog(): RecordedLog {
  const lines: string[] = [];
  const condition = createCondition();
  const method =
    (level: string): LogMethod =>
    (facts, message) => {
      lines.push([level, message, "reason" in facts ? String(facts.reason) : ""].join(" ").trim());
      condition.changed();
    };
  return {
    log: { info: method("info"), warn: method("warn"), error: method("error") },
    lines,
    until: (count) => condition.until(() => lines.length >= count, `${count} lines were logged`),
  };
}

/** Replaces a file as a careful program does: it is whole at every moment. */
export async function replaceFile(path: string, content: string): Promise<void> {
  await writeFile(`${path}.new`, content, { mode: 0o600 });
  await rename(`${path}.new`, path);
}

/** A bare TLS connection; ends with the test. Rejects if the handshake fails. */
export async function openTls(address: string, options: ConnectionOptions = {}): Promise<TLSSocket> {
  const port = Number(address.slice(address.lastIndexOf(":") + 1));
  const socket = connect({ host: "127.0.0.1", port, ALPNProtocols: ["h2"], ...options });
  onTestFinished(() => void socket.destroy());
  await new Promise<void>((resolve, reject) => {
    socket.once("secureConnect", resolve);
    socket.on("error", reject);
  });
  return socket;
}
