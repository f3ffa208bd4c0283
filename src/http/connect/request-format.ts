import type { DescMethod } from "@bufbuild/protobuf";
import { invalidField } from "../../domain/errors.ts";
import type { HttpRequest } from "../exchange/message.ts";

/** How a call over HTTP is written. */
export interface RequestFormat {
  readonly protocol: "connect" | "grpc-web";
  readonly isJson: boolean;
  /** The request stands in a frame of five bytes before it: in gRPC-Web, and in streams of Connect. */
  readonly isFramed: boolean;
  /** A stream is answered in lines of JSON. */
  readonly isLines: boolean;
  /** The header that says how the message is compressed. */
  readonly encodingHeader: string;
  /** The header with the time that the client waits. */
  readonly timeoutHeader: "connect-timeout-ms" | "grpc-timeout";
}

const contentType = /^application\/(?:(json|proto)|connect\+(json|proto)|grpc-web(?:\+(json|proto))?)\s*(?:;.*)?$/i;

/** The format that a request states for a method; `null`: it is none that the method takes. */
export function formatOf(request: HttpRequest, { methodKind }: DescMethod): RequestFormat | null {
  const [text, plain, framed, web] = contentType.exec(request.headers["content-type"] ?? "") ?? [];
  if (text === undefined) return null;
  if (plain === undefined && framed === undefined) {
    return {
      protocol: "grpc-web",
      isJson: web?.toLowerCase() === "json",
      isFramed: true,
      isLines: false,
      encodingHeader: "grpc-encoding",
      timeoutHeader: "grpc-timeout",
    };
  }
  const isLines = methodKind === "server_streaming" && plain?.toLowerCase() === "json";
  if ((plain !== undefined) !== (methodKind === "unary") && !isLines) return null;
  return {
    protocol: "connect",
    isJson: (plain ?? framed)?.toLowerCase() === "json",
    isFramed: framed !== undefined,
    isLines,
    encodingHeader: framed === undefined ? "content-encoding" : "connect-content-encoding",
    timeoutHeader: "connect-timeout-ms",
  };
}

/** The content types that a method takes, in words. */
export function contentTypesOf({ methodKind }: DescMethod): string {
  const connect =
    methodKind === "unary"
      ? "application/json, application/proto"
      : "application/json, application/connect+json, application/connect+proto";
  return `${connect}, application/grpc-web+proto or application/grpc-web+json`;
}

/** The units of gRPC's timeouts, in milliseconds. */
const units: Readonly<Record<string, number>> = { H: 3_600_000, M: 60_000, S: 1_000, m: 1, u: 1e-3, n: 1e-6 };

/** How long the client waits, in milliseconds; `null`: it does not say. @throws SitqError INVALID_FIELD */
export function timeoutOf({ headers }: HttpRequest, { timeoutHeader }: RequestFormat): number | null {
  const value = headers[timeoutHeader];
  if (value === undefined) return null;
  const text = String(value);
  if (timeoutHeader === "connect-timeout-ms") {
    if (/^\d{1,10}$/.test(text)) return Number(text);
    throw invalidField(timeoutHeader, "is not a number of milliseconds of at most ten digits", text);
  }
  const [, digits, unit = ""] = /^(\d{1,8})([HMSmun])$/.exec(text) ?? [];
  if (digits === undefined)
    throw invalidField(timeoutHeader, "is not a number of at most eight digits with its unit", text);
  return Math.ceil(Number(digits) * (units[unit] ?? 1));
}

/** The most that eight digits hold. */
const mostDigits = 99_999_999;

/** Writes a time in milliseconds as `timeoutOf` reads it. */
export function writeTimeout(timeoutMs: number, { timeoutHeader }: RequestFormat): string {
  if (timeoutHeader === "connect-timeout-ms") return String(timeoutMs);
  return timeoutMs <= mostDigits ? `${timeoutMs}m` : `${Math.ceil(timeoutMs / 1_000)}S`;
}
