import { expect, test } from "vitest";
import { dashboardExpressions, readAlerts, readDashboard, unknownNames } from "./monitoring-files.ts";

test("alerts and dashboard name only metrics that there are", () => {
  const expressions = [...readAlerts().map(({ expr }) => expr), ...dashboardExpressions()];
  expect(expressions.length).toBeGreaterThan(60);
  expect(expressions.flatMap(unknownNames)).toEqual([]);
  expect(unknownNames("rate(sitq_task_wait_seconds[1m]) + sitq_nothing + sitq_task_wait_seconds_bucket")).toEqual([
    "sitq_task_wait_seconds",
    "sitq_nothing",
  ]);
});

test("every alert has a severity, and says what is wrong and what to do", () => {
  for (const { alert, labels, annotations } of readAlerts()) {
    expect(alert).toMatch(/^Sitq[A-Z][A-Za-z]+$/);
    expect(["critical", "warning", "info"]).toContain(labels.severity);
    expect(Object.keys(annotations)).toEqual(["summary", "action"]);
  }
});

test("Grafana can load the dashboard: panels with ids of their own, beside each other, each with an explanation", () => {
  const { panels, uid, templating } = readDashboard();
  expect(uid).toBe("sitq");
  expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
  expect(templating.list.map(({ name }) => name)).toEqual(["datasource", "instance", "queue"]);
  const taken = new Set<string>();
  for (const { type, title, description = "", gridPos, datasource, targets = [] } of panels) {
    for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++) {
      for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
        expect(x).toBeLessThan(24);
        expect(taken.has(`${x} ${y}`), `${title} is over another panel`).toBe(false);
        taken.add(`${x} ${y}`);
      }
    }
    if (type === "row") continue;
    expect(description, title).not.toBe("");
    expect(targets.length, title).toBeGreaterThan(0);
    // No data source of somebody else's Grafana.
    for (const { uid: source } of [datasource, ...targets.map((each) => each.datasource)].flatMap(
      (each) => each ?? [],
    )) {
      expect(source).toBe("${datasource}");
    }
  }
});

test("the dashboard adds up nothing that each server of a store shows as a whole", () => {
  const whole = /sum[^{]*sitq_(queues|queue_\w+|instances|workflows_unfinished|subscription_\w+)\{/;
  const sums = dashboardExpressions().filter((expr) => whole.test(expr));
  expect(sums.length).toBeGreaterThan(5);
  for (const expr of sums) expect(expr).toContain("and on (job, instance) sitq_server_leading == 1");
});

test("every expression of the dashboard is of the servers that are chosen", () => {
  const { panels } = readDashboard();
  const expressions = panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));
  for (const expr of expressions) expect(expr).toContain('instance=~"$instance"');
});
