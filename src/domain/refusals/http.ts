/** What is refused to requests over HTTP for how they are made. */

import { quoted, SitqError } from "../errors.ts";

/** Nothing is served at the path. */
export function unknownPath(path: string): SitqError {
  return new SitqError("UNKNOWN_METHOD", `The server has nothing at ${quoted(path)}.`);
}

/** @param method what was sent; @param expected what is taken: `POST` */
export function httpMethodUnsupported(method: string, expected: string): SitqError {
  return new SitqError("UNSUPPORTED_OVER_HTTP", `The path takes ${expected}, not ${quoted(method)}.`);
}

/** @param contentType what was sent; empty: none; @param expected what is taken */
export function contentTypeUnsupported(contentType: string, expected: string): SitqError {
  const sent = contentType === "" ? "The request has no content-type" : `The content-type is ${quoted(contentType)}`;
  return new SitqError("UNSUPPORTED_OVER_HTTP", `${sent}; the method takes ${expected}.`);
}

/** A method whose client goes on sending while it is answered. */
export function needsGrpc(method: string): SitqError {
  return new SitqError(
    "UNSUPPORTED_OVER_HTTP",
    `${method} is a stream in both directions, which only gRPC carries. Call it with a client of gRPC at the same address.`,
  );
}

/** A request that the page of another origin has made its browser send. */
export function crossOrigin(origin: string): SitqError {
  const from = origin === "" ? "another origin" : quoted(origin);
  return new SitqError(
    "CROSS_ORIGIN",
    `The request comes from a page of ${from}. Allow its origin by --http-allowed-origins, or call from the server's own.`,
  );
}

/** A request that is signed in by a cookie, which a browser could have added to what the page of another origin has made it send. */
export function originUnproven(): SitqError {
  return new SitqError(
    "CROSS_ORIGIN",
    "The request is signed in by a cookie, and neither Sec-Fetch-Site nor Origin says that it comes from a page of the server's own. Programs send the token as `authorization: Bearer …`.",
  );
}
