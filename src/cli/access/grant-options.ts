import { type Command, InvalidArgumentError, Option } from "commander";
import { type Grant, Role } from "../../client/index.ts";
import { wrongUsage } from "../command/command-failure.ts";

const roles = {
  producer: Role.PRODUCER,
  worker: Role.WORKER,
  viewer: Role.VIEWER,
  operator: Role.OPERATOR,
  admin: Role.ADMIN,
} as const;

/** A grant as a request takes it. */
export type GrantInit = Pick<Grant, "role" | "payloads" | "queues" | "eventTypes" | "services">;

interface GrantOptions {
  readonly role?: keyof typeof roles;
  readonly queues: string[];
  readonly events: string[];
  readonly services: string[];
  readonly payloads?: boolean;
  readonly grant: GrantInit[];
}

/** Adds the options that say what a principal may do. */
export function withGrantOptions(command: Command): Command {
  return command
    .addOption(new Option("--role <role>", "what it may do").choices(Object.keys(roles)))
    .option("--queues <patterns>", "on these queues: names, or prefixes as mail.*; several: a,b", listed, [])
    .option("--events <patterns>", "on these types of events", listed, [])
    .option("--services <patterns>", "on these services", listed, [])
    .option("--payloads", "a viewer sees payloads, results, headers and texts of errors too")
    .option("--grant <text>", "another role with its scope, as worker:mail.* or viewer:queue=a,service=b", parsed, []);
}

/** The grants of the options; empty: none are given. @throws CommandFailure */
export function grantsOf(command: Command): GrantInit[] {
  const { role, queues, events, services, payloads = false, grant } = command.opts<GrantOptions>();
  if (role !== undefined) {
    return [{ role: roles[role], payloads, queues, eventTypes: events, services }, ...grant];
  }
  if (queues.length + events.length + services.length > 0 || payloads) throw wrongUsage("a scope needs --role");
  return grant;
}

/** A grant as a line of a table: `worker queue=mail.*`. */
export function grantText({ role, payloads, queues, eventTypes, services }: GrantInit): string {
  const name = Object.entries(roles).find(([, value]) => value === role)?.[0] ?? "?";
  const kinds = [
    ["queue", queues],
    ["event", eventTypes],
    ["service", services],
  ] as const;
  const scopes = kinds.flatMap(([kind, patterns]) => patterns.map((pattern) => `${kind}=${pattern}`));
  const isWhole = kinds.every(([, patterns]) => patterns.includes("*"));
  return [payloads ? `${name}+payloads` : name, ...(isWhole ? [] : scopes)].join(" ");
}

function listed(text: string, before: string[]): string[] {
  return [...before, ...text.split(",").map((each) => each.trim())];
}

function parsed(text: string, before: GrantInit[]): GrantInit[] {
  const [, name = "", flag, scope] = /^([a-z]+)(\+payloads)?(?::(.+))?$/.exec(text) ?? [];
  const role = Object.entries(roles).find(([each]) => each === name)?.[1];
  if (role === undefined) throw new InvalidArgumentError(`It begins with a role: ${Object.keys(roles).join(", ")}.`);
  const grant = { role, payloads: flag !== undefined, queues: [], eventTypes: [], services: [] } as const;
  const all: { queues: string[]; eventTypes: string[]; services: string[] } = {
    queues: [],
    eventTypes: [],
    services: [],
  };
  for (const part of scope?.split(",") ?? []) {
    const [, kind, pattern = part] = /^(queue|event|service)=(.*)$/.exec(part) ?? [];
    if (kind === undefined || kind === "queue") all.queues.push(pattern);
    if (kind === undefined || kind === "event") all.eventTypes.push(pattern);
    if (kind === undefined || kind === "service") all.services.push(pattern);
  }
  return [...before, { ...grant, ...all }];
}
