import { writeFile } from "node:fs/promises";
import { expect, it } from "vitest";
import { Role } from "../../../src/client/index.ts";
import { startSecured } from "../../access/secured-server.ts";
import { json } from "../../harness/calls/tasks.ts";
import { createTempDir } from "../../harness/temp-dir.ts";
import { sitq } from "../cli-harness.ts";

const hidden = "(hidden: it takes a viewer with --payloads)";

it("says of content that it is hidden from a viewer, and not that there is none", async () => {
  await using dir = await createTempDir();
  await using secured = await startSecured();
  const { admin, server } = secured;
  /** Runs a command as a principal with one grant on everything. */
  async function runAs(name: string, role: Role, payloads: boolean) {
    const path = dir.file(name);
    const everything = { queues: ["*"], eventTypes: ["*"], services: ["*"] };
    await writeFile(path, await secured.tokenOf(name, { role, payloads, ...everything }), { mode: 0o600 });
    return async (...args: readonly string[]) => {
      const { stdout, stderr } = await sitq([...args, "--address", server.address, "--token-file", path]);
      return stdout + stderr;
    };
  }
  const viewer = await runAs("viewer", Role.VIEWER, false);
  const trusted = await runAs("trusted", Role.VIEWER, true);

  const { task } = await server.queue.enqueue(
    { task: { queue: "mail", type: "send", payload: json("dear Ada") } },
    admin,
  );
  const taskId = task?.id ?? "";
  await server.worker.claimTasks({ workerId: "w", queues: ["mail"] }, admin);
  const outcome = { case: "completed", value: { result: json("sent") } } as const;
  await server.worker.settleTasks({ workerId: "w", outcomes: [{ taskId, attempt: 1, outcome }] }, admin);
  const shown = await viewer("get", taskId);
  for (const title of [/Headers +\(hidden/, /Payload\n\(hidden/, /Result\n\(hidden/]) expect(shown).toMatch(title);
  expect(await viewer("await", taskId)).toBe(
    "The task completed. Its result is hidden from you: it takes a viewer with --payloads.\n",
  );
  expect(await trusted("get", taskId)).toContain('Payload\n"dear Ada"\n\nResult\n"sent"');
  expect(await trusted("await", taskId)).toBe('"sent"\n');

  const toFail = await server.queue.enqueue(
    { task: { queue: "mail", type: "fail", maxAttempts: 1, payload: json(1) } },
    admin,
  );
  const failedId = toFail.task?.id ?? "";
  await server.worker.claimTasks({ workerId: "w", queues: ["mail"] }, admin);
  const failed = { case: "failed", value: { error: { type: "MailError", message: "no such Ada" } } } as const;
  await server.worker.settleTasks(
    { workerId: "w", outcomes: [{ taskId: failedId, attempt: 1, outcome: failed }] },
    admin,
  );
  expect(await viewer("get", failedId)).toContain(`FAILED  MailError  ${hidden}`);
  expect(await trusted("get", failedId)).toContain("FAILED  MailError: no such Ada\n");

  await server.event.publish({ event: { id: "e", type: "order.made", sourceService: "shop", data: json(7) } }, admin);
  expect(await viewer("event", "e")).toContain(`Data\n${hidden}`);
  expect(await trusted("event", "e")).toContain("Data\n7");

  const steps = [{ stepId: "a", serviceName: "stock", action: "reserve" }];
  const { workflow } = await server.workflow.startWorkflow({ name: "order", input: json(8), steps }, admin);
  expect(await viewer("workflows", "show", workflow?.id ?? "")).toContain(`Input\n${hidden}`);
  expect(await trusted("workflows", "show", workflow?.id ?? "")).toContain("Input\n8");

  const { task: bare } = await server.queue.enqueue({ task: { queue: "mail", type: "bare" } }, admin);
  expect(await trusted("get", bare?.id ?? "")).not.toContain("hidden");
});
