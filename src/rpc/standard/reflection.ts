import { create } from "@bufbuild/protobuf";
import { status as statusCode } from "@grpc/grpc-js";
import {
  type ServerReflectionRequest,
  ServerReflectionResponseSchema,
  type ServerReflection as V1,
} from "../../../gen/grpc/reflection/v1/reflection_pb.js";
import {
  type ServerReflection as V1Alpha,
  ServerReflectionResponseSchema as V1AlphaResponseSchema,
} from "../../../gen/grpc/reflection/v1alpha/reflection_pb.js";
import { onAbort } from "../../async/signals.ts";
import type { CallContext, Outbound, ServiceHandlers } from "../../grpc/handlers.ts";
import type { AddressWatchers } from "../limits/address-watchers.ts";
import type { DescriptorIndex } from "./descriptor-index.ts";

/** What reflection works with. */
export interface ReflectionOptions {
  readonly index: DescriptorIndex;
  /** Where its streams take places. */
  readonly watchers: AddressWatchers;
  /** Ends every stream. */
  readonly stopping: AbortSignal;
}

/** Makes the handlers of grpc.reflection.v1. */
export function reflectionHandlers(options: ReflectionOptions): ServiceHandlers<typeof V1> {
  return {
    serverReflectionInfo: (requests, context, out) =>
      answerQuestions(options, requests, context, out, (response) => create(ServerReflectionResponseSchema, response)),
  };
}

/** Makes the handlers of grpc.reflection.v1alpha, which many tools still ask for: the same messages under another name. */
export function reflectionAlphaHandlers(options: ReflectionOptions): ServiceHandlers<typeof V1Alpha> {
  return {
    serverReflectionInfo: (requests, context, out) =>
      answerQuestions(options, requests, context, out, (response) => create(V1AlphaResponseSchema, response)),
  };
}

/** Answers the questions of one stream. @param toMessage makes the response of its version */
async function answerQuestions<Request extends Question, Response>(
  { index, watchers, stopping }: ReflectionOptions,
  requests: AsyncIterable<Request>,
  { peer }: Pick<CallContext, "peer">,
  out: Pick<Outbound<Response>, "send" | "drained">,
  toMessage: (response: { validHost: string; originalRequest: Request; messageResponse: Answer }) => Response,
): Promise<void> {
  const leave = watchers.take(peer);
  try {
    for await (const request of until(stopping, requests)) {
      const response = { validHost: request.host, originalRequest: request, messageResponse: answer(index, request) };
      if (!out.send(toMessage(response))) await out.drained();
    }
  } finally {
    leave();
  }
}

/** What both versions answer, as plain values that become messages of either. */
type Answer =
  | { readonly case: "fileDescriptorResponse"; readonly value: { readonly fileDescriptorProto: Uint8Array[] } }
  | {
      readonly case: "allExtensionNumbersResponse";
      readonly value: { readonly baseTypeName: string; readonly extensionNumber: number[] };
    }
  | { readonly case: "listServicesResponse"; readonly value: { readonly service: { readonly name: string }[] } }
  | { readonly case: "errorResponse"; readonly value: { readonly errorCode: number; readonly errorMessage: string } };

/** The question of either version: their cases have the same names and the same fields. */
type Question = Pick<ServerReflectionRequest, "host"> & {
  readonly messageRequest:
    | {
        readonly case: "fileByFilename" | "fileContainingSymbol" | "allExtensionNumbersOfType" | "listServices";
        readonly value: string;
      }
    | {
        readonly case: "fileContainingExtension";
        readonly value: { readonly containingType: string; readonly extensionNumber: number };
      }
    | { readonly case: undefined; readonly value?: undefined };
};

function answer(index: DescriptorIndex, { messageRequest: question }: Question): Answer {
  switch (question.case) {
    case "listServices":
      return { case: "listServicesResponse", value: { service: index.services.map((name) => ({ name })) } };
    case "fileByFilename":
      return files(index.fileByName(question.value), `file ${question.value}`);
    case "fileContainingSymbol":
      return files(index.fileOfSymbol(question.value), `symbol ${question.value}`);
    case "fileContainingExtension": {
      const { containingType, extensionNumber } = question.value;
      return notFound(`extension ${extensionNumber} of ${containingType}`);
    }
    case "allExtensionNumbersOfType": {
      const baseTypeName = question.value;
      if (!index.hasMessage(baseTypeName)) return notFound(`message ${baseTypeName}`);
      return { case: "allExtensionNumbersResponse", value: { baseTypeName, extensionNumber: [] } };
    }
    case undefined:
      return refusal(statusCode.INVALID_ARGUMENT, "The request asks for nothing.");
  }
}

function files(found: readonly Uint8Array[] | undefined, what: string): Answer {
  if (found === undefined) return notFound(what);
  return { case: "fileDescriptorResponse", value: { fileDescriptorProto: [...found] } };
}

function notFound(what: string): Answer {
  return refusal(statusCode.NOT_FOUND, `This server has no ${what}.`);
}

function refusal(errorCode: number, errorMessage: string): Answer {
  return { case: "errorResponse", value: { errorCode, errorMessage } };
}

/** The same messages, but an end when the signal is aborted: an idle client keeps no server from closing. */
async function* until<T>(stopping: AbortSignal, messages: AsyncIterable<T>): AsyncGenerator<T> {
  const { promise: stopped, resolve } = Promise.withResolvers<undefined>();
  if (stopping.aborted) return;
  const release = onAbort(stopping, () => resolve(undefined));
  try {
    const iterator = messages[Symbol.asyncIterator]();
    for (;;) {
      const result = await Promise.race([iterator.next(), stopped]);
      if (result === undefined || result.done) return;
      yield result.value;
    }
  } finally {
    release();
  }
}
