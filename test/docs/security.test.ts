import { readFileSync } from "node:fs";
import type { DescMethod, DescService } from "@bufbuild/protobuf";
import { expect, test } from "vitest";
import { ScopeKind } from "../../gen/sitq/v1/access_pb.js";
import { AccessService } from "../../gen/sitq/v1/access_service_pb.js";
import { AdminService } from "../../gen/sitq/v1/admin_service_pb.js";
import { EventService } from "../../gen/sitq/v1/event_service_pb.js";
import { MonitorService } from "../../gen/sitq/v1/monitor_service_pb.js";
import { QueueService } from "../../gen/sitq/v1/queue_service_pb.js";
import { RegistryService } from "../../gen/sitq/v1/registry_service_pb.js";
import { WorkerService } from "../../gen/sitq/v1/worker_service_pb.js";
import { WorkflowService } from "../../gen/sitq/v1/workflow_service_pb.js";
import type { Setting } from "../../src/config/setting.ts";
import { settings } from "../../src/config/settings.ts";
import { type Role, roles } from "../../src/domain/access/grant.ts";
import { type ErrorReason, errorReasons, SitqError } from "../../src/domain/errors.ts";
import { rolesOf } from "../../src/rpc/calls/authorize.ts";
import { accessOf } from "../../src/rpc/calls/request-scope.ts";
import { codeNameOf } from "../../src/rpc/calls/status.ts";

const services: readonly DescService[] = [
  QueueService,
  WorkerService,
  EventService,
  WorkflowService,
  RegistryService,
  MonitorService,
  AdminService,
  AccessService,
];
const page = readFileSync("docs/security.md", "utf8");

/** What must be within the scope: `queue` of `task.queue`. */
function scopeOf(method: DescMethod): string {
  const { scopes } = accessOf(method);
  const texts = scopes.map(({ kind, field }) => {
    const noun = ScopeKind[kind]?.toLowerCase().replaceAll("_", " ") ?? "";
    return field === "" ? `each ${noun}` : `${noun}: \`${field}\``;
  });
  return texts.join(", ");
}

function rowOf(service: DescService, method: DescMethod): string {
  const allowed = new Set<Role>([...rolesOf(method), "admin"]);
  const marks = roles.map((role) => (allowed.has(role) ? "yes" : ""));
  const cells = [`${service.name}/${method.name}`, ...marks, scopeOf(method), accessOf(method).changes ? "yes" : ""];
  return `| ${cells.join(" | ")} |`.replaceAll("|  |", "| |").replaceAll("|  |", "| |");
}

test("the table of roles and scopes is the contract's", () => {
  const wanted = services.flatMap((service) => service.methods.map((method) => rowOf(service, method)));
  expect(page.split("\n").filter((line) => /^\| [A-Z][a-z]+Service\//.test(line))).toEqual(wanted);
});

test("the page speaks of no setting of the server that is not there", () => {
  const known: readonly Setting<unknown>[] = Object.values(settings);
  for (const [line] of page.matchAll(/^sitq serve.*$/gm)) {
    for (const [flag] of line.matchAll(/--[a-z][a-z-]+/g)) expect(known.map((setting) => setting.flag)).toContain(flag);
  }
});

/** The rows of the table of limits. */
function limitRows(): (readonly [what: string, flag: string, value: string, refusal: string, others: string])[] {
  const [, section = ""] = /^## Limits\n(.*?)^## /ms.exec(page) ?? [];
  const rows = [...section.matchAll(/^\| (.*) \|$/gm)].map(([, row = ""]) => row.split(" | "));
  return rows.slice(2).map(([what = "", flag = "", value = "", refusal = "", others = ""]) => {
    return [what, flag.replaceAll("`", ""), value.replaceAll("`", ""), refusal, others];
  });
}

test("the table of limits has a row for every setting that limits clients, with its default", () => {
  const known: readonly Setting<unknown>[] = Object.values(settings);
  const isLimit = ({ flag }: Setting<unknown>) =>
    /^--(max-|first-message-|connection-idle-|keepalive-timeout|disk-reserve)/.test(flag);
  const wanted = known.filter(isLimit).map(({ flag, defaultValue, kind }) => [flag, kind.format(defaultValue)]);
  const shown = limitRows().flatMap(([, flag, value]) => (flag === "none" ? [] : [[flag, value]]));
  expect(shown.toSorted()).toEqual(wanted.toSorted());
});

test("the table of limits names reasons of the catalogue, with their codes, and what other clients notice", () => {
  const named = limitRows().flatMap(([, , , refusal]) => [...refusal.matchAll(/([A-Z_]+) `([A-Z_]+)`/g)]);
  expect(named.length).toBeGreaterThan(10);
  for (const [, code, reason = ""] of named) {
    expect(errorReasons).toContain(reason);
    expect(codeNameOf(new SitqError(reason as ErrorReason, ""))).toBe(code);
  }
  expect(limitRows().filter((row) => row.includes(""))).toEqual([]);
});
