import type { Rule } from "../judge/rule.ts";
import { handlerRules } from "./handlers.ts";
import { newerServerRules } from "./newer-servers.ts";
import { outcomeRules } from "./outcomes.ts";
import { producerRules } from "./producers.ts";
import { realServerRules } from "./real-servers.ts";
import { reconnectingRules } from "./reconnecting.ts";
import { refusalRules } from "./refusals.ts";
import { securityRules } from "./security.ts";
import { sessionRules } from "./sessions.ts";
import { severalServersRules } from "./several-servers.ts";
import { stoppingRules } from "./stopping.ts";

/** All rules, in the order in which they are shown. */
export const rules: readonly Rule[] = [
  ...sessionRules,
  ...outcomeRules,
  ...handlerRules,
  ...reconnectingRules,
  ...refusalRules,
  ...stoppingRules,
  ...severalServersRules,
  ...newerServerRules,
  ...realServerRules,
  ...producerRules,
  ...securityRules,
];
