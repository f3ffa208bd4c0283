import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { gunzipSync } from "node:zlib";
import { createFileRegistry, fromBinary, toJson } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { createCondition } from "../harness/condition.ts";

type Attributes = Readonly<Record<string, unknown>>;

/** A span that a collector was sent. */
export interface ReceivedSpan {
  /** `service.name` of its resource. */
  readonly service: string;
  readonly resource: Attributes;
  readonly scope: { readonly name: string; readonly schemaUrl: string };
  readonly traceId: string;
  readonly spanId: string;
  /** Empty: it has none. */
  readonly parentId: string;
  readonly name: string;
  /** `SERVER`, `PRODUCER`, … */
  readonly kind: string;
  readonly attributes: Attributes;
  readonly links: readonly string[];
  /** `ERROR`, or empty. */
  readonly status: string;
  readonly durationMs: number;
}

/** A collector: it takes spans by OTLP over HTTP as Protobuf, and reads them by the published contract. */
export interface OtlpReceiver extends AsyncDisposable {
  /** For OTEL_EXPORTER_OTLP_ENDPOINT. */
  readonly endpoint: string;
  readonly spans: readonly ReceivedSpan[];
  /** Resolves once the spans are such. */
  until(isSo: (spans: readonly ReceivedSpan[]) => boolean, what: string): Promise<void>;
}

/** The published contract of OTLP, of version 1.9. */
const contract = fromBinary(
  FileDescriptorSetSchema,
  execFileSync("npx", ["buf", "build", "test/tracing/otlp", "-o", "-"], { maxBuffer: 10_000_000 }),
);
const registry = createFileRegistry(contract);
const requestType = registry.getMessage("opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest");

/** Starts one on a free port of 127.0.0.1. */
export async function startOtlpReceiver(): Promise<OtlpReceiver> {
  const spans: ReceivedSpan[] = [];
  const condition = createCondition();
  const server = createServer(async (request, response) => {
    const body = await buffer(request);
    const isExpected = request.url === "/v1/traces" && request.headers["content-type"] === "application/x-protobuf";
    if (isExpected) spans.push(...spansOf(request.headers["content-encoding"] === "gzip" ? gunzipSync(body) : body));
    response.writeHead(isExpected ? 200 : 404, { "content-type": "application/x-protobuf" }).end();
    condition.changed();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    endpoint: `http://127.0.0.1:${port}`,
    spans,
    until: (isSo, what) => condition.until(() => isSo(spans), what),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

interface JsonAttribute {
  readonly key: string;
  readonly value: Attributes;
}

interface JsonRequest {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly JsonAttribute[] };
    readonly scopeSpans: readonly {
      readonly scope: { readonly name: string };
      readonly schemaUrl?: string;
      readonly spans: readonly JsonSpan[];
    }[];
  }[];
}

interface JsonSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: string;
  readonly attributes?: readonly JsonAttribute[];
  readonly links?: readonly { readonly spanId: string }[];
  readonly status?: { readonly code?: string };
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
}

function spansOf(body: Buffer): ReceivedSpan[] {
  if (requestType === undefined) throw new Error("the contract of OTLP lacks its request");
  // By way of JSON, in which the ids are base64.
  const request = toJson(requestType, fromBinary(requestType, body), { registry }) as unknown as JsonRequest;
  return request.resourceSpans.flatMap(({ resource, scopeSpans }) => {
    const facts = attributesOf(resource.attributes);
    return scopeSpans.flatMap(({ scope, schemaUrl = "", spans }) =>
      spans.map((span) => ({
        service: String(facts["service.name"]),
        resource: facts,
        scope: { name: scope.name, schemaUrl },
        traceId: hex(span.traceId),
        spanId: hex(span.spanId),
        parentId: hex(span.parentSpanId ?? ""),
        name: span.name,
        kind: span.kind.replace("SPAN_KIND_", ""),
        attributes: attributesOf(span.attributes ?? []),
        links: (span.links ?? []).map(({ spanId }) => hex(spanId)),
        status: (span.status?.code ?? "").replace("STATUS_CODE_", ""),
        durationMs: Number(BigInt(span.endTimeUnixNano) - BigInt(span.startTimeUnixNano)) / 1e6,
      })),
    );
  });
}

function attributesOf(attributes: readonly JsonAttribute[]): Attributes {
  return Object.fromEntries(
    attributes.map(({ key, value: { stringValue, intValue, boolValue } }) => [
      key,
      stringValue ?? boolValue ?? Number(intValue),
    ]),
  );
}

function hex(base64: string): string {
  return Buffer.from(base64, "base64").toString("hex");
}
