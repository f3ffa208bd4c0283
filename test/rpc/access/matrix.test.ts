/** Every method × every role × in scope, out of scope, without an identity, over the wire, by the contract's own table. */

import { create, createRegistry, type DescMethod, getOption, type Message, toJsonString } from "@bufbuild/protobuf";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { file_google_rpc_error_details } from "../../../gen/google/rpc/error_details_pb.js";
import { access, Role, ScopeKind } from "../../../gen/sitq/v1/access_pb.js";
import { AccessService } from "../../../gen/sitq/v1/access_service_pb.js";
import { AdminService } from "../../../gen/sitq/v1/admin_service_pb.js";
import { EventService } from "../../../gen/sitq/v1/event_service_pb.js";
import { MonitorService } from "../../../gen/sitq/v1/monitor_service_pb.js";
import { QueueService } from "../../../gen/sitq/v1/queue_service_pb.js";
import { RegistryService } from "../../../gen/sitq/v1/registry_service_pb.js";
import { WorkerService } from "../../../gen/sitq/v1/worker_service_pb.js";
import { WorkflowService } from "../../../gen/sitq/v1/workflow_service_pb.js";
import { type Role as RoleName, roles } from "../../../src/domain/access/grant.ts";
import type { CallOptions } from "../../../src/grpc/client/client.ts";
import { createClient } from "../../../src/grpc/client/client.ts";
import { leaksIn } from "../../access/secrets.ts";
import { as, trustingAuthenticator } from "../../harness/calls/principals.ts";
import { type Refusal, refusalIn, refusalInStatus } from "../../harness/refusal.ts";
import { startServer, type TestServer } from "../../harness/server.ts";
import { canary, exampleRequests, prefix } from "./example-requests.ts";

const services = {
  queue: QueueService,
  event: EventService,
  registry: RegistryService,
  worker: WorkerService,
  workflow: WorkflowService,
  monitor: MonitorService,
  admin: AdminService,
  access: AccessService,
} as const;

/** Of the details of refusals. */
const registry = createRegistry(file_google_rpc_error_details);

let server: TestServer;
beforeAll(async () => {
  server = await startServer({ authenticator: trustingAuthenticator });
});
afterAll(() => server.stop());

/** What came of a call: the first that it answers, or its refusal. */
type Answer = { readonly message: Message } | { readonly refusal: Refusal };
type Stream = AsyncIterable<Message>;

async function call(method: DescMethod, request: object, options?: CallOptions): Promise<Answer> {
  const client: Readonly<Record<string, unknown>> = createClient(method.parent, server.channel);
  const send = client[method.localName];
  if (typeof send !== "function") throw new Error(`no client of ${method.name}`);
  try {
    if (method.methodKind === "unary") return { message: await send(request, options) };
    if (method.methodKind === "server_streaming") return { message: await firstOf(send(request, options)) };
    const stream = send(options) as { send(request: object): void; responses: Stream };
    stream.send(request);
    return { message: await firstOf(stream.responses) };
  } catch (error) {
    return { refusal: refusalIn(error) };
  }
}

/** Leaving the loop cancels the call. */
async function firstOf(stream: Stream): Promise<Message> {
  for await (const message of stream) return message;
  throw new Error("the stream ended without a message");
}

/** The refusal of a call, or of the first item of its batch; `null`: none. */
function refusalOf(answer: Answer): Refusal | null {
  if ("refusal" in answer) return answer.refusal;
  const { results } = answer.message as { results?: readonly { error?: Parameters<typeof refusalInStatus>[0] }[] };
  const error = Array.isArray(results) ? results[0]?.error : undefined;
  return error === undefined ? null : refusalInStatus(error);
}

const isForRights = (refusal: Refusal | null) =>
  refusal !== null && ["PERMISSION_DENIED", "UNAUTHENTICATED"].includes(refusal.code);

function textOf(method: DescMethod, answer: Answer): string {
  return "refusal" in answer ? answer.refusal.message : toJsonString(method.output, answer.message, { registry });
}

function principal(role: RoleName, pattern: string): CallOptions {
  // What users call themselves may not be what is looked for.
  return as("caller", { role, queue: [pattern], event_type: [pattern], service: [pattern] });
}
const inside = (role: RoleName) => principal(role, `${prefix}*`);
const outside = (role: RoleName) => principal(role, "other.*");

/** The id of a worker names it only if it is the caller's own; then the id in scope is. */
function foreign(method: DescMethod, request: object): object {
  const [id] = getOption(method, access).scopes.filter(({ kind }) => kind === ScopeKind.WORKER_ID);
  return id === undefined || method.name === "Work" ? request : { ...request, workerId: "someone/w" };
}

/** The paths of the request that decide, and whether the answer is a list of such things. */
function rulesOf(method: DescMethod) {
  const { roles: allowed, scopes } = getOption(method, access);
  return {
    allows: (role: RoleName) => role === "admin" || allowed.some((each) => Role[each].toLowerCase() === role),
    fields: scopes.map(({ field }) => field).filter((field) => field !== ""),
  };
}

/** A request with the fields of these paths not set. */
function without(method: DescMethod, request: object, paths: readonly string[]): object {
  const copy = structuredClone(create(method.input, request as Record<string, unknown>));
  for (const path of paths) {
    const names = path.split(".").map((name) => name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()));
    const last = names.pop() ?? "";
    const holders = names.reduce<unknown[]>((within, name) => within.flatMap((value) => valueIn(value, name)), [copy]);
    for (const holder of holders) {
      const value = valueIn(holder, last);
      if (typeof holder === "object" && holder !== null && value !== undefined) {
        Reflect.set(holder, last, Array.isArray(value) ? [] : "");
      }
    }
  }
  return copy;
}

function valueIn(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}

for (const [name, service] of Object.entries(services)) {
  describe.each(service.methods.map((method) => [method.name, method] as const))(`${name}: %s`, (_, method) => {
    const rules = rulesOf(method);
    const example = async (): Promise<object> => {
      const all: Readonly<Record<string, Readonly<Record<string, () => object | Promise<object>>>>> =
        exampleRequests(server);
      const make = all[name]?.[method.localName];
      if (make === undefined) throw new Error(`${method.name} has no example`);
      return make();
    };

    it("is refused without an identity", async () => {
      const { code, reason } = refusalOf(await call(method, await example())) ?? {};
      expect({ code, reason }).toEqual({ code: "UNAUTHENTICATED", reason: "CREDENTIALS_REQUIRED" });
    });

    for (const role of roles) {
      if (!rules.allows(role)) {
        it.each([["in", inside] as const, ["out of", outside] as const])(
          `is refused to a ${role} %s scope`,
          async (_, who) => {
            const { code, reason } = refusalOf(await call(method, await example(), who(role))) ?? {};
            expect({ code, reason }).toEqual({ code: "PERMISSION_DENIED", reason: "ROLE_REQUIRED" });
          },
        );
        continue;
      }

      it(`is open to a ${role} in scope`, async () => {
        const answer = await call(method, await example(), inside(role));
        expect(refusalOf(answer)).not.toSatisfy(isForRights);
        if (role === "viewer") expect(leaksIn(textOf(method, answer), { canary })).toEqual([]);
      });

      it(`shows or does nothing for a ${role} out of scope`, async () => {
        const asked = await example();
        const request = foreign(method, asked);
        const answer = await call(method, request, outside(role));
        if (role === "admin") {
          // Everything is in an admin's scope, but not the name of another's worker.
          expect(isForRights(refusalOf(answer))).toBe(request !== asked);
          return;
        }
        if (rules.fields.length > 0) {
          const refusal = refusalOf(answer);
          expect(refusal).toMatchObject({ code: "PERMISSION_DENIED", reason: "OUT_OF_SCOPE" });
          const field = refusal?.field?.replaceAll(/\[\d+\]/g, "");
          expect(rules.fields).toContain(field);
        } else expect(textOf(method, answer)).not.toContain(`"${prefix}`);
        const unset = await call(method, without(method, request, rules.fields), outside(role));
        if ("message" in unset) expect(textOf(method, unset)).not.toContain(`"${prefix}`);
      });
    }
  });
}

it("covers every service that is served", async () => {
  const names = Object.values(services).map(({ typeName }) => typeName);
  const { statuses } = await server.health.list({});
  expect(
    Object.keys(statuses)
      .filter((served) => served.startsWith("sitq.v1."))
      .sort(),
  ).toEqual(names.sort());
});
