import { createService, type Service } from "../../domain/service.ts";
import { createWaitGroup, type WaitGroup } from "../../domain/wait-group.ts";

/** Backups that run. A stop ends them, and waits until nothing of them is left beside the database. */
export interface Backups extends Service {
  readonly running: WaitGroup;
  readonly stopping: AbortSignal;
}

/** Creates them: none runs. */
export function createBackups(): Backups {
  const running = createWaitGroup();
  const stopping = new AbortController();
  const service = createService({
    async stop() {
      stopping.abort();
      await running.wait();
    },
  });
  return { ...service, running, stopping: stopping.signal };
}
