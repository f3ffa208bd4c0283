import { create, type DescMethodUnary, type MessageInitShape } from "@bufbuild/protobuf";
import { AccessService } from "../gen/sitq/v1/access_service_pb.js";
import { Directory } from "./access/directory.ts";
import { readConfig } from "./config/config.ts";
import { systemClock } from "./domain/clock.ts";
import type { Client } from "./grpc/client/client.ts";
import { openStore } from "./open-store.ts";
import { accessServiceHandlers } from "./rpc/access/access-service.ts";
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
    const calls = unary.map((method) => [method.localName, callOf(method, handlers[method.localName] as Handler)]);
    return await work(Object.fromEntries(calls) as LocalAccess);
  } finally {
    await store.close();
  }
}

type Handler = (request: object, context: RpcContext) => Promise<object>;

/** None of these calls asks who makes it. */
const noContext = {} as RpcContext;

function callOf(method: DescMethodUnary, handle: Handler) {
  return async (init: MessageInitShape<typeof method.input>) =>
    create(
      method.output,
      (await handle(create(method.input, init), noContext)) as MessageInitShape<typeof method.output>,
    );
}
