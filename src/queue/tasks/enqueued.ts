import type { NewTask, Task } from "../../domain/tasks/task.ts";
import type { CreatedTask } from "../../store/task-store.ts";

/** A task that was stored by this call, or that was there. */
export type Enqueued =
  | { readonly created: true; readonly request: NewTask; readonly task: CreatedTask }
  | { readonly created: false; readonly task: Task };
