import type { DescMethod } from "@bufbuild/protobuf";
import { EmptySchema } from "@bufbuild/protobuf/wkt";
import {
  Code,
  ConnectError,
  createConnectRouter,
  createContextKey,
  createContextValues,
  type HandlerContext,
} from "@connectrpc/connect";
import type { UniversalHandler, UniversalServerRequest } from "@connectrpc/connect/protocol";
import {
  compressionGzip,
  universalRequestFromNodeRequest,
  universalResponseToNodeResponse,
} from "@connectrpc/connect-node";
import { contentTypeUnsupported, httpMethodUnsupported, needsGrpc } from "../../domain/refusals/http.ts";
import { errorAnswer } from "../exchange/errors.ts";
import type { HttpCall } from "../exchange/http-call.ts";
import { answer, closeAfter, type HttpRequest } from "../exchange/message.ts";
import { jsonRegistry } from "./any-json.ts";
import { ConnectCall, type ConnectCallRules } from "./connect-call.ts";
import { toJsonLines } from "./json-lines.ts";
import { contentTypesOf, formatOf, type RequestFormat, timeoutOf, writeTimeout } from "./request-format.ts";
import { type HttpService, ServedMethod } from "./served-method.ts";

const callKey = createContextKey<ConnectCall | null>(null);

/** Node refuses longer timers. */
const longestTimeoutMs = 2_147_483_647;

/** The methods of some services over Connect and gRPC-Web: https://connectrpc.com/docs/protocol */
export class ConnectCalls {
  readonly #rules: ConnectCallRules;
  readonly #methods: ReadonlyMap<string, ServedMethod>;
  readonly #handlers: ReadonlyMap<string, UniversalHandler>;

  constructor(services: readonly HttpService[], rules: ConnectCallRules) {
    const methods = services.flatMap((service) => service.methods.map((method) => new ServedMethod(method, service)));
    const router = createConnectRouter({
      grpc: false,
      acceptCompression: [compressionGzip],
      jsonOptions: { registry: jsonRegistry },
      requestGate: (context) => callOf(context).receive(context),
    });
    for (const { desc } of methods) mount(router, desc);
    this.#rules = rules;
    this.#methods = new Map(methods.map((method) => [method.path, method]));
    this.#handlers = new Map(router.handlers.map((handler) => [handler.requestPath, handler]));
  }

  /** Whether a path is that of a method. */
  has(path: string): boolean {
    return this.#methods.has(path);
  }

  /** Answers a request for a method. It never rejects. */
  async answer(path: string, call: HttpCall): Promise<void> {
    const { request, response } = call;
    const method = this.#methods.get(path);
    const handle = this.#handlers.get(path);
    if (method === undefined || handle === undefined) return;
    if (request.method !== "POST") {
      response.setHeader("allow", "POST");
      this.#refuse(call, path, httpMethodUnsupported(request.method ?? "", "POST"), 405);
      return;
    }
    const format = formatOf(request, method.desc);
    if (format === null && method.desc.methodKind === "bidi_streaming") {
      this.#refuse(call, path, needsGrpc(path), 501);
      return;
    }
    if (format === null) {
      const type = request.headers["content-type"] ?? "";
      this.#refuse(call, path, contentTypeUnsupported(type, contentTypesOf(method.desc)), 415);
      return;
    }
    try {
      await this.#serve(handle, call, format, new ConnectCall(call, method, format, this.#rules));
    } catch (error) {
      // That the client is gone while it is answered is its own affair.
      if (ConnectError.from(error).code !== Code.Aborted) this.#rules.refusals.of(error, path, call);
      response.destroy();
    }
  }

  async #serve(
    handle: UniversalHandler,
    call: HttpCall,
    format: RequestFormat,
    connectCall: ConnectCall,
  ): Promise<void> {
    const { request, response } = call;
    const contextValues = createContextValues().set(callKey, connectCall);
    const universal = universalRequestFromNodeRequest(request, response, undefined, contextValues);
    response.setHeader("x-content-type-options", "nosniff");
    const framed = await handle({ ...universal, ...standIn(universal, call, format) });
    const answered = format.isLines ? await toJsonLines(framed) : framed;
    if (!request.complete) {
      // What is left would be read first.
      if (connectCall.isStalled) closeAfter(response);
      else this.#boundRest(call);
    }
    await universalResponseToNodeResponse(answered, response);
  }

  /** Ends a request that goes on after it was refused, if its client does not end it. */
  #boundRest({ request, response }: HttpCall): void {
    const { clock, firstMessageTimeoutMs } = this.#rules;
    const callOff = clock.after(firstMessageTimeoutMs, () => request.destroy());
    response.once("close", callOff);
  }

  #refuse(call: HttpCall, path: string, error: unknown, httpStatus: number): void {
    answer(call.request, call.response, errorAnswer(this.#rules.refusals.of(error, path, call), httpStatus));
  }
}

/** Mounts a method whose request stands elsewhere. A stream in both directions is refused where its request would be read. */
function mount(router: ReturnType<typeof createConnectRouter>, desc: DescMethod): void {
  const { methodKind } = desc;
  if (methodKind === "unary") {
    router.rpc({ ...desc, methodKind, input: EmptySchema }, (_, context) => callOf(context).answer(context));
  } else {
    const served = { ...desc, methodKind: "server_streaming", input: EmptySchema } as const;
    router.rpc(served, (_, context) => callOf(context).stream(context));
  }
}

function callOf({ values }: HandlerContext): ConnectCall {
  const call = values.get(callKey);
  if (call === null) throw new Error("a call came by another way");
  return call;
}

/** What of a request Connect sees: an empty message in the place of the one that was read, and a time that Node's timers take. */
function standIn(
  { header }: UniversalServerRequest,
  { request }: HttpCall,
  format: RequestFormat,
): Pick<UniversalServerRequest, "header" | "body"> {
  const seen = new Headers(header);
  for (const name of ["content-length", format.encodingHeader]) seen.delete(name);
  const timeoutMs = boundedTimeout(request, format);
  if (timeoutMs === null) seen.delete(format.timeoutHeader);
  else seen.set(format.timeoutHeader, writeTimeout(timeoutMs, format));
  if (format.isLines) {
    seen.set("content-type", "application/connect+json");
    seen.delete("connect-accept-encoding");
  }
  const empty = Buffer.from(format.isJson ? "{}" : "");
  const frame = Buffer.from(format.isFramed || format.isLines ? [0, 0, 0, 0, empty.length] : []);
  return { header: seen, body: only(Buffer.concat([frame, empty])) };
}

async function* only(bytes: Buffer): AsyncGenerator<Uint8Array> {
  yield bytes;
}

/** The time that the client waits, as long as Node's timers take it; `null`: it states none, or what is refused as the call is received. */
function boundedTimeout(request: HttpRequest, format: RequestFormat): number | null {
  try {
    const timeoutMs = timeoutOf(request, format);
    return timeoutMs === null ? null : Math.min(timeoutMs, longestTimeoutMs);
  } catch {
    // The call says so, with its reason.
    return null;
  }
}
