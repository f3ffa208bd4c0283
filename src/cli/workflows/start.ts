import { randomUUID } from "node:crypto";
import { fromJson, type JsonValue } from "@bufbuild/protobuf";
import { type Command, Option } from "commander";
import { StartWorkflowRequestSchema, toPayload } from "../../client/index.ts";
import { wrongUsage } from "../command/command-failure.ts";
import { newCommand } from "../command/new-command.ts";
import { briefly, withSession } from "../command/session.ts";
import { storeOnce } from "../command/store-once.ts";
import { parseDurationOption } from "../input/duration.ts";
import { parsePayload } from "../input/payload.ts";
import { openSource, readSource } from "../input/read-source.ts";
import { withInheritedTrace } from "../input/trace-variables.ts";
import type { Shell } from "../terminal/shell.ts";
import { follow } from "./follow-workflow.ts";
import { workflowJson } from "./workflow-json.ts";

interface Options {
  readonly input?: string;
  readonly correlationId?: string;
  readonly requestId?: string;
  readonly sourceService?: string;
  readonly pending?: boolean;
  readonly wait?: boolean;
  readonly timeout?: number;
}

/** The command `sitq workflows start`: starts a workflow from a file. */
export function startWorkflowCommand(shell: Shell): Command {
  const command = newCommand("start", {
    takes: "<file>",
    does: "start a workflow",
    notes: [
      "The file holds a sitq.v1.StartWorkflowRequest in Protobuf's JSON, as for grpcurl; - reads standard input.",
      "Returns once the workflow is on the server's disk.",
    ].join("\n"),
    examples: [
      ["workflows start order.json", "its id"],
      [`workflows start order.json --input '{"order": 7}' --wait`, "with an input of its own, and how it ends"],
      ["workflows start - --request-id order-7 < order.json", "safe to repeat"],
      ["workflows start order.json --pending", "begins later, with sitq workflows execute"],
    ],
  });
  command
    .option("--input <json>", "the workflow's input; - reads standard input, @FILE a file")
    .option("-c, --correlation-id <id>", "correlation id, shared by everything that belongs to one request")
    .option("--request-id <id>", "idempotency key: a repeat returns the first workflow")
    .option("--source-service <name>", "the service that starts it")
    .option("--pending", "only store it; sitq workflows execute starts it")
    .option("-w, --wait", "wait until it is at rest and show how it ended")
    .addOption(
      new Option("--timeout <duration>", "with --wait: how long to wait (default: no limit)").argParser(
        parseDurationOption,
      ),
    );
  return command.action((file: string) =>
    withSession(shell, command, async (session) => {
      const options = command.opts<Options>();
      if (options.timeout !== undefined && !options.wait) throw wrongUsage("--timeout is for --wait");
      if (options.pending && options.wait) throw wrongUsage("--pending does not begin: there is no end to --wait for");
      const request = requestOf(await readJson(file === "-" ? "-" : `@${file}`, shell, "the workflow"));
      if (options.input !== undefined) request.input = toPayload(await readJson(options.input, shell, "the input"));
      request.headers = withInheritedTrace(request.headers, shell.environment);
      request.correlationId = options.correlationId ?? request.correlationId;
      request.sourceService = options.sourceService ?? request.sourceService;
      request.pending = options.pending ?? request.pending;
      request.requestId = options.requestId ?? (request.requestId || randomUUID());

      const { client, out } = session;
      const { workflow, created } = await storeOnce(client.address, `--request-id ${request.requestId}`, () =>
        client.workflow.startWorkflow(request, briefly),
      );
      if (workflow === undefined) return;
      if (options.wait) {
        out.remark(`${workflow.id} ${created ? "started" : "already existed"}; waiting for its end`);
        return follow(session, workflow.id, options.timeout);
      }
      if (out.asJson) return out.json({ workflow: workflowJson(workflow), created });
      await out.line(workflow.id);
      if (!created) out.remark("Already exists: no second workflow was started.");
    }),
  );
}

async function readJson(argument: string, shell: Shell, what: string): Promise<unknown> {
  const source = await openSource(argument, shell);
  return parsePayload(source === null ? Buffer.from(argument) : await readSource(source), "json", what);
}

function requestOf(value: unknown) {
  try {
    // What JSON.parse has made is a JSON value.
    return fromJson(StartWorkflowRequestSchema, value as JsonValue);
  } catch (error) {
    throw wrongUsage(`the workflow is not a StartWorkflowRequest: ${error instanceof Error ? error.message : error}`);
  }
}
