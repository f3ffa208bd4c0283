import { CallError, type SitqClient } from "../../client/index.ts";
import { briefly } from "../command/session.ts";

/** Why no task matches: a mistyped name is the usual cause. @param queue the one that was asked for */
export async function nothingFound({ queue }: Pick<SitqClient, "queue">, name: string | undefined): Promise<string> {
  if (name === undefined) return "No matching tasks.";
  try {
    await queue.getQueue({ name }, briefly);
    return "No matching tasks.";
  } catch (error) {
    if (!(error instanceof CallError) || error.reason !== "QUEUE_NOT_FOUND") throw error;
    return `There is no queue ${name}. List them: sitq queues`;
  }
}
