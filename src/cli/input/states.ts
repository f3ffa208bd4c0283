import { TaskState } from "../../client/index.ts";
import { protoEnum } from "../../contract/enums.ts";
import { collectWords, wordsText } from "./enum-words.ts";

/** The words for the states of a task, in the order of its life. */
const states = protoEnum<string, TaskState>()({
  blocked: TaskState.BLOCKED,
  scheduled: TaskState.SCHEDULED,
  pending: TaskState.PENDING,
  running: TaskState.RUNNING,
  completed: TaskState.COMPLETED,
  failed: TaskState.FAILED,
  cancelled: TaskState.CANCELLED,
});

/** Every word, as a usage line shows them. */
export const stateWords = wordsText(states);

/** Reads one more state of an option that may be repeated, or several with commas between them. */
export const collectStates = collectWords(states);
