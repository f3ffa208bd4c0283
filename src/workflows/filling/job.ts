import { limits } from "../../contract/limits.ts";
import { CostMeter, TooCostlyError } from "../expressions/cost-meter.ts";
import { createExpressions, createScope, type VariableValue } from "../expressions/expressions.ts";
import { fillParameters, ParameterError, templatesIn } from "../expressions/parameters.ts";
import type { StoredPayloadCodec } from "../expressions/payload-value.ts";
import { createDecodedValues } from "./decoded-values.ts";

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
export type JobAnswer = JobCost &
  (
    | { readonly kind: "read"; readonly hasTemplates: boolean; readonly expressions: readonly ReadExpression[] }
    | { readonly kind: "filled"; readonly payload: Uint8Array }
    /** It fits into no message. */
    | { readonly kind: "too_large" }
    /** An expression is none or has no value: for the author of it. */
    | { readonly kind: "wrong"; readonly place: string; readonly message: string }
    | { readonly kind: "too_costly"; readonly place: string; readonly message: string }
    /** It took longer than its turn may: what it has parsed and decoded so far is kept. */
    | { readonly kind: "out_of_time" }
  );

/** What a job cost. */
export interface JobCost {
  readonly cost: number;
  /** What it costs to decode what it reads, by what that is: `input`, `results.STEP`. Its workflow pays that once. */
  readonly decoding?: Readonly<Record<string, number>>;
}

/** Does a job at once. */
export type RunJob = (job: Job, terms: JobTerms) => JobAnswer;

/** What a job may cost. */
export interface JobTerms {
  readonly allowance: number;
  /**
   * Whether it is done where turns are short: then parsing and decoding what is not known yet counts, which must not decide what a
   * step may cost.
   */
  readonly isLight: boolean;
  /** Ends it then, whatever it has cost. Not given: it takes what it takes. */
  readonly isTimeUp?: () => boolean;
}

/** Bytes that are decoded, or characters that are parsed, at the cost of one unit. */
const bytesPerUnit = 4;
const unitsPerParsedCharacter = 5;

/** What a runner keeps decoded, in bytes of memory. */
const keptBytes = 32 * 1024 * 1024;

/** Creates a runner of jobs that caches what it has parsed, and decoded for a workflow. */
export function createJobRunner(codec: StoredPayloadCodec): RunJob {
  const expressions = createExpressions();
  const values = createDecodedValues(codec, keptBytes);

  return (job, { allowance, isLight, isTimeUp }) => {
    const meter = new CostMeter(allowance, isLight, isTimeUp);
    const decoding: Record<string, number> = {};
    const onParse = (length: number) => {
      if (isLight) meter.charge(length * unitsPerParsedCharacter);
    };
    const variableOf = (workflowId: string, name: string, payload: Uint8Array | null): VariableValue => {
      if (payload === null) return null;
      const key = `${workflowId} ${name}`;
      const units = payload.length / bytesPerUnit;
      const known = values.find(key, payload);
      if (known === null && isLight) meter.charge(units);
      const { value, isKept } = known === null ? values.decode(key, payload) : { value: known, isKept: true };
      // What is too large to be kept is decoded for each step again.
      if (isKept) decoding[name] = units;
      else if (!isLight) meter.charge(units);
      return value;
    };
    try {
      meter.charge(job.parameters.length / bytesPerUnit);
      const parameters = codec.decode(job.parameters);
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
      const { id } = job.workflow;
      const input = found.some(({ readsInput }) => readsInput) ? variableOf(id, "input", job.input) : null;
      const results = Object.fromEntries(
        read.map(([stepId, result]) => [stepId, variableOf(id, `results.${stepId}`, result)]),
      );
      const scope = createScope({ input, results, workflow: job.workflow }, meter);
      const payload = codec.encodeJson(fillParameters(parameters.value, expressions, scope));
      if (payload.length > limits.messageBytes) return { kind: "too_large", cost: meter.spent, decoding };
      return { kind: "filled", payload, cost: meter.spent, decoding };
    } catch (error) {
      const cause = error instanceof ParameterError ? error.cause : error;
      const place = error instanceof ParameterError ? error.place : "json";
      if (meter.ranOutOfTime) return { kind: "out_of_time", cost: meter.spent };
      if (cause instanceof TooCostlyError) {
        return { kind: "too_costly", place, message: cause.message, cost: meter.spent, decoding };
      }
      const message = error instanceof Error ? error.message : String(error);
      return { kind: "wrong", place, message, cost: meter.spent, decoding };
    }
  };
}
