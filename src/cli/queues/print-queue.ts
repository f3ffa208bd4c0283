import { type Queue, QueueSchema } from "../../client/index.ts";
import type { Session } from "../command/session.ts";
import { messageJson } from "../terminal/json.ts";
import { queueDetails } from "./queue-details.ts";

/**
 * Prints a queue as the server answered it.
 *
 * @param text what people read. Default: all that is known of it
 */
export async function printQueue({ out }: Session, queue: Queue | undefined, text?: string): Promise<void> {
  if (queue === undefined) return;
  if (out.asJson) return out.json(messageJson(QueueSchema, queue));
  await out.line(text ?? queueDetails(queue, out.layout));
}
