import { Metadata } from "@grpc/grpc-js";
import { AccessService } from "../../gen/sitq/v1/access_service_pb.js";
import { Directory } from "../../src/access/directory.ts";
import { readConfig } from "../../src/config/config.ts";
import type { Config } from "../../src/config/settings.ts";
import { wholeGrant } from "../../src/domain/access/grant.ts";
import { type Clock, systemClock } from "../../src/domain/clock.ts";
import { type CallOptions, type Client, createClient } from "../../src/grpc/client/client.ts";
import { openStore } from "../../src/open-store.ts";
import { storeOfTests } from "../harness/databases/store-of-tests.ts";
import type { FakeClock } from "../harness/fake-clock.ts";
import { startServer, type TestServer } from "../harness/server.ts";
import { createTempDir } from "../harness/temp-dir.ts";

/** A server that asks its callers who they are. */
export interface SecuredServer extends AsyncDisposable {
  readonly server: TestServer;
  readonly access: Client<typeof AccessService>;
  /** The options of a call as the first admin. */
  readonly admin: CallOptions;
  /** The first admin's token. */
  readonly rootToken: string;
  /** Creates a token by grants in their text form, and answers it. */
  tokenOf(
    name: string,
    ...grants: Parameters<Client<typeof AccessService>["createToken"]>[0]["grants"] & object
  ): Promise<string>;
}

/** Starts a server with authentication on a file in which the first admin has a token. */
export async function startSecured(clock?: Clock | FakeClock, config: Partial<Config> = {}): Promise<SecuredServer> {
  const dir = await createTempDir();
  const dbPath = dir.file("sitq.db");
  const store = await openStore({ ...readConfig({}, {}), ...storeOfTests(dbPath) }, () => undefined);
  const directory = new Directory(store, clock ?? systemClock);
  await directory.load();
  const { text } = await directory.createToken("root", [wholeGrant], null);
  await store.close();
  const server = await startServer({ dbPath, config: { auth: "on", ...config }, ...(clock && { clock }) });
  const access = createClient(AccessService, server.channel);
  const admin = as(text);
  return {
    server,
    access,
    admin,
    rootToken: text,
    async tokenOf(name, ...grants) {
      return (await access.createToken({ principal: name, grants }, admin)).secret;
    },
    async [Symbol.asyncDispose]() {
      await server.stop();
      await dir[Symbol.asyncDispose]();
    },
  };
}

/** The options of a call with a token. */
export function as(token: string): CallOptions {
  const metadata = new Metadata();
  metadata.set("authorization", `Bearer ${token}`);
  return { metadata };
}
