import { inspect } from "node:util";
import { expect, it } from "vitest";
import { leaksIn } from "./secrets.ts";

it.each([
  ["itself", (text: string) => text],
  ["JSON", (text: string) => JSON.stringify({ text })],
  ["JSON of its bytes", (text: string) => JSON.stringify(Buffer.from(text))],
  [
    "escapes of JSON",
    (text: string) => text.replaceAll(/./gs, (each) => `\\u${each.charCodeAt(0).toString(16).padStart(4, "0")}`),
  ],
  ["a query", (text: string) => encodeURIComponent(text)],
  ["percent", (text: string) => Buffer.from(text).toString("hex").replaceAll(/../g, "%$&").toUpperCase()],
  ["hex", (text: string) => Buffer.from(text).toString("hex").toUpperCase()],
  ["a buffer that is printed", (text: string) => inspect(Buffer.from(text))],
  ["base64", (text: string) => Buffer.from(`a${text}b`).toString("base64")],
  ["base64url", (text: string) => Buffer.from(`ab${text}`).toString("base64url")],
  ["binary", (text: string) => Buffer.from(`\u00ff\u0000${text}`)],
])("finds a secret as %s", (_, write) => {
  const secrets = { one: `one7f3e "ü/+?`, token: "-aZ_09".repeat(7), other: `other7f3e "ü/+?` };
  const found = ["one", "token"] as const;
  for (const name of found) {
    const leaks = leaksIn(write(secrets[name]), secrets);
    expect(new Set(leaks.map((leak) => leak.split(" ")[0]))).toEqual(new Set([name]));
  }
});
