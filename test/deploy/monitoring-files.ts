import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { type Metric, metrics, processMetrics } from "../../src/metrics/names.ts";

/** An alert as the file has it. */
export interface Alert {
  readonly alert: string;
  readonly expr: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

/** A panel of the dashboard, as far as it is tested. */
export interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly description?: string;
  readonly gridPos: { readonly h: number; readonly w: number; readonly x: number; readonly y: number };
  readonly datasource?: { readonly uid: string };
  readonly targets?: readonly { readonly expr: string; readonly datasource: { readonly uid: string } }[];
}

/** Where the alerts are. */
export const alertsPath = "deploy/prometheus/alerts.yaml";

/** The alerts. */
export function readAlerts(): readonly Alert[] {
  const { groups }: { groups: readonly { rules: readonly Alert[] }[] } = parse(readFileSync(alertsPath, "utf8"));
  return groups.flatMap(({ rules }) => rules);
}

/** The dashboard. */
export function readDashboard() {
  const dashboard: {
    readonly uid: string;
    readonly panels: readonly Panel[];
    readonly templating: { readonly list: readonly { readonly name: string; readonly query: unknown }[] };
    readonly annotations: { readonly list: readonly { readonly expr: string }[] };
  } = JSON.parse(readFileSync("deploy/grafana/sitq.json", "utf8"));
  return dashboard;
}

/** All expressions of the dashboard, with what Grafana fills into them. */
export function dashboardExpressions(): readonly string[] {
  const { panels, annotations } = readDashboard();
  const written = [
    ...panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr)),
    ...annotations.list.map(({ expr }) => expr),
  ];
  return written.map((expr) => expr.replaceAll("$__rate_interval", "1m").replaceAll(/\$(instance|queue)\b/g, ".*"));
}

/** The series that metrics have: histograms have three. */
const seriesNames = new Set([
  ...Object.values<Metric>(metrics).flatMap(({ name, kind }) =>
    kind === "histogram" ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name],
  ),
  ...processMetrics,
]);

/** What an expression names that no server has. */
export function unknownNames(expr: string): string[] {
  return [...expr.matchAll(/\b(?:sitq|process|nodejs)_[a-z0-9_]+/g)]
    .map(([name]) => name)
    .filter((name) => !seriesNames.has(name));
}
