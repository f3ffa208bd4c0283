import { create, type DescMethod, type DescService } from "@bufbuild/protobuf";
import { Metadata } from "@grpc/grpc-js";
import { AccessService } from "../../gen/sitq/v1/access_service_pb.js";
import { AuditLog } from "../access/audit-log.ts";
import { Directory } from "../access/directory.ts";
import { readConfig } from "../config/config.ts";
import { openPrincipal } from "../domain/access/principal.ts";
import { wholeScope } from "../domain/access/scope.ts";
import { systemClock } from "../domain/clock.ts";
import type { Log } from "../domain/log.ts";
import { systemRandom } from "../domain/random.ts";
import { createRetries } from "../domain/retries.ts";
import { callErrorFromStatus } from "../grpc/client/call-error.ts";
import type { Client } from "../grpc/client/client.ts";
import type { ServiceHandlers } from "../grpc/handlers.ts";
import { createLog } from "../log.ts";
import { openStore } from "../open-store.ts";
import { accessServiceHandlers } from "../rpc/access/access-service.ts";
import { auditOf } from "../rpc/calls/audit-calls.ts";
import { rolesOf } from "../rpc/calls/authorize.ts";
import { AuthorizedCall, type RpcContext } from "../rpc/calls/rpc-context.ts";
import { statusOf } from "../rpc/calls/status.ts";

/** What a server keeps its data in: a file, or a database of PostgreSQL. */
export type LocalData = { readonly dbPath: string } | { readonly storeUrl: string };

/**
 * Runs work with the calls of AccessService on a file that no server has open, or on a database of PostgreSQL, which servers may have open; what is missing is created. The first admin is
 * made so: only who may write the file, or the database, can do it. What changes is in the audit log, from the peer `local`.
 *
 * @throws StoreRefused if the data cannot be used, as while a server runs on the file; CallError of what a call refuses, as over a connection
 */
export async function withLocalAccess<T>(
  data: LocalData,
  work: (access: Client<typeof AccessService>) => Promise<T>,
): Promise<T> {
  const log = createLog({ level: "warn", format: "text", clock: systemClock });
  const store = await openStore({ ...readConfig({}, {}), ...data }, () => undefined);
  const retries = createRetries({ clock: systemClock, random: systemRandom, log });
  const auditLog = new AuditLog({ store, clock: systemClock, retries, log: { ...log, info: () => undefined } });
  try {
    const directory = new Directory(store, systemClock);
    await directory.load();
    return await work(callsOf(AccessService, accessServiceHandlers(directory, auditLog), auditLog, log));
  } finally {
    await auditLog.stop();
    await retries.stop();
    await store.close();
  }
}

type AnyHandler = (request: unknown, context: RpcContext) => Promise<Record<string, unknown>>;

/** Calls the handlers of a service as a client would, in this process. All its methods are unary. */
function callsOf<S extends DescService>(
  desc: S,
  handlers: ServiceHandlers<S, RpcContext>,
  auditLog: AuditLog,
  log: Log,
): Client<S>;
function callsOf(
  desc: DescService,
  handlers: Readonly<Record<string, AnyHandler>>,
  auditLog: AuditLog,
  log: Log,
): Readonly<Record<string, unknown>> {
  const calls = desc.methods.map((method) => {
    const handler = handlers[method.localName];
    if (handler === undefined) throw new Error(`${method.name} has no handler`);
    return [method.localName, callOf(method, handler, auditLog, log)] as const;
  });
  return Object.fromEntries(calls);
}

function callOf(method: DescMethod, handler: AnyHandler, auditLog: AuditLog, log: Log) {
  const nothing = () => undefined;
  const rights = { scopeOf: () => wholeScope, check: () => [], isUnary: true, begun: nothing, itemsRefused: nothing };
  const { wrap } = auditOf(method, rolesOf(method), auditLog);
  const run = wrap((principal, request, context, _out, notes) =>
    handler(request, new AuthorizedCall(context, principal, wholeScope, rights, notes)),
  );
  return async (request: Record<string, unknown>) => {
    const context = {
      signal: new AbortController().signal,
      peer: "local",
      metadata: new Metadata(),
      peerCertificate: () => null,
      connection: () => null,
    };
    try {
      const answer = await run(openPrincipal, create(method.input, request), context, []);
      return create(method.output, answer as Record<string, unknown>);
    } catch (error) {
      throw callErrorFromStatus(statusOf(error, log));
    }
  };
}
