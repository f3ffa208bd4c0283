import { readFile } from "node:fs/promises";
import { create } from "@bufbuild/protobuf";
import { ValueSchema } from "@bufbuild/protobuf/wkt";
import { expect, it } from "vitest";
import { Role } from "../../gen/sitq/v1/access_pb.js";
import { AccessService } from "../../gen/sitq/v1/access_service_pb.js";
import { EventService } from "../../gen/sitq/v1/event_service_pb.js";
import { QueueService, TaskView } from "../../gen/sitq/v1/queue_service_pb.js";
import { WorkerService } from "../../gen/sitq/v1/worker_service_pb.js";
import { createChannel } from "../../src/grpc/client/channel.ts";
import { createClient } from "../../src/grpc/client/client.ts";
import { sitq } from "../cli/cli-harness.ts";
import { type Refusal, refusalOf } from "../harness/refusal.ts";
import { startServer } from "../harness/server-process.ts";
import { createTempDir } from "../harness/temp-dir.ts";
import { as } from "./secured-server.ts";

const canary = "canary7f3e";
/** A secret of its own for each place, so that a failure says which of them has leaked. */
const secret = (place: string) => `${canary}-${place}`;
const payload = (place: string) => ({ kind: { case: "binary", value: Buffer.from(secret(place)) } }) as const;

/** The text of a message, with what bytes in it say. */
function textOf(value: unknown): string {
  if (typeof value === "bigint") return String(value);
  if (value instanceof Uint8Array) return Buffer.from(value).toString();
  if (typeof value !== "object" || value === null) return String(value);
  return Object.entries(value)
    .map(([name, inner]) => `${name}: ${textOf(inner)}`)
    .join("\n");
}

it("writes no secret of its users anywhere but where it was stored", async () => {
  await using dir = await createTempDir();
  const [db, tokenFile] = [dir.file("sitq.db"), dir.file("root.token")];
  await sitq(["token", "create", "root", "--role", "admin", "--db", db, "--out", tokenFile]);
  const rootToken = (await readFile(tokenFile, "utf8")).trim();
  const admin = as(rootToken);

  await using server = await startServer({ db, args: ["--auth", "on", "--log-level", "debug"] });
  const channel = createChannel(server.address);
  const access = createClient(AccessService, channel);
  const queue = createClient(QueueService, channel);
  const event = createClient(EventService, channel);
  const worker = createClient(WorkerService, channel);
  const tokenOf = async (principal: string, role: Role) => {
    const scope = { queues: ["mail"], eventTypes: ["mail.*"], services: ["mail"] };
    return (await access.createToken({ principal, grants: [{ role, ...scope }] }, admin)).secret;
  };
  const tokens = [
    await tokenOf("shop", Role.PRODUCER),
    await tokenOf("mail", Role.WORKER),
    await tokenOf("eyes", Role.VIEWER),
  ];
  const [producer, mailer, viewer] = tokens.map(as);

  const content = { payload: payload("payload"), headers: { note: secret("header") } };
  const task = { queue: "mail", type: "send", maxAttempts: 2, ...content };
  const { task: stored } = await queue.enqueue({ task }, producer);
  const taskId = stored?.id ?? "";
  const attributes = { note: create(ValueSchema, { kind: { case: "stringValue", value: secret("attribute") } }) };
  const sent = { id: "e1", type: "mail.sent", sourceService: "shop", data: payload("data"), attributes };
  await event.publish({ event: sent }, producer);

  const stream = worker.work(mailer);
  const metadata = { note: secret("metadata") };
  stream.send({ message: { case: "hello", value: { workerId: "w", queues: ["mail"], capacity: 1, metadata } } });
  let seen = "";
  for await (const { message } of stream.responses) {
    if (message.case === "tasks") {
      seen += textOf(message.value);
      const attempt = message.value.tasks[0]?.attempt ?? 0;
      const error = { type: "Broken", message: secret("error"), stackTrace: secret("stack") };
      const failed = { case: "failed", value: { error, retryDelay: { seconds: 0n, nanos: 0 } } } as const;
      const completed = { case: "completed", value: { result: payload("result") } } as const;
      const outcome = attempt === 1 ? failed : completed;
      stream.send({ message: { case: "outcomes", value: { outcomes: [{ taskId, attempt, outcome }] } } });
      if (attempt > 1) stream.end();
    }
  }
  expect(seen).toContain(secret("payload"));
  const kept = textOf(await queue.getTask({ taskId }, producer));
  for (const place of ["payload", "header", "result", "error", "stack"]) expect(kept).toContain(secret(place));

  const refusals: Refusal[] = [];
  const refused = async (call: Promise<unknown>) => void refusals.push(await refusalOf(call));
  await refused(queue.enqueue({ task }, as(secret("wrong-token"))));
  await refused(queue.enqueue({ task }, as(`${rootToken.slice(0, 18)}${secret("wrong-secret")}`)));
  await refused(queue.enqueue({ task }, viewer));
  await refused(queue.enqueue({ task: { ...task, queue: "orders" } }, producer));
  await refused(queue.enqueue({ task: { ...task, headers: { "": secret("wrong-header") } } }, producer));
  await refused(event.publish({ event: { ...sent, id: "e2", type: "" } }, producer));
  const late = { workerId: "w", taskId, attempt: 9 };
  await refused(worker.completeTask({ ...late, result: payload("late-result") }, mailer));
  await refused(worker.failTask({ ...late, error: { message: secret("late-error") } }, mailer));
  expect(refusals).toHaveLength(8);

  const shown = await Promise.all([
    queue.getTask({ taskId }, viewer),
    queue.listTasks({ view: TaskView.FULL }, viewer),
    event.listEvents({}, viewer),
    event.getEvent({ eventId: "e1" }, viewer),
  ]);
  expect(shown[1].tasks).toHaveLength(1);
  expect(shown[2].events).toHaveLength(1);
  const audit = await access.listAuditEntries({}, admin);
  expect(audit.auditEntries.length).toBeGreaterThan(4);
  const list = await sitq(["token", "list", "--wide", "--address", server.address, "--token-file", tokenFile]);
  expect(list.stdout).toContain("eyes");

  channel.close();
  server.signal("SIGTERM");
  await server.exited;
  expect(server.log).toContain("worker connected");
  const outputs = { log: server.log, refusals, shown, audit, list };
  for (const [name, output] of Object.entries(outputs)) {
    const text = textOf(output);
    expect(text.match(new RegExp(`${canary}-[a-z-]+`, "g")), name).toBeNull();
    // The first characters are the id, which may be shown.
    for (const token of [rootToken, ...tokens]) expect(text, name).not.toContain(token.slice(18));
  }
});
