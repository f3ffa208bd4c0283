import { type Command, InvalidArgumentError, Option } from "commander";
import type { Grant } from "../../client/index.ts";
import { formatGrantText, type GrantParts, grantRoles, parseGrantText, roleNames } from "../../contract/grant-text.ts";
import { wrongUsage } from "../command/command-failure.ts";

/** A grant as a request takes it. */
export type GrantInit = Pick<Grant, "role" | "payloads" | "queues" | "eventTypes" | "services">;

interface GrantOptions {
  readonly role?: GrantParts["role"];
  readonly queues: string[];
  readonly events: string[];
  readonly services: string[];
  readonly payloads?: boolean;
  readonly grant: GrantInit[];
}

/** Adds the options that say what a principal may do. */
export function withGrantOptions(command: Command): Command {
  return command
    .addOption(new Option("--role <role>", "what it may do").choices(grantRoles))
    .option("--queues <patterns>", "on these queues: names, or prefixes as mail.*; several: a,b", addPatterns, [])
    .option("--events <patterns>", "on these types of events", addPatterns, [])
    .option("--services <patterns>", "on these services", addPatterns, [])
    .option(
      "--payloads",
      "a viewer sees content too: payloads, results, headers, texts of errors and metadata of workers",
    )
    .option("--grant <text>", "another role with its scope: worker:mail.*, viewer:queue=a,service=b", addGrant, []);
}

/** The grants of the options; empty: none are given. @throws CommandFailure of a scope without a role */
export function grantsOf(command: Command): GrantInit[] {
  const { role, queues, events, services, payloads = false, grant } = command.opts<GrantOptions>();
  if (role !== undefined) {
    return [toGrant({ role, payloads, queue: queues, event_type: events, service: services }), ...grant];
  }
  if (queues.length + events.length + services.length > 0 || payloads) throw wrongUsage("a scope needs --role");
  return grant;
}

/** A grant as `--grant` takes it. */
export function grantText({ role, payloads, queues, eventTypes, services }: GrantInit): string {
  const word = roleNames.words[role];
  if (word === undefined) return `role ${role}`;
  return formatGrantText({ role: word, payloads, queue: queues, event_type: eventTypes, service: services });
}

function toGrant({ role, payloads, queue, event_type, service }: GrantParts): GrantInit {
  const patterns = { queues: [...queue], eventTypes: [...event_type], services: [...service] };
  return { role: roleNames.values[role], payloads, ...patterns };
}

function addPatterns(text: string, before: string[]): string[] {
  return [...before, ...text.split(",").map((each) => each.trim())];
}

function addGrant(text: string, before: GrantInit[]): GrantInit[] {
  const parsed = parseGrantText(text);
  if (typeof parsed === "string") throw new InvalidArgumentError(`A grant ${parsed}.`);
  return [...before, toGrant(parsed)];
}
