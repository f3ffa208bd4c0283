import type { Fault } from "./fault.ts";
import { outcomeFaults } from "./outcome-faults.ts";
import { producerFaults } from "./producer-faults.ts";
import { sessionFaults } from "./session-faults.ts";

/** What is done to the program of the TypeScript SDK, so that the judge is seen to fail it. */
export const faults: Readonly<Record<string, Fault>> = { ...sessionFaults, ...outcomeFaults, ...producerFaults };
