import { parseTraceContext, traceFields } from "../../contract/trace-context.ts";

/** The variables of the trace that a program is part of, by OpenTelemetry's convention. */
export const traceVariables = { parent: "TRACEPARENT", state: "TRACESTATE" } as const;

/** The headers of the trace that this process is part of; empty: of none. */
export function inheritedTrace(environment: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const { [traceVariables.parent]: parent = "", [traceVariables.state]: state = "" } = environment;
  if (parseTraceContext(parent, state) === null) return {};
  return { [traceFields.parent]: parent, ...(state !== "" && { [traceFields.state]: state }) };
}
