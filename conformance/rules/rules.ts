import type { Rule } from "../judge/rule.ts";
import { sessionRules } from "./sessions.ts";

/** All rules, in the order of docs/protocol.md. */
export const rules: readonly Rule[] = [...sessionRules];
