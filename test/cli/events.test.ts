import { describe, expect, test } from "vitest";
import { isLive, publish as publishEvent, readSubscription } from "../harness/calls/events.ts";
import { json as jsonPayload } from "../harness/calls/tasks.ts";
import { startServer } from "../harness/server.ts";
import { freshQueue, shareServer } from "../harness/shared-server.ts";
import { jsonLines, type ShellOptions, sitq, startSitq } from "./cli-harness.ts";

const server = shareServer();

/** Runs a command against the server. */
function run(args: readonly string[], options?: ShellOptions) {
  return sitq([...args, "--address", server().address], options);
}

/** Runs a command that must go well, and answers its lines of JSON. */
async function json(...args: string[]) {
  const outcome = await run([...args, "--json"]);
  expect(outcome).toMatchObject({ exitCode: 0, stderr: "" });
  return jsonLines(outcome);
}

/** Works a queue off: each task is completed with a text. */
async function workOff(queue: string): Promise<void> {
  const { worker } = server();
  const { tasks } = await worker.claimTasks({ workerId: queue, queues: [queue], maxTasks: 100 });
  for (const { id: taskId, attempt } of tasks) {
    await worker.completeTask({ workerId: queue, taskId, attempt, result: jsonPayload("thanks") });
  }
}

/** Waits until a subscription has caught up: its state has no feed, reading it is all there is. */
async function untilLive(name: string): Promise<void> {
  let isNow = false;
  while (!isNow) isNow = await isLive(server(), name);
}

describe("publish", () => {
  test("stores an event with all that was said of it, prints its id and the number of deliveries", async () => {
    const name = freshQueue();
    expect((await run(["subscribe", name, "--types", `${name}.*`, "--from", "now"])).exitCode).toBe(0);
    const said = [
      "publish",
      `${name}.made`,
      '{"order": 7}',
      "--source",
      "shop",
      "--id",
      name,
      "--subject",
      "7",
      "--time",
      "2026-07-01T10:00:00Z",
      "--correlation-id",
      "c",
      "--causation-id",
      "web",
      "--attribute",
      "tenant=a=b",
    ];
    expect(await run(said)).toMatchObject({
      exitCode: 0,
      stdout: `${name}\n`,
      stderr: "Delivered to 1 subscription.\n",
    });
    const [shown] = await json("event", name);
    expect(shown).toMatchObject({
      event: {
        id: name,
        type: `${name}.made`,
        sourceService: "shop",
        subject: "7",
        time: "2026-07-01T10:00:00Z",
        correlationId: "c",
        causationId: "web",
        attributes: { tenant: "a=b" },
        data: { json: { order: 7 } },
      },
      deliveredTo: 1,
      deliveries: [{ subscription: name, state: "TASK_STATE_PENDING" }],
    });
    expect(await run(said)).toMatchObject({ stderr: "Already exists: no second event was created.\n" });
  });

  test("makes an event part of the trace that the command is part of", async () => {
    const TRACEPARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    const args = ["publish", "order.traced", "--source", "shop", "--attribute", "tenant=acme"];
    const { stdout } = await run(args, { environment: { TRACEPARENT, TRACESTATE: "x=1" } });
    const { event } = await server().event.getEvent({ eventId: stdout.trim(), sourceService: "shop" });
    const texts = Object.entries(event?.attributes ?? {}).map(([name, { kind }]) => [name, kind.value]);
    expect(Object.fromEntries(texts)).toEqual({ tenant: "acme", traceparent: TRACEPARENT, tracestate: "x=1" });
  });

  test("says when no subscription matched", async () => {
    const outcome = await run(["publish", freshQueue(), "--source", "shop"]);
    expect(outcome).toMatchObject({ exitCode: 0, stderr: expect.stringContaining("Not delivered") });
    const [answer] = await json("publish", freshQueue(), "--source", "shop");
    expect(answer).toMatchObject({ created: true, deliveredTo: 0, event: { sourceService: "shop" } });
  });

  test("takes text, bytes and standard input", async () => {
    const id = freshQueue();
    await run(["publish", "t", "Hello", "--text", "--source", "shop", "--id", `${id}-text`]);
    await run(["publish", "t", "-", "--binary", "--source", "shop", "--id", `${id}-bytes`], {
      stdin: Uint8Array.of(1, 2),
    });
    expect((await json("event", `${id}-text`))[0]).toMatchObject({ event: { data: { json: "Hello" } } });
    expect((await json("event", `${id}-bytes`))[0]).toMatchObject({ event: { data: { binary: "AQI=" } } });
  });

  test("refuses what makes no sense", async () => {
    expect(await run(["publish", "t"])).toMatchObject({ exitCode: 2, stderr: expect.stringContaining("--source") });
    expect(await run(["publish", "t", "{", "--source", "s"])).toMatchObject({ exitCode: 2 });
    expect(await run(["publish", "a b", "--source", "s"])).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining("event.type"),
    });
    expect(await run(["publish", "t", "--source", "s", "--attribute", "Big=1"])).toMatchObject({ exitCode: 2 });
    const id = freshQueue();
    await run(["publish", "t", "1", "--source", "s", "--id", id]);
    const other = await run(["publish", "t", "2", "--source", "s", "--id", id]);
    expect(other).toMatchObject({ exitCode: 4, stderr: expect.stringContaining("EVENT_ID_REUSED") });
  });
});

describe("event", () => {
  test("shows an event with the report of its deliveries", async () => {
    const name = freshQueue();
    await run(["subscribe", name, "--types", name, "--from", "now"]);
    await run(["publish", name, '{"order": 7}', "--source", "shop", "--id", name, "--subject", "order 7"]);
    await workOff(name);
    const { exitCode, stdout } = await run(["event", name, "--source", "shop"]);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(new RegExp(`Event +${name}`));
    expect(stdout).toMatch(/Subject +order 7/);
    expect(stdout).toContain("Delivered to 1 subscription.");
    expect(stdout).toMatch(new RegExp(`^${name} +\\S+ +COMPLETED +1/5 .*"thanks"$`, "m"));
    const { deliveries } = await server().event.getEvent({ eventId: name });
    const task = await run(["get", deliveries[0]?.taskId ?? ""]);
    expect(task.stdout).toMatch(new RegExp(`Delivers +event ${name} of shop to ${name}`));
    const nobody = await run(["event", name, "--source", "another"]);
    expect(nobody).toMatchObject({ exitCode: 3, stderr: expect.stringContaining("EVENT_NOT_FOUND") });
  });

  test("says in words that no subscription matched", async () => {
    const id = freshQueue();
    await publishEvent(server(), { id, type: id });
    expect((await run(["event", id])).stdout).toContain("Not delivered");
  });
});

describe("events", () => {
  test("lists the newest first, by filter", async () => {
    const name = freshQueue();
    for (const id of ["a", "b", "c"]) {
      await publishEvent(server(), { id: `${name}-${id}`, type: `${name}.${id}`, subject: id, correlationId: name });
    }
    const { stdout } = await run(["events", "--types", `${name}.*`]);
    expect(stdout.split("\n").slice(0, 2)).toEqual([
      expect.stringMatching(/^ID +TYPE +SOURCE +SUBJECT +AGE +CORRELATION ID$/),
      expect.stringMatching(new RegExp(`^${name}-c +${name}\\.c +shop +c +\\d+s +${name}$`)),
    ]);
    const ids = async (...args: string[]) =>
      (await json("events", ...args)).map(({ id }) => String(id).slice(-1)).join("");
    expect(await ids("--types", `${name}.a,${name}.b`)).toBe("ba");
    expect(await ids("--correlation-id", name, "--limit", "2")).toBe("cb");
    expect(await ids("--correlation-id", name, "--subject", "a", "--source", "shop", "--since", "1h")).toBe("a");
    expect(await run(["events", "--types", `${name}.x`])).toMatchObject({
      stdout: "",
      stderr: "No matching events.\n",
    });
  });
});

describe("subscriptions", () => {
  test("are made, listed, and ended", async () => {
    const name = freshQueue();
    const made = await run([
      "subscribe",
      name,
      "--types",
      "order.*",
      "-t",
      "parcel.sent",
      "--queue",
      `${name}-q`,
      "--subject",
      "7",
      "--ordered-by",
      "attributes.tenant",
      "--attribute",
      "tenant=acme",
      "--from",
      "earliest",
      "--max-attempts",
      "3",
      "--attempt-timeout",
      "5s",
    ]);
    expect(made).toMatchObject({ exitCode: 0, stderr: "" });
    expect(made.stdout).toMatch(/order\.\*, parcel\.sent {2}subject=7 {2}tenant=acme +attributes\.tenant/);
    expect(await readSubscription(server(), name)).toMatchObject({
      queue: `${name}-q`,
      orderingKey: "attributes.tenant",
      maxAttempts: 3,
      attemptTimeout: { seconds: 5n },
      filter: { types: ["order.*", "parcel.sent"], subject: "7", attributes: { tenant: "acme" } },
    });
    expect((await run(["subscriptions"])).stdout).toMatch(new RegExp(`^${name} +${name}-q `, "m"));
    expect(await json("subscriptions")).toContainEqual(expect.objectContaining({ name, queue: `${name}-q` }));
    expect(await run(["subscribe", name, "--from", "now"])).toMatchObject({
      exitCode: 4,
      stderr: expect.stringContaining("SUBSCRIPTION_EXISTS"),
    });
    const unasked = await run(["unsubscribe", name]);
    expect(unasked).toMatchObject({ exitCode: 2, stderr: expect.stringMatching(/\nUse --yes to do it\.\n$/) });
    expect(await run(["unsubscribe", name], { isTTY: true, stdin: "n\n" })).toMatchObject({ exitCode: 1 });
    const ended = await run(["unsubscribe", name], { isTTY: true, stdin: "y\n" });
    expect(ended.stdout).toBe(`deleted ${name}: cancelled 0 deliveries, 0 still running\n`);
    expect(await run(["unsubscribe", name, "--yes"])).toMatchObject({ exitCode: 3 });
  });

  test("are changed, paused and resumed in place, and ended with a count", async () => {
    const name = freshQueue();
    await run(["subscribe", name, "--types", `${name}.a`, "--from", "now"]);
    await publishEvent(server(), { type: `${name}.a` });
    const changed = await run(["subscription", "update", name, "--types", `${name}.*`, "--max-attempts", "9"]);
    expect(changed.exitCode).toBe(0);
    expect(changed.stdout).toMatch(/ORDERED BY +STATE +WAITING +OLDEST +FAILED/);
    expect(changed.stdout).toMatch(new RegExp(`^${name} .* live +1 +\\d+m?s +0 `, "m"));
    const { stdout, stderr } = await run(["subscription", "show", name]);
    expect(stdout).toContain(`\n\nPosition  ${(await readSubscription(server(), name)).position}\n`);
    expect(stderr).toBe(`No delivery of ${name} ended in the last minute. See its queue: sitq queue ${name}\n`);
    expect(await readSubscription(server(), name)).toMatchObject({ maxAttempts: 9, filter: { types: [`${name}.*`] } });
    expect((await run(["subscription", "pause", name])).stdout).toContain(" paused ");
    await publishEvent(server(), { type: `${name}.b` });
    expect(await json("subscription", "show", name)).toMatchObject([{ paused: true, waitingCount: 1 }]);
    await run(["subscription", "resume", name]);
    await untilLive(name);
    expect(await json("subscription", "show", name)).toMatchObject([{ paused: false, waitingCount: 2 }]);
    await run(["subscription", "update", name, "--every"]);
    expect((await readSubscription(server(), name)).filter?.types ?? []).toEqual([]);
    const declined = await run(["unsubscribe", name], { isTTY: true, stdin: "n\n" });
    expect(declined.stderr).toContain(`Delete the subscription ${name} and cancel its 2 waiting deliveries?`);
    expect((await run(["unsubscribe", name, "--yes"])).stdout).toContain("cancelled 2 deliveries");
  });

  test("say what cannot be changed, and how", async () => {
    const name = freshQueue();
    await run(["subscribe", name, "--types", "b", "--from", "now"]);
    expect((await run(["subscribe", name, "--types", "a", "--from", "now"])).stderr).toContain("with another filter");
    expect(await run(["subscription", "update", name])).toMatchObject({ exitCode: 2 });
    expect(await run(["subscription", "update", name, "--every", "--types", "a"])).toMatchObject({ exitCode: 2 });
    for (const verb of ["show", "pause", "resume"]) {
      expect(await run(["subscription", verb, `${name}-no`])).toMatchObject({ exitCode: 3 });
    }
  });

  test("begin where they are told to", async () => {
    const name = freshQueue();
    const { event } = await publishEvent(server(), { type: name });
    for (const [index, from] of ["now", "earliest", "1h", "2026-07-01", event?.position ?? ""].entries()) {
      const outcome = await run(["subscribe", `${name}-${index}`, "--types", name, "--from", from]);
      expect(outcome).toMatchObject({ exitCode: 0 });
      await untilLive(`${name}-${index}`);
    }
    const depths = await Promise.all(
      [0, 1, 2, 3, 4].map(
        async (n) => (await server().queue.listTasks({ filter: { queue: `${name}-${n}` } })).tasks.length,
      ),
    );
    expect(depths).toEqual([0, 1, 1, 1, 0]);
    expect(await run(["subscribe", name, "--types", name])).toMatchObject({ exitCode: 2 });
    expect(await run(["subscribe", name, "--from", "soon"])).toMatchObject({ exitCode: 2 });
  });

  test("are told again what they were told before", async () => {
    const name = freshQueue();
    await run(["subscribe", name, "--types", name, "--from", "now"]);
    await publishEvent(server(), { id: name, type: name });
    expect((await run(["replay", name, "--from", "1h"])).stdout).toMatch(/catching up|live/);
    await untilLive(name);
    expect((await json("event", name))[0]).toMatchObject({
      deliveries: [{ subscription: name }, { subscription: name }],
    });
    expect(await run(["replay", `${name}-x`, "--from", "1h"])).toMatchObject({ exitCode: 3 });
  });
});

describe("follow", () => {
  test("shows events as they come, through a restart, until Ctrl-C", async () => {
    await using own = await startServer();
    const command = startSitq(["follow", "--types", "order.*", "--address", own.address]);
    await command.says("Following");
    await publishEvent(own, { id: "a", type: "order.made", subject: "first", data: jsonPayload({ order: [7] }) });
    await publishEvent(own, { id: "b", type: "parcel.sent", subject: "other" });
    await command.says("first");
    await own.restart();
    await publishEvent(own, { id: "c", type: "order.sent", subject: "second" });
    await command.says("second");
    command.interrupt();
    const { exitCode, stdout } = await command.ended;
    expect(exitCode).toBe(0);
    expect(stdout.trim().split("\n")).toEqual([
      expect.stringMatching(/^\d\d:\d\d:\d\d {2}\w{11} {2}order\.made {2}a {2}shop {2}first {2}\{"order":\[7\]\}$/),
      expect.stringMatching(/order\.sent {2}c {2}shop {2}second$/),
    ]);
  });

  test("begins at a place, and writes JSON for scripts", async () => {
    const name = freshQueue();
    await publishEvent(server(), { id: name, type: name });
    const command = startSitq(["follow", "--types", name, "--from", "1h", "--json", "--address", server().address]);
    await command.says(name);
    command.interrupt();
    expect(jsonLines(await command.ended)).toMatchObject([{ id: name, type: name }]);
  });

  test("ends when the server cannot be reached, or does not take what is asked", async () => {
    expect(await sitq(["follow", "--address", "127.0.0.1:1"])).toMatchObject({ exitCode: 6 });
    expect(await run(["follow", "--types", "**.x"])).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining("filter.types[0]"),
    });
  });
});

describe("trace", () => {
  test("shows events, deliveries, tasks, workflows and their steps in order of time", async () => {
    const id = freshQueue();
    const { event, queue, workflow } = server();
    await run(["subscribe", id, "--types", `${id}.made`, "--from", "now"]);
    const made = { id: `${id}-e`, type: `${id}.made`, sourceService: "shop", subject: "7", correlationId: id };
    await event.publish({ event: made });
    await workOff(id);
    await queue.enqueue({ task: { queue: `${id}-q`, type: "pack", correlationId: id } });
    const steps = [{ stepId: "reserve", serviceName: `${id}-s`, action: "reserve" }];
    const started = await workflow.startWorkflow({ name: "place-order", steps, correlationId: id });
    await event.publish({ event: { ...made, id: `${id}-f`, type: "other", causationId: `${id}-e` } });
    const lines = await json("trace", id);
    expect(lines.map(({ kind }) => kind)).toEqual(["event", "delivery", "task", "workflow", "step", "event"]);
    expect(lines[4]).toMatchObject({ task: { type: "reserve", origin: { stepId: "reserve" } } });
    const { stdout } = await run(["trace", id]);
    const rows = stdout.trim().split("\n");
    expect(rows[0]).toMatch(/^TIME +KIND +ID +WHAT +STATE +TOOK +WORKER +REMARK$/);
    expect(rows[1]).toMatch(new RegExp(`event +${id}-e +${id}\\.made of shop about 7`));
    expect(rows[2]).toMatch(new RegExp(`delivery +\\S+ +to ${id}: ${id}\\.made in ${id}, event ${id}-e +COMPLETED`));
    expect(rows[3]).toMatch(new RegExp(`task +\\S+ +pack in ${id}-q +PENDING +no worker is on the queue "${id}-q"`));
    expect(rows[6]).toMatch(new RegExp(`event +${id}-f +other of shop about 7 +caused by ${id}-e`));
    expect(await run(["trace", `${id}-x`])).toMatchObject({ exitCode: 3 });
    // A step that never began comes where that was decided.
    await workflow.cancelWorkflow({ workflowId: started.workflow?.id ?? "" });
    const kinds = (await json("trace", id)).map(({ kind }) => kind);
    expect(kinds).toEqual(["event", "delivery", "task", "workflow", "event", "step"]);
  });

  test("shows a task that ran again as a task", async () => {
    const id = freshQueue();
    const { queue } = server();
    const { task } = await queue.enqueue({ task: { queue: id, type: "pack", correlationId: id } });
    await queue.cancelTask({ taskId: task?.id ?? "" });
    await queue.rerunTask({ taskId: task?.id ?? "" });
    expect((await json("trace", id)).map(({ kind }) => kind)).toEqual(["task", "task"]);
  });
});
