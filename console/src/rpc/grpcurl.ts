import { create, type DescMethod, type MessageInitShape, toJsonString } from "@bufbuild/protobuf";
import { identity } from "../live/session.ts";
import { serverUrl } from "./clients.ts";
import { shellQuoted } from "./shell-quoted.ts";

/** The `grpcurl` line that makes a call: what the page shows and does can be had by it. */
export function grpcurlLine<Method extends DescMethod>(
  method: Method,
  request: MessageInitShape<Method["input"]>,
): string {
  const { protocol, host } = serverUrl;
  const json = toJsonString(method.input, create(method.input, request), { useProtoFieldName: true });
  const words = ["grpcurl"];
  if (protocol === "http:") words.push("-plaintext");
  if ((identity.value?.principal ?? "") !== "") words.push(`-H "authorization: Bearer $SITQ_TOKEN"`);
  if (json !== "{}") words.push("-d", shellQuoted(json));
  words.push(host, `${method.parent.typeName}/${method.name}`);
  return words.join(" ");
}
