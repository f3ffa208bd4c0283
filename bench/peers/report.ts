import { median } from "../quantile.ts";
import { aligned, rounded } from "../report.ts";
import { clientVersions } from "./client-packages.ts";
import type { RowReport } from "./compare.ts";
import type { Measured } from "./measure-row.ts";
import { pinnedVersions } from "./pinned-versions.ts";

/** The figures of a row with their columns. */
const columns: readonly { readonly figure: keyof Measured; readonly head: string; readonly unit: string }[] = [
  { figure: "singly", head: "singly", unit: "tasks/s" },
  { figure: "batches", head: "batches", unit: "tasks/s" },
  { figure: "drain64", head: "drain 64", unit: "tasks/s" },
  { figure: "drain256", head: "drain 256", unit: "tasks/s" },
  { figure: "idleMedian", head: "idle median", unit: "ms" },
  { figure: "idleP99", head: "p99", unit: "ms" },
];

/** The aligned table, with what is missing, and below it the clients and what is to know of each system. */
export function peersTable(rows: readonly RowReport[]): string {
  const text = ["system", "version", "durability", "setting"];
  const head = [...text, ...columns.map(({ head: name, unit }) => `${name}, ${unit}`)];
  const lines = rows
    // What is missing has one line, not one for each of its settings.
    .filter(({ peer, durability, version }) => version !== null || durability === peer.durabilities[0])
    .map((row) => [row.peer.title, versionText(row), durabilityText(row), settingText(row), ...figures(row)]);
  const numbers = columns.map((_, index) => text.length + index);
  return [aligned([head, ...lines], numbers), "", ...footnotes(rows)].join("\n");
}

/** The table of docs/performance.md. */
export function docsTable(rows: readonly RowReport[]): string {
  const head = [
    "system",
    "version",
    "durability",
    "setting",
    ...columns.map(({ head: name, unit }) => (unit === "ms" ? `${name}, ms` : name)),
  ];
  const lines = rows
    .filter(({ rounds }) => rounds.length > 0)
    .map((row) => [
      row.peer.title,
      row.version ?? "",
      row.durability.promise,
      `\`${row.durability.setting}\``,
      ...figures(row),
    ]);
  return markdown([head, ...lines]);
}

/** The five lines of README.md: each system with the fastest of its settings. */
export function readmeTable(rows: readonly RowReport[]): string {
  const shown = rows.filter(({ peer, durability, rounds }) => durability === peer.durabilities[0] && rounds.length > 0);
  const line = (name: string, cell: (row: RowReport) => string) => [name, ...shown.map(cell)];
  const figure = (name: keyof Measured) => (row: RowReport) => rounded(medianOf(row, name));
  return markdown([
    line("", ({ peer }) => peer.title),
    line("durability", ({ durability }) => durability.promise),
    line("single enqueues, 64 in flight, tasks/s", figure("singly")),
    line("batches of 100, 4 in flight, tasks/s", figure("batches")),
    line("drain, 64 in flight, tasks/s", figure("drain64")),
    line("enqueue to handler, idle, ms", figure("idleMedian")),
  ]);
}

/** The rows as JSON, with every round. */
export function rowsJson(rows: readonly RowReport[]): unknown[] {
  return rows.map(({ peer, durability, version, failure, rounds }) => ({
    system: peer.name,
    server: { name: peer.server, version, pinned: pinnedVersions[peer.server] ?? null },
    client:
      peer.clientPackage === null ? null : { name: peer.clientPackage, version: clientVersions[peer.clientPackage] },
    durability,
    failure,
    rounds,
  }));
}

function medianOf({ rounds }: RowReport, figure: keyof Measured): number {
  return median(rounds.map((round) => round[figure]));
}

/** The version as it was found, with the pinned one where that is another. */
function versionText({ peer, version }: RowReport): string {
  const pinned = pinnedVersions[peer.server];
  if (version === null) return "";
  return pinned === undefined || pinned === version ? version : `${version} (pinned: ${pinned})`;
}

/** In place of it why there are no figures. */
function durabilityText({ peer, durability, version, failure }: RowReport): string {
  if (version === null) return `not installed (${peer.howToGet})`;
  return failure === null ? durability.promise : `failed: ${failure.split("\n")[0]}`;
}

function settingText({ durability, version }: RowReport): string {
  return version === null ? "" : durability.setting;
}

function figures(row: RowReport): string[] {
  return columns.map(({ figure }) => (row.rounds.length === 0 ? "" : rounded(medianOf(row, figure))));
}

function footnotes(rows: readonly RowReport[]): string[] {
  const peers = [...new Set(rows.map(({ peer }) => peer))];
  const clients = peers.flatMap(({ clientPackage: name }) =>
    name === null ? [] : [`${name} ${clientVersions[name]}`],
  );
  const notes = peers.flatMap(({ title, note }) => (note === undefined ? [] : [`${title}: ${note}`]));
  return [...(clients.length > 0 ? [`Clients: ${clients.join(", ")}.`] : []), ...notes];
}

function markdown([head = [], ...lines]: readonly (readonly string[])[]): string {
  return [head, head.map(() => "---"), ...lines].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}
