/** The thread on which costly parameters of workflows are worked out. */

import { constants, setPriority } from "node:os";
import { parentPort } from "node:worker_threads";
import { payloadCodec } from "./rpc/convert/json-payload.ts";
import { answerJobs } from "./workflows/filling/heavy-lane.ts";
import { createJobRunner } from "./workflows/filling/job.ts";

if (parentPort === null) throw new Error("this file runs as a thread");
// On a busy machine the main thread and the store's go first. On other systems the priority would be the whole process's.
if (process.platform === "linux") setPriority(constants.priority.PRIORITY_BELOW_NORMAL);
answerJobs(parentPort, createJobRunner(payloadCodec));
