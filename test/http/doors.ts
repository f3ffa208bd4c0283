/** The ways by which a unary method can be called, each with JSON in and out, so that their answers can be compared. */

import {
  create,
  type DescMessage,
  type DescMethodUnary,
  fromBinary,
  fromJson,
  type JsonObject,
  type Message,
  toBinary,
  toJson,
} from "@bufbuild/protobuf";
import { ConnectError, type Transport } from "@connectrpc/connect";
import { codeToString } from "@connectrpc/connect/protocol-connect";
import {
  createGrpcWebTransport as createNodeGrpcWebTransport,
  createConnectTransport as createNodeTransport,
} from "@connectrpc/connect-node";
import { createConnectTransport, createGrpcWebTransport } from "@connectrpc/connect-web";
import { type Client as GrpcClient, Metadata, type ServiceError } from "@grpc/grpc-js";
import { StatusSchema } from "../../gen/google/rpc/status_pb.js";
import { methodPath } from "../../src/grpc/codec.ts";
import { bytesInAny, bytesOfAny, jsonRegistry } from "../../src/http/connect/any-json.ts";
import { toConnectError } from "../../src/http/exchange/errors.ts";

/** What a call comes to: its answer, or its refusal with its details. */
export type Outcome = { readonly answer: JsonObject } | { readonly refusal: Refusal };

/** A refusal as every door tells it. */
export interface Refusal {
  readonly code: string;
  readonly message: string;
  readonly details: readonly JsonObject[];
}

/** Calls a unary method. */
export type Door = (method: DescMethodUnary, request: JsonObject) => Promise<Outcome>;

const json = { registry: jsonRegistry };

function jsonOf(desc: DescMessage, message: Message): JsonObject {
  bytesInAny(desc)?.(message);
  // Messages of the contract are objects in JSON.
  return toJson(desc, message, json) as JsonObject;
}

function requestOf(desc: DescMessage, request: JsonObject): Message {
  const message = fromJson(desc, request, json);
  bytesOfAny(desc)?.(message);
  return message;
}

function refusalIn({ code, rawMessage, details }: ConnectError): Refusal {
  const shown = details.map((detail) => {
    const desc = "desc" in detail ? detail.desc : jsonRegistry.getMessage(detail.type);
    if (desc === undefined) throw new Error("a detail of an unknown type");
    const message = "desc" in detail ? create(detail.desc, detail.value) : fromBinary(desc, detail.value);
    return { type: desc.typeName, ...jsonOf(desc, message) };
  });
  return { code: codeToString(code), message: rawMessage, details: shown };
}

/** gRPC, by grpc-js and Protobuf's own code. */
export function grpcDoor(channel: GrpcClient, token: string): Door {
  const metadata = new Metadata();
  metadata.set("authorization", `Bearer ${token}`);
  return (method, request) =>
    new Promise((resolve) => {
      const path = methodPath(method);
      const encode = (bytes: Uint8Array) => Buffer.from(bytes);
      const input = toBinary(method.input, requestOf(method.input, request));
      channel.makeUnaryRequest(
        path,
        encode,
        (bytes: Buffer) => bytes,
        input,
        metadata,
        (error, answer) => {
          if (error) resolve({ refusal: refusalIn(connectErrorOf(error)) });
          else resolve({ answer: jsonOf(method.output, fromBinary(method.output, answer ?? new Uint8Array())) });
        },
      );
    });
}

function connectErrorOf({ code, details, metadata }: ServiceError): ConnectError {
  const [bytes] = metadata.get("grpc-status-details-bin");
  if (!(bytes instanceof Buffer)) return new ConnectError(details, code as number);
  return toConnectError(fromBinary(StatusSchema, bytes));
}

/** A detail as Connect writes it. */
interface ConnectDetail {
  readonly type: string;
  readonly debug: JsonObject;
}

/** Plain requests over HTTP/1.1, as curl sends them. */
export function jsonDoor(address: string, token: string): Door {
  return async (method, request) => {
    const response = await fetch(`http://${address}${methodPath(method)}`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
      body: JSON.stringify(request),
    });
    const answer = (await response.json()) as JsonObject;
    if (response.status === 200) return { answer };
    const { code, message, details } = answer as object as Omit<Refusal, "details"> & { details?: ConnectDetail[] };
    return { refusal: { code, message, details: (details ?? []).map(({ type, debug }) => ({ type, ...debug })) } };
  };
}

/** A client of Connect's. */
export function transportDoor(transport: Transport, token: string, isJson: boolean): Door {
  return async (method, request) => {
    const headers = { authorization: `Bearer ${token}` };
    try {
      // What the transport writes in JSON, and has read from it, is there already as JSON has it.
      const input = isJson ? fromJson(method.input, request, json) : requestOf(method.input, request);
      const { message } = await transport.unary(method, undefined, undefined, headers, input);
      if (isJson) bytesOfAny(method.output)?.(message);
      return { answer: jsonOf(method.output, message) };
    } catch (error) {
      return { refusal: refusalIn(ConnectError.from(error)) };
    }
  };
}

/** The transports of programs in Node and in a browser. */
export function transportsTo(address: string): Readonly<Record<string, Transport>> {
  const baseUrl = `http://${address}`;
  return {
    "Connect, JSON, by connect-web": createConnectTransport({ baseUrl, jsonOptions: json }),
    "Connect, binary, by connect-node over HTTP/2": createNodeTransport({
      baseUrl,
      httpVersion: "2",
      useBinaryFormat: true,
    }),
    "gRPC-Web, binary, by connect-web": createGrpcWebTransport({ baseUrl }),
    "gRPC-Web, JSON, by connect-node over HTTP/1.1": createNodeGrpcWebTransport({
      baseUrl,
      httpVersion: "1.1",
      useBinaryFormat: false,
      jsonOptions: json,
    }),
  };
}
