import { parseTraceContext, traceFields, withTrace } from "../../contract/trace-context.ts";

/** The variables of the trace that a program is part of, by OpenTelemetry's convention. */
export const traceVariables = { parent: "TRACEPARENT", state: "TRACESTATE" } as const;

type Environment = Readonly<Record<string, string | undefined>>;

/** Headers, or attributes of an event, with the trace that this process is part of, unless they name one themselves. */
export function withInheritedTrace(
  headers: Readonly<Record<string, string>> | undefined,
  environment: Environment,
): Record<string, string> {
  return withTrace(headers, inheritedTrace(environment));
}

function inheritedTrace(environment: Environment): Record<string, string> {
  const { [traceVariables.parent]: parent = "", [traceVariables.state]: state = "" } = environment;
  if (parseTraceContext(parent, state) === null) return {};
  return { [traceFields.parent]: parent, ...(state !== "" && { [traceFields.state]: state }) };
}
