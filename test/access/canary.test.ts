import { readdir, readFile, writeFile } from "node:fs/promises";
import { inspect } from "node:util";
import { create } from "@bufbuild/protobuf";
import { ValueSchema } from "@bufbuild/protobuf/wkt";
import { credentials, Client as GrpcClient, Metadata } from "@grpc/grpc-js";
import { expect, it } from "vitest";
import { Role } from "../../gen/sitq/v1/access_pb.js";
import { AccessService } from "../../gen/sitq/v1/access_service_pb.js";
import { EventService } from "../../gen/sitq/v1/event_service_pb.js";
import { QueueService, TaskView } from "../../gen/sitq/v1/queue_service_pb.js";
import { WorkerService } from "../../gen/sitq/v1/worker_service_pb.js";
import { WorkflowService } from "../../gen/sitq/v1/workflow_service_pb.js";
import { createChannel } from "../../src/grpc/client/channel.ts";
import { createClient } from "../../src/grpc/client/client.ts";
import { sitq } from "../cli/cli-harness.ts";
import { contentOfStore, storeOfTests } from "../harness/databases/store-of-tests.ts";
import { startServer } from "../harness/server-process.ts";
import { createTempDir } from "../harness/temp-dir.ts";
import { leaksIn, type Secrets, textOf } from "./secrets.ts";
import { as } from "./secured-server.ts";

const canary = "canary7f3e";
/** A secret of its own for each place, which the output around a leak then names. */
const secret = (place: string) => `${canary}-${place} "ü/+?`;
/** For places that take no other characters. */
const plain = (place: string) => `${canary}-${place}`;
const payload = (place: string) => ({ kind: { case: "binary", value: Buffer.from(secret(place)) } }) as const;

/** All that a failed call hands to a program: the error as it prints it, and the trailers byte by byte. */
async function refusalText(call: Promise<unknown>): Promise<string> {
  const error = await call.then(
    () => expect.unreachable("the call succeeded"),
    (failure: unknown) => failure,
  );
  const { cause } = error as { cause?: { metadata?: unknown } };
  const trailers = cause?.metadata instanceof Metadata ? cause.metadata : expect.unreachable(inspect(error));
  expect(trailers.get("grpc-status-details-bin")).toHaveLength(1);
  const raw = Object.keys(trailers.getMap()).flatMap((name) => trailers.get(name));
  return [inspect(error, { depth: null, maxStringLength: null }), ...raw.map(textOf)].join("\n");
}

it.each(["json", "text"])(
  "writes no secret anywhere but where it was stored, and none of a token at all: log in %s",
  async (format) => {
    await using dir = await createTempDir();
    const [db, tokenFile] = [dir.file("sitq.db"), dir.file("root.token")];
    const { storeUrl } = storeOfTests(db);
    const place = storeUrl === null ? ["--db", db] : ["--store", storeUrl];
    await sitq(["token", "create", "root", "--role", "admin", ...place, "--out", tokenFile]);
    const rootToken = (await readFile(tokenFile, "utf8")).trim();

    let written = "";
    const onOutput = (text: string) => {
      written += text;
    };
    await using server = await startServer({
      db,
      args: ["--auth", "on", "--log-level", "trace", "--log-format", format],
      onOutput,
    });
    const channel = createChannel(server.address);
    const access = createClient(AccessService, channel);
    const queue = createClient(QueueService, channel);
    const event = createClient(EventService, channel);
    const worker = createClient(WorkerService, channel);
    const workflow = createClient(WorkflowService, channel);
    /** With metadata that the server does not know beside the token. */
    const asWith = (token: string) => {
      const options = as(token);
      for (const name of ["x-api-key", "cookie", "x-note"]) options.metadata?.set(name, plain("call-metadata"));
      return options;
    };
    const admin = asWith(rootToken);
    const tokenOf = async (principal: string, role: Role) => {
      const scope = { queues: ["mail"], eventTypes: ["mail.*"], services: ["mail"] };
      return (await access.createToken({ principal, grants: [{ role, ...scope }] }, admin)).secret;
    };
    const tokens = {
      producer: await tokenOf("shop", Role.PRODUCER),
      worker: await tokenOf("mail", Role.WORKER),
      viewer: await tokenOf("eyes", Role.VIEWER),
      operator: await tokenOf("ops", Role.OPERATOR),
      revoked: await tokenOf("gone", Role.VIEWER),
    };
    const [producer, mailer, viewer] = [asWith(tokens.producer), asWith(tokens.worker), asWith(tokens.viewer)];
    const operator = asWith(tokens.operator);
    const gone = tokens.revoked.slice(5, 17);
    await access.revokeToken({ tokenId: gone }, admin);

    const content = { payload: payload("payload"), headers: { note: secret("header") } };
    const task = { queue: "mail", type: "send", maxAttempts: 2, ...content };
    const taskId = (await queue.enqueue({ task }, producer)).task?.id ?? "";
    const attributes = { note: create(ValueSchema, { kind: { case: "stringValue", value: secret("attribute") } }) };
    const sent = { id: "e1", type: "mail.sent", sourceService: "shop", data: payload("data"), attributes };
    await event.publish({ event: sent }, producer);
    const steps = [{ stepId: "a", serviceName: "mail", action: "later", parameters: payload("parameters") }];
    const started = await workflow.startWorkflow(
      { name: "flow", steps, input: payload("input"), pending: true },
      producer,
    );
    const workflowId = started.workflow?.id ?? "";

    const stream = worker.work(mailer);
    const metadata = { note: secret("metadata") };
    stream.send({ message: { case: "hello", value: { workerId: "w", queues: ["mail"], capacity: 1, metadata } } });
    let seen = "";
    const workers: unknown[] = [];
    for await (const { message } of stream.responses) {
      if (message.case !== "tasks") continue;
      seen += textOf(message.value);
      if (workers.length === 0) {
        workers.push(await worker.listWorkers({}, viewer));
        seen += textOf(await worker.listWorkers({}, operator));
      }
      const attempt = message.value.tasks[0]?.attempt ?? 0;
      const error = { type: "Broken", message: secret("error"), stackTrace: secret("stack") };
      const failed = { case: "failed", value: { error, retryDelay: { seconds: 0n, nanos: 0 } } } as const;
      const completed = { case: "completed", value: { result: payload("result") } } as const;
      const outcome = attempt === 1 ? failed : completed;
      stream.send({ message: { case: "outcomes", value: { outcomes: [{ taskId, attempt, outcome }] } } });
      if (attempt > 1) stream.end();
    }
    seen += textOf(await queue.getTask({ taskId }, producer));
    seen += textOf(await workflow.getWorkflow({ workflowId }, producer));
    for (const place of ["payload", "header", "metadata", "result", "error", "stack", "input", "parameters"]) {
      expect(seen).toContain(secret(place));
    }
    await workflow.cancelWorkflow({ workflowId }, operator);

    const lease = { workerId: "w", taskId, attempt: 9 };
    const wrongTokens = {
      unknown: plain("wrong-token"),
      wrong: `${rootToken.slice(0, 18)}${plain("wrong-secret").padEnd(43, "x")}`,
      jwt: `eyJhbGciOiJub25lIn0.${Buffer.from(JSON.stringify({ sub: plain("jwt") })).toString("base64url")}.`,
    };
    const refusals = await Promise.all(
      [
        ...Object.values(wrongTokens).map((token) => queue.enqueue({ task }, as(token))),
        queue.enqueue({ task }, as(tokens.revoked)),
        queue.enqueue({ task }, viewer),
        queue.enqueue({ task: { ...task, queue: "orders" } }, producer),
        queue.enqueue({ task: { ...task, headers: { "": secret("wrong-header") } } }, producer),
        event.publish({ event: { ...sent, id: "e2", type: "" } }, producer),
        event.listEvents({ filter: { types: ["mail.*"], attributes: { note: secret("attribute") } } }, viewer),
        worker.completeTask({ ...lease, result: payload("late-result") }, mailer),
        worker.failTask({ ...lease, error: { message: secret("late-error") } }, mailer),
        workflow.startWorkflow({ name: "flow", steps: [...steps, ...steps], input: payload("late-input") }, producer),
        access.createToken({ principal: "none" }, producer),
      ].map(refusalText),
    );
    // The text of this one repeats the path to the caller; nothing else may.
    const caller = new GrpcClient(server.address, credentials.createInsecure());
    const path = `/sitq.v1.QueueService/${plain("path")}`;
    const unknownPath = new Promise((resolve) => {
      caller.makeUnaryRequest(
        path,
        Buffer.from,
        Buffer.from,
        plain("body"),
        as(tokens.producer).metadata ?? new Metadata(),
        resolve,
      );
    });
    expect(await unknownPath).toMatchObject({ code: 12 });
    caller.close();

    const shown = await Promise.all([
      queue.getTask({ taskId }, viewer),
      queue.listTasks({ view: TaskView.FULL }, viewer),
      event.listEvents({}, viewer),
      event.getEvent({ eventId: "e1" }, viewer),
      workflow.getWorkflow({ workflowId }, viewer),
    ]);
    expect(shown[1].tasks).toHaveLength(2);
    expect(shown[2].events).toHaveLength(1);

    const audit = await access.listAuditEntries({ pageSize: 1_000 }, admin);
    const audited = audit.auditEntries.map(({ method, reason }) => `${method.split("/").at(-1)} ${reason}`.trim());
    expect(audited).toEqual(expect.arrayContaining(["CancelWorkflow", "RevokeToken", "Enqueue OUT_OF_SCOPE"]));
    expect(audited).toContain("Enqueue INVALID_CREDENTIALS");

    const connected = ["--address", server.address, "--token-file"];
    const [viewerFile, wrongFile] = [dir.file("viewer.token"), dir.file("wrong.token")];
    await writeFile(viewerFile, tokens.viewer, { mode: 0o600 });
    await writeFile(wrongFile, wrongTokens.wrong, { mode: 0o600 });
    const commands = await Promise.all([
      sitq(["token", "list", "--wide", ...connected, tokenFile]),
      sitq(["audit", "--all", "--json", ...connected, tokenFile]),
      sitq(["get", taskId, ...connected, viewerFile]),
      sitq(["list", "--json", ...connected, viewerFile]),
      sitq(["workflows", "show", workflowId, ...connected, viewerFile]),
      sitq(["whoami", ...connected, viewerFile]),
      ...(storeUrl === null ? [sitq(["backup", dir.file("backup.db"), ...connected, tokenFile])] : []),
      sitq(["list", ...connected, wrongFile]),
    ]);
    expect(commands.map(({ exitCode }) => exitCode === 0)).toEqual([...Array(commands.length - 1).fill(true), false]);

    const read = async (names: readonly string[]) => Promise.all(names.map((name) => readFile(dir.file(name))));
    const readFiles = async () => {
      const names = (await readdir(dir.path)).filter((name) => !name.endsWith(".token"));
      expect(names).toEqual(expect.arrayContaining(["sitq.db", "sitq.db-wal", "backup.db"]));
      return read(names);
    };
    const contents = storeUrl === null ? await readFiles() : [];
    channel.close();
    server.signal("SIGTERM");
    await server.exited;
    contents.push(...(storeUrl === null ? await read(["sitq.db"]) : [await contentOfStore(db)]));
    expect(written).toContain("listens on");
    expect(written).toContain("worker connected");

    const ofTokens: Secrets = Object.fromEntries(
      Object.entries({ root: rootToken, ...tokens })
        // The first characters are the id, which may be shown.
        .map(([name, token]) => [`the token of ${name}`, token.slice(18)]),
    );
    const outputs = { written, refusals, shown, workers, audit, commands };
    const leaks = Object.entries(outputs).flatMap(([name, output]) =>
      leaksIn(textOf(output), { ...ofTokens, canary }).map((leak) => `${name}: ${leak}`),
    );
    expect(leaks).toEqual([]);
    // Content is in the files, or in the database, but no token, whether the server knew it or not.
    const stored = Buffer.concat(contents);
    expect(leaksIn(stored, { payload: secret("payload"), header: secret("header") })).toHaveLength(2);
    const places = [
      "wrong-token",
      "wrong-secret",
      "jwt",
      "call-metadata",
      "late-result",
      "late-error",
      "late-input",
      "path",
    ];
    const refused = Object.fromEntries(places.map((place) => [place, plain(place)]));
    expect(leaksIn(stored, { ...ofTokens, ...refused })).toEqual([]);
  },
);
