import { diskFull, diskLow } from "../../../domain/refusals/server.ts";
import type { Answer } from "./thread-messages.ts";

/** The error of a call that was not carried out. */
export function errorOf(answer: Extract<Answer, { error: unknown }>): Error {
  switch (answer.error) {
    case "disk_low":
      return diskLow();
    case "disk_full":
      return diskFull();
    case "bug":
      return new Error(answer.message);
  }
}
