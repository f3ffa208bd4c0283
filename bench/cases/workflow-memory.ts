import { setTimeout as pause } from "node:timers/promises";
import { connect, workflow } from "../../src/client/index.ts";
import type { Case } from "../case.ts";
import { residentMb } from "../measure/cpu-time.ts";
import { payload } from "../payload.ts";
import { startWorkflows } from "../processes/start-workflows.ts";
import { startWorkers } from "../processes/worker-processes.ts";

/** Workflows that are RUNNING: their first step is done, and nobody works the second. It is measured once: filling takes a while. */
export const workflowMemory: Case = {
  name: "workflow-memory",
  what: "resident set of the server with 100,000 running workflows",
  server: "sitq",
  goals: [{ figure: "at rest", atMost: 250 }],
  async run({ address, serverPid, quick, say }) {
    const count = quick ? 500 : 100_000;
    const client = connect({ address });
    const empty = residentMb(serverPid);
    const definition = workflow("bench")
      .step("first", "work", payload, { service: "worked" })
      .step("second", "work", payload, { service: "left-alone", dependsOn: ["first"] });
    await using workers = await startWorkers(1, { address, workers: [["worked"]], capacity: 256 });
    await startWorkflows(client, definition, count, say);
    await workers.reached(count);
    await workers.stop();
    const full = residentMb(serverPid);
    client.close();
    await pause(quick ? 100 : 10_000);
    return [
      [
        { name: "at rest", unit: "MB", value: residentMb(serverPid) },
        { name: "after the last step", unit: "MB", value: full },
        { name: "empty", unit: "MB", value: empty },
      ],
    ];
  },
};
