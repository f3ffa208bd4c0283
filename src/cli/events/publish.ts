import { randomUUID } from "node:crypto";
import { type Command, Option } from "commander";
import { createPublisher, type EventOptions } from "../../client/index.ts";
import { newCommand } from "../command/new-command.ts";
import { type Session, withSession } from "../command/session.ts";
import { storeOnce } from "../command/store-once.ts";
import { parseMoment } from "../input/moment.ts";
import { type PayloadOptions, parsePayload, payloadForm } from "../input/payload.ts";
import { openSource, readSource } from "../input/read-source.ts";
import { withInheritedTrace } from "../input/trace-variables.ts";
import type { Shell } from "../terminal/shell.ts";
import { collectAttribute } from "./attributes.ts";
import { toldWords } from "./event-words.ts";

interface Options extends PayloadOptions {
  readonly source: string;
  readonly id?: string;
  readonly subject?: string;
  readonly time?: Date;
  readonly correlationId?: string;
  readonly causationId?: string;
  readonly attribute?: Readonly<Record<string, string>>;
}

/** The command `sitq publish`: tells what happened. */
export function publishCommand(shell: Shell): Command {
  const command = newCommand("publish", {
    takes: "<type> [data]",
    does: "publish an event",
    notes: [
      "Returns once the event and its deliveries are on the server's disk.",
      "The data is JSON unless --text or --binary is given; - reads standard input, @FILE a file.",
    ].join("\n"),
    examples: [
      [`publish order.created '{"order": 7}' --source shop --subject 7`, "one event"],
      ["publish order.sent --source shop --id sent-7 --correlation-id req-7", "safe to repeat"],
      ["publish order.created @order.json --source shop --attribute tenant=acme", "with an attribute"],
    ],
  });
  command
    .requiredOption("--source <service>", "the service that publishes it")
    .option("--text", "the data is text, not JSON")
    .addOption(new Option("--binary", "the data is bytes").conflicts("text"))
    .option("--id <id>", "event id, unique within its source: a repeat returns the first event")
    .option("--subject <subject>", "what the event is about")
    .option("--time <time>", "when it happened (default: now)", parseMoment)
    .option("-c, --correlation-id <id>", "correlation id, shared by everything that belongs to one request")
    .option("--causation-id <id>", "what caused it: the id of an event, a task or a workflow")
    .option("--attribute <name=value>", "attribute; repeatable", collectAttribute);
  return command.action((type: string, data: string | undefined) => {
    const options = command.opts<Options>();
    return withSession(shell, command, (session) => publish(session, type, data, options), { service: options.source });
  });
}

async function publish(session: Session, type: string, argument: string | undefined, options: Options): Promise<void> {
  const { client, out, shell } = session;
  const data = argument === undefined ? undefined : await readData(argument, options, shell);
  const { id = randomUUID() } = options;
  const publisher = createPublisher(client, { retryTimeoutMs: 0 });
  const event = await storeOnce(client.address, `--id ${id}`, () =>
    publisher.publish(type, data, { ...eventOptions(options, shell.environment), id }),
  );
  if (out.asJson) {
    const { sourceService, position, created, deliveredTo } = event;
    return out.json({ event: { id, type, sourceService, position }, created, deliveredTo });
  }
  await out.line(event.id);
  out.remark(event.created ? toldWords(event.deliveredTo) : "Already exists: no second event was created.");
}

async function readData(argument: string, options: Options, shell: Shell): Promise<unknown> {
  const source = await openSource(argument, shell);
  const content = source === null ? Buffer.from(argument) : await readSource(source);
  return parsePayload(content, payloadForm(options), "the data");
}

function eventOptions(
  { subject, time, correlationId, causationId, attribute }: Options,
  environment: Shell["environment"],
): EventOptions {
  return {
    ...(subject !== undefined && { subject }),
    ...(time !== undefined && { time }),
    ...(correlationId !== undefined && { correlationId }),
    ...(causationId !== undefined && { causationId }),
    attributes: withInheritedTrace(attribute, environment),
  };
}
