import type { StoreVerbs } from "../store.ts";
import { createAudit } from "./access/audit.ts";
import { createPrincipals } from "./access/principals.ts";
import type { Engine } from "./engine/engine.ts";
import { createQueues } from "./queues/queues.ts";
import { createInstances } from "./registry/instances.ts";
import { createServices } from "./registry/services.ts";

/** Creates the verbs on an engine: the one list of them. */
export function createVerbs(engine: Engine): Partial<StoreVerbs> {
  return {
    ...createQueues(engine),
    ...createInstances(engine),
    ...createServices(engine),
    ...createPrincipals(engine),
    ...createAudit(engine),
  };
}
