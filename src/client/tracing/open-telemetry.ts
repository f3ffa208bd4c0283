// Not by its own name, which bundles have for themselves.
import { createRequire as requireFrom } from "node:module";
import { join } from "node:path";
import type * as Api from "@opentelemetry/api";
import { schemaUrl } from "../../contract/semantic-conventions.ts";

/** OpenTelemetry, while the application has an SDK of it. */
export interface OpenTelemetry {
  readonly api: typeof Api;
  readonly tracer: Api.Tracer;
}

/**
 * Where every version 1 of `@opentelemetry/api` keeps what an SDK registers. Until one does there is nothing to trace, and the package is not
 * even loaded, which takes 15 ms.
 */
const registry = Symbol.for("opentelemetry.js.api.1");

interface Registry {
  readonly [registry]?: { readonly trace?: Api.TracerProvider };
}

/** Where it is said that spans cannot be made although there is an SDK. */
export interface WarningLog {
  readonly warn: (facts: Readonly<Record<string, unknown>>, message: string) => void;
}

let api: typeof Api | null | undefined;
let provider: Api.TracerProvider | undefined;
let current: OpenTelemetry | null = null;

/** OpenTelemetry as the application has registered it; `null`: it has not, or has taken it back. */
export function openTelemetry(log?: WarningLog): OpenTelemetry | null {
  const registered = (globalThis as Registry)[registry]?.trace;
  if (registered === undefined) return null;
  if (registered !== provider) {
    provider = registered;
    if (api === undefined) api = load(log);
    const tracer = api?.trace.getTracerProvider().getTracer("@sitq/client", "", { schemaUrl });
    current = api && tracer ? { api, tracer } : null;
  }
  return current;
}

/** Not imported: it is there where the application has it. By `require`, since the first span cannot wait for it. */
function load(log: WarningLog | undefined): typeof Api | null {
  try {
    // A bundle of CommonJS has no URL.
    const here: string | undefined = import.meta.url;
    return requireFrom(here ?? join(process.cwd(), "index.js"))("@opentelemetry/api");
  } catch (error) {
    log?.warn(
      { error },
      "there is an OpenTelemetry SDK, but no @opentelemetry/api that can be loaded: nothing is traced",
    );
    return null;
  }
}
