/** What a call is about, in words for the audit log: `queue mail`, `task 0f3k9q2m7xa`. */

import type { DescMessage, DescMethod, Message } from "@bufbuild/protobuf";
import { ScopeKind } from "../../../gen/sitq/v1/access_pb.js";
import { tokenIdIn } from "../../access/token-text.ts";
import { quoted } from "../../domain/errors.ts";
import { fieldsOf, textsAt } from "./field-path.ts";
import { accessOf } from "./request-scope.ts";

const kindNames: Readonly<Record<ScopeKind, string>> = {
  [ScopeKind.UNSPECIFIED]: "",
  [ScopeKind.QUEUE]: "queue",
  [ScopeKind.EVENT_TYPE]: "event type",
  [ScopeKind.SERVICE]: "service",
  [ScopeKind.TASK]: "task",
  [ScopeKind.WORKFLOW]: "workflow",
  [ScopeKind.EVENT]: "event",
  [ScopeKind.SUBSCRIPTION]: "subscription",
  [ScopeKind.WORKER]: "worker",
  [ScopeKind.WORKER_ID]: "worker",
  [ScopeKind.RESERVATION]: "reservation",
};

/** A thing that a message names, and where its name stands. */
type Named = readonly [kind: string, path: string];

/** What requests name that is in no scope: only admins may call these methods. */
const namedByRequest: Readonly<Record<string, readonly Named[]>> = {
  CreatePrincipal: [["principal", "principal.name"]],
  GetPrincipal: [["principal", "name"]],
  UpdatePrincipal: [["principal", "principal.name"]],
  DeletePrincipal: [["principal", "name"]],
  CreateToken: [["principal", "principal"]],
  RevokeToken: [["token", "token_id"]],
};

/** What only the answer names. */
const namedByAnswer: Readonly<Record<string, readonly Named[]>> = {
  CreateToken: [["token", "token.token_id"]],
  RevokeToken: [["principal", "token.principal"]],
};

/** How many names of one kind are written; the others are counted. */
const mostNames = 3;

/** The resource of a method's calls. */
export interface CallResource {
  ofRequest(request: Message): string;
  /** What the answer adds; empty: nothing. */
  ofAnswer(answer: Message): string;
}

/** Makes the words for the calls of a method. */
export function callResource(method: DescMethod): CallResource {
  const scopes = accessOf(method).scopes.filter(({ field }) => field !== "");
  const scoped = scopes.map(({ kind, field }): Named => [kindNames[kind], field]);
  const ofRequest = wordsOf(method.input, [...scoped, ...(namedByRequest[method.name] ?? [])]);
  const ofAnswer = wordsOf(method.output, namedByAnswer[method.name] ?? []);
  return { ofRequest, ofAnswer };
}

function wordsOf(desc: DescMessage, named: readonly Named[]): (message: Message) => string {
  const readers = named.map(([kind, path]) => [kind, textsAt(fieldsOf(desc, path))] as const);
  return (message) =>
    readers
      .flatMap(([kind, textsOf]) => {
        const names = textsOf(message).map(({ text }) => text);
        return names.length === 0 ? [] : [resourceText(kind, names)];
      })
      .join(", ");
}

/** Things of one kind: `queue mail bills`. */
export function resourceText(kind: string, names: readonly string[]): string {
  const more = names.length > mostNames ? ` and ${names.length - mostNames} more` : "";
  return `${kind} ${names.slice(0, mostNames).map(shownName).join(" ")}${more}`;
}

/** A name as it is; quoted and cut where it is long or odd: the caller chose it. Of a token its id. */
function shownName(given: string): string {
  const name = tokenIdIn(given);
  return /^[\w.*:/@-]{1,100}$/.test(name) ? name : quoted(name);
}
