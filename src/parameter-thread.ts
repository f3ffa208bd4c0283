/** The thread on which costly parameters of workflows are worked out. */

import { parentPort } from "node:worker_threads";
import { payloadCodec } from "./rpc/convert/json-payload.ts";
import { answerJobs } from "./workflows/filling/heavy-lane.ts";
import { createJobRunner } from "./workflows/filling/job.ts";

if (parentPort === null) throw new Error("this file runs as a thread");
answerJobs(parentPort, createJobRunner(payloadCodec));
