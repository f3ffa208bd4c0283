import type { IncomingHttpHeaders } from "node:http";
import { type HttpRoute, textAnswer } from "../http/route.ts";
import type { Bundle, BundleFile } from "./bundle.ts";

/** What lies below a path of `/console/*`. */
const prefix = "/console/";

/**
 * What the page may do: run its own script, apply its own style, call its own server. Nothing else is loaded, nothing is framed, and
 * no text becomes markup or a script.
 */
const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join("; ");

const securityHeaders = {
  "content-security-policy": contentSecurityPolicy,
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "referrer-policy": "no-referrer",
} as const;

/**
 * The routes of the console: its page and files, which are the same for everyone. What the page shows it calls the contract for, with
 * the rights of who looks. Redirects are relative, since a proxy may serve all of this below a path of its own.
 */
export function consoleRoutes(bundle: Bundle | null): HttpRoute[] {
  return [
    { path: "/", roles: null, get: () => redirect("console/") },
    { path: "/console", roles: null, get: () => redirect("console/") },
    {
      path: `${prefix}*`,
      roles: null,
      get({ path, headers }) {
        if (bundle === null) return textAnswer(404, "The console is not built. npm ci builds it, without --omit=dev.");
        const name = path.slice(prefix.length);
        const file = bundle.get(name === "" ? "index.html" : name);
        return file === undefined
          ? textAnswer(404, "The console has no such file. Its page is at /console/.")
          : answerFile(file, headers);
      },
    },
  ];
}

function redirect(location: string) {
  return { status: 302, headers: { location, "cache-control": "no-store" }, body: "" };
}

function answerFile({ contentType, bytes, gzipped, isImmutable }: BundleFile, headers: IncomingHttpHeaders) {
  const takesGzip = /\bgzip\b/.test(String(headers["accept-encoding"] ?? ""));
  return {
    status: 200,
    headers: {
      "content-type": contentType,
      "cache-control": isImmutable ? "public, max-age=31536000, immutable" : "no-cache",
      vary: "accept-encoding",
      ...securityHeaders,
      ...(takesGzip && { "content-encoding": "gzip" }),
    },
    body: takesGzip ? gzipped : bytes,
  };
}
