import { create, type DescMethodUnary, type MessageInitShape } from "@bufbuild/protobuf";
import { AccessService } from "../gen/sitq/v1/access_service_pb.js";
import { Directory } from "./access/directory.ts";
import { readConfig } from "./config/config.ts";
import type { AuditEntry } from "./domain/access/audit-entry.ts";
import { systemClock } from "./domain/clock.ts";
import type { Client } from "./grpc/client/client.ts";
import { methodPath } from "./grpc/codec.ts";
import { openStore } from "./open-store.ts";
import { accessServiceHandlers } from "./rpc/access/access-service.ts";
import { callResource } from "./rpc/calls/call-resource.ts";
import { accessOf } from "./rpc/calls/request-scope.ts";
import type { RpcContext } from "./rpc/calls/rpc-context.ts";

/** The calls of AccessService on a database that no server has open. */
export type LocalAccess = Pick<
  Client<typeof AccessService>,
  | "createPrincipal"
  | "updatePrincipal"
  | "getPrincipal"
  | "listPrincipals"
  | "deletePrincipal"
  | "createToken"
  | "listTokens"
  | "revokeToken"
>;

/**
 * Runs work with the principals and tokens of a database file; the file is created if missing. The first admin is created so:
 * only who may write the file can do it.
 *
 * @throws StoreRefused if the file cannot be used, or a server has it open
 */
export async function withLocalAccess<T>(dbPath: string, work: (access: LocalAccess) => Promise<T>): Promise<T> {
  const store = await openStore({ ...readConfig({}, {}), dbPath }, () => undefined);
  try {
    const directory = new Directory(store, systemClock);
    await directory.load();
    const handlers = accessServiceHandlers(directory, store) as unknown as Readonly<Record<string, Handler>>;
    const unary = AccessService.methods.filter((method): method is DescMethodUnary => method.methodKind === "unary");
    const audit = (entry: AuditEntry) => store.appendAudit([entry]);
    const calls = unary.map((method) => [
      method.localName,
      callOf(method, handlers[method.localName] as Handler, audit),
    ]);
    return await work(Object.fromEntries(calls) as LocalAccess);
  } finally {
    await store.close();
  }
}

type Handler = (request: object, context: RpcContext) => Promise<object>;

/** None of these calls asks who makes it. */
const noContext = {} as RpcContext;

/** A changing call is an audit entry without a principal, from `local`: only who may write the file can make it. */
function callOf(method: DescMethodUnary, handle: Handler, audit: (entry: AuditEntry) => Promise<void>) {
  const { changes } = accessOf(method);
  return async (init: MessageInitShape<typeof method.input>) => {
    const request = create(method.input, init);
    const answer = (await handle(request, noContext)) as MessageInitShape<typeof method.output>;
    if (changes) await audit(entryOf(method, callResource(method).ofRequest(request)));
    return create(method.output, answer);
  };
}

function entryOf(method: DescMethodUnary, resource: string): AuditEntry {
  const who = { principal: "", credential: "", peer: "local" };
  return { timeMs: systemClock.now(), ...who, method: methodPath(method), resource, code: "OK", reason: "", count: 1 };
}
