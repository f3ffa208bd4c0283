import { limits } from "../../domain/limits.ts";
import { CostMeter, TooCostlyError } from "../expressions/cost-meter.ts";
import { createExpressions, createScope } from "../expressions/expressions.ts";
import { fillParameters, ParameterError, templatesIn } from "../expressions/parameters.ts";
import type { PayloadCodec, PayloadValue } from "../payload-value.ts";

/** Parameters with expressions, as they are stored. */
export type Job =
  /** To be read, when their workflow starts. */
  | { readonly kind: "read"; readonly parameters: Uint8Array }
  /** To be worked out, when their step is handed out. */
  | {
      readonly kind: "fill";
      readonly parameters: Uint8Array;
      readonly input: Uint8Array | null;
      /** By step id. */
      readonly results: Readonly<Record<string, Uint8Array | null>>;
      readonly workflow: { readonly id: string; readonly name: string; readonly correlation_id: string };
    };

/** An expression of parameters: its place, `json.items[0].sku`, and the steps whose results it reads. */
export interface ReadExpression {
  readonly place: string;
  readonly reads: readonly string[];
}

/** What became of a job, and what it cost. */
export type JobAnswer = { readonly cost: number } & (
  | { readonly kind: "read"; readonly hasTemplates: boolean; readonly expressions: readonly ReadExpression[] }
  | { readonly kind: "filled"; readonly payload: Uint8Array }
  /** It fits into no message. */
  | { readonly kind: "too_large" }
  /** An expression is none or has no value: for the author of it. */
  | { readonly kind: "wrong"; readonly place: string; readonly message: string }
  | { readonly kind: "too_costly"; readonly place: string; readonly message: string }
);

/** Does a job at once. */
export type RunJob = (job: Job, terms: JobTerms) => JobAnswer;

/** What a job may cost. */
export interface JobTerms {
  readonly allowance: number;
  /** Whether it is done where turns are short: then parsing what is not known yet counts, which must not decide what a step may cost. */
  readonly isLight: boolean;
}

/** Bytes that are decoded, or characters that are parsed, at the cost of one unit. */
const bytesPerUnit = 4;
const unitsPerParsedCharacter = 5;

/** A runner of jobs, which keeps what it has parsed. */
export function createJobRunner(codec: PayloadCodec): RunJob {
  const expressions = createExpressions();

  function decode(payload: Uint8Array | null, meter: CostMeter): PayloadValue {
    meter.charge((payload?.length ?? 0) / bytesPerUnit);
    return codec.decode(payload);
  }

  return (job, { allowance, isLight }) => {
    const meter = new CostMeter(allowance, isLight);
    const onParse = (length: number) => {
      if (isLight) meter.charge(length * unitsPerParsedCharacter);
    };
    try {
      const parameters = decode(job.parameters, meter);
      if (parameters?.kind !== "json") {
        if (job.kind === "fill") return { kind: "filled", payload: job.parameters, cost: meter.spent };
        return { kind: "read", hasTemplates: false, expressions: [], cost: meter.spent };
      }
      const { any, expressions: found } = templatesIn(parameters.value, expressions, onParse);
      if (job.kind === "read") {
        const read = found.map(({ place, reads }) => ({ place, reads: [...reads] }));
        return { kind: "read", hasTemplates: any, expressions: read, cost: meter.spent };
      }
      // What is not read need not be decoded.
      const names = new Set(found.flatMap(({ reads }) => [...reads]));
      const read = Object.entries(job.results).filter(([stepId]) => names.has(stepId));
      const input = found.some(({ readsInput }) => readsInput) ? decode(job.input, meter) : null;
      const results = Object.fromEntries(read.map(([stepId, result]) => [stepId, decode(result, meter)]));
      const scope = createScope({ input, results, workflow: job.workflow }, meter);
      const payload = codec.encodeJson(fillParameters(parameters.value, expressions, scope));
      if (payload.length > limits.messageBytes) return { kind: "too_large", cost: meter.spent };
      return { kind: "filled", payload, cost: meter.spent };
    } catch (error) {
      const cause = error instanceof ParameterError ? error.cause : error;
      const place = error instanceof ParameterError ? error.place : "json";
      if (cause instanceof TooCostlyError) {
        return { kind: "too_costly", place, message: cause.message, cost: meter.spent };
      }
      const message = error instanceof Error ? error.message : String(error);
      return { kind: "wrong", place, message, cost: meter.spent };
    }
  };
}
