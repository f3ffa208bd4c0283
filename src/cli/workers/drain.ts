import { durationFromMs } from "@bufbuild/protobuf/wkt";
import type { Command } from "commander";
import { WorkerSchema } from "../../client/index.ts";
import { newCommand } from "../command/new-command.ts";
import { briefly, withSession } from "../command/session.ts";
import { parseDurationOption } from "../input/duration.ts";
import { messageJson } from "../terminal/json.ts";
import { counted } from "../terminal/numbers.ts";
import type { Shell } from "../terminal/shell.ts";

/** The command `sitq drain`: stops sending tasks to one worker. */
export function drainCommand(shell: Shell): Command {
  const command = newCommand("drain", {
    takes: "<worker-id>",
    does: "stop sending tasks to a worker",
    notes: "Lasts until the worker reconnects.",
    examples: [["drain web-3-41-9f02", "before its machine shuts down; see: sitq workers"]],
  });
  command.option("--grace <duration>", "grace period sent to the worker (default: the server's)", parseDurationOption);
  return command.action((workerId: string) =>
    withSession(shell, command, async ({ client, out }) => {
      const { grace } = command.opts<{ readonly grace?: number }>();
      const request = { workerId, ...(grace !== undefined && { grace: durationFromMs(grace) }) };
      const { worker } = await client.worker.drainWorker(request, briefly);
      if (worker === undefined) return;
      if (out.asJson) return out.json(messageJson(WorkerSchema, worker));
      await out.line(`${worker.id} drains; it still has ${counted(worker.inFlight, "task")}`);
    }),
  );
}
