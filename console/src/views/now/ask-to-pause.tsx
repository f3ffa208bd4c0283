import { rpc } from "../../rpc/clients.ts";
import { ask } from "../../ui/confirm.tsx";

/** Asks before it pauses a queue, or resumes it. */
export function askToPause(name: string, paused: boolean): void {
  ask({
    title: paused ? `Pause queue ${name}?` : `Resume queue ${name}?`,
    body: paused ? (
      <p>Its tasks are stored and wait; none is handed out until it is resumed. Those that run go on.</p>
    ) : (
      <p>Its tasks are handed out to its workers again.</p>
    ),
    action: paused ? "Pause" : "Resume",
    async run() {
      await rpc.queues.updateQueue({ queue: { name, paused }, updateMask: { paths: ["paused"] } });
      return paused ? `Queue ${name} is paused.` : `Queue ${name} is resumed.`;
    },
  });
}
