import { readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { Role } from "../../gen/sitq/v1/access_pb.js";
import { startSecured } from "../access/secured-server.ts";
import { alertsPath, dashboardExpressions, readAlerts } from "../deploy/monitoring-files.ts";
import { enqueueMany } from "../harness/calls/tasks.ts";
import { startServer } from "../harness/server.ts";
import { createTempDir } from "../harness/temp-dir.ts";
import { missing, promtool, startPrometheus } from "./prometheus.ts";
import { scrape } from "./scrape.ts";

if (missing !== null) process.stderr.write(`SKIPPED: the tests with Prometheus: ${missing}\n`);

test.runIf(process.env.CI)("CI has Prometheus", () => {
  expect(missing).toBeNull();
});

const on = { metrics: "on" } as const;

describe.skipIf(missing !== null)("Prometheus' own programs", () => {
  test("promtool takes what is served, and finds nothing wrong with the names of ours", async () => {
    await using server = await startServer({ config: on });
    await enqueueMany(server, 3);
    const { text } = await scrape(server);
    const { code, output } = promtool(["check", "metrics"], text);
    // 3: what the linter has to say, of prom-client's own too.
    expect([0, 3], output).toContain(code);
    expect(output.split("\n").filter((line) => line.startsWith("sitq_"))).toEqual([]);
  });

  test("promtool takes the alerts, and they fire when they should", async () => {
    const checked = promtool(["check", "rules", alertsPath]);
    expect(checked.code, checked.output).toBe(0);
    await using dir = await createTempDir();
    const cases = readFileSync("test/deploy/alerts.test.yaml", "utf8").replace("RULES", resolve(alertsPath));
    const path = dir.file("alerts.test.yaml");
    await writeFile(path, cases);
    const tested = promtool(["test", "rules", path]);
    expect(tested.code, tested.output).toBe(0);
  });

  test("promtool can parse every expression of the dashboard", async () => {
    await using dir = await createTempDir();
    const path = dir.file("dashboard.json");
    const rules = dashboardExpressions().map((expr, index) => ({ record: `panel:${index}`, expr }));
    await writeFile(path, JSON.stringify({ groups: [{ name: "dashboard", rules }] }));
    const { code, output } = promtool(["check", "rules", path]);
    expect(code, output).toBe(0);
  });

  test("promtool takes the scrape config of the page", async () => {
    const [, block = ""] = /```yaml\n(scrape_configs:.*?)```/s.exec(readFileSync("docs/monitoring.md", "utf8")) ?? [];
    expect(block).toContain("credentials_file");
    await using dir = await createTempDir();
    for (const name of ["sitq.token", "sitq-ca.pem"]) await writeFile(dir.file(name), "");
    await writeFile(dir.file("prometheus.yml"), block.replaceAll("/etc/prometheus", dir.path));
    const { code, output } = promtool(["check", "config", "--syntax-only", dir.file("prometheus.yml")]);
    expect(code, output).toBe(0);
  });

  test("Prometheus scrapes a server with a token, and has the run's counts to the unit", async () => {
    await using secured = await startSecured(undefined, on);
    const { server } = secured;
    const all = { queues: ["*"], eventTypes: ["*"], services: ["*"] };
    await using dir = await createTempDir();
    await writeFile(dir.file("token"), await secured.tokenOf("prometheus", { role: Role.VIEWER, ...all }));
    const prometheus = await startPrometheus(
      `scrape_configs: [{ job_name: sitq, authorization: { credentials_file: ${JSON.stringify(dir.file("token"))} },
         static_configs: [{ targets: ["${server.address}"] }] }]`,
      resolve(alertsPath),
    );
    await prometheus.scraped(1);
    const requests = Array.from({ length: 50 }, () => ({ task: { queue: "orders", type: "ship", maxAttempts: 1 } }));
    await server.queue.enqueueBatch({ requests }, secured.admin);
    const claimed = await server.worker.claimTasks({ workerId: "w", queues: ["orders"], maxTasks: 30 }, secured.admin);
    for (const [index, { id, attempt }] of claimed.tasks.entries()) {
      const lease = { taskId: id, attempt, workerId: "w" };
      if (index < 20) await server.worker.completeTask(lease, secured.admin);
      else if (index < 25) await server.worker.failTask({ ...lease, error: { message: "no" } }, secured.admin);
    }
    await prometheus.scraped(2);
    const value = async (expr: string) => (await prometheus.query(expr))[0]?.value;
    expect(await value('sitq_tasks_created_total{queue="orders"}')).toBe(50);
    expect(await value('sitq_queue_tasks{queue="orders",state="pending"}')).toBe(20);
    expect(await value('sitq_queue_tasks{queue="orders",state="running"}')).toBe(5);
    expect(await value('sitq_tasks_finished_total{queue="orders",state="completed"}')).toBe(20);
    expect(await value('sitq_tasks_finished_total{queue="orders",state="failed"}')).toBe(5);
    expect(await value('sum(sitq_attempts_total{queue="orders"})')).toBe(25);
    expect(await value('sitq_task_wait_seconds_count{queue="orders"}')).toBe(30);
    expect(await value('sitq_task_run_seconds_count{queue="orders"}')).toBe(25);
    expect(await value("sitq_store_up")).toBe(1);

    // What it scraped is enough for every expression: none fails, and a busy server has an answer to most.
    const answers = await Promise.all(dashboardExpressions().map((expr) => prometheus.query(expr)));
    expect(answers.filter((answer) => answer.length > 0).length).toBeGreaterThan(40);
    for (const { expr } of readAlerts()) await prometheus.query(expr);
  });

  test("Prometheus without a token is refused", async () => {
    await using secured = await startSecured(undefined, on);
    const prometheus = await startPrometheus(
      `scrape_configs: [{ job_name: sitq, static_configs: [{ targets: ["${secured.server.address}"] }] }]`,
    );
    await prometheus.failed("401");
  });
});
