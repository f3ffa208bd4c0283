import { setTimeout as pause } from "node:timers/promises";
import { connect } from "../../src/client/index.ts";
import type { Case } from "../case.ts";
import { residentMb } from "../measure/cpu-time.ts";
import { fillQueue } from "../processes/fill-queue.ts";

/** What the server's process keeps in memory, as the system counts it. It is measured once: filling takes a while. */
export const memory: Case = {
  name: "memory",
  what: "resident set of the server after a million tasks were enqueued",
  server: "sitq",
  goals: [{ figure: "at rest", atMost: 250 }],
  async run({ address, serverPid, quick, say }) {
    const client = connect({ address });
    const empty = residentMb(serverPid);
    await fillQueue(client, "memory", quick ? 20_000 : 1_000_000, say);
    const full = residentMb(serverPid);
    client.close();
    await pause(quick ? 100 : 10_000);
    const atRest = residentMb(serverPid);
    return [
      [
        { name: "at rest", unit: "MB", value: atRest },
        { name: "after the last enqueue", unit: "MB", value: full },
        { name: "empty", unit: "MB", value: empty },
      ],
    ];
  },
};
