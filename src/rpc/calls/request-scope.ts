/**
 * What a request is about, by the contract's `scopes`, compared with what its caller may touch. A name that is not set is skipped: it
 * is a filter, and the answer then holds what the scope allows, or its handler refuses that it is missing.
 */

import { type DescMethod, getOption, hasOption, type Message } from "@bufbuild/protobuf";
import { type Access, access, ScopeKind as Kind } from "../../../gen/sitq/v1/access_pb.js";
import type { ScopeKind } from "../../domain/access/grant.ts";
import type { Scope } from "../../domain/access/scope.ts";
import { allowsAll, type ScopedName } from "../../domain/access/scoped-name.ts";
import { outOfScope } from "../../domain/refusals/access.ts";
import { methodPath } from "../../grpc/codec.ts";
import { type FoundText, fieldsOf, textsAt } from "./field-path.ts";

/** What can stand for names of the scope. */
export type IdKind = "task" | "workflow" | "event" | "subscription" | "worker" | "reservation";

type Found = readonly (readonly ScopedName[] | null)[];

/** Finds what ids stand for, each in its place; `null`: there is no such thing. The request is given for what else tells them apart. */
export type ScopeLookups = Readonly<
  Record<IdKind, (ids: readonly string[], request: object) => Found | Promise<Found>>
>;

/** What a request names. */
export type TouchedNames = readonly ScopedName[];

/**
 * Checks a request. It answers the names that it has found, at once where nothing had to be looked up.
 *
 * @throws SitqError OUT_OF_SCOPE
 */
export type RequestCheck = (request: Message, scope: Scope) => TouchedNames | Promise<TouchedNames>;

/** The rules of a method, as the contract states them. @throws Error if it states none: such a method cannot be served */
export function accessOf(method: DescMethod): Access {
  if (!hasOption(method, access)) throw new Error(`${methodPath(method)} has no option (sitq.v1.access)`);
  return getOption(method, access);
}

const names: Readonly<Record<Kind, ScopeKind | IdKind | null>> = {
  [Kind.UNSPECIFIED]: null,
  [Kind.QUEUE]: "queue",
  [Kind.EVENT_TYPE]: "event_type",
  [Kind.SERVICE]: "service",
  [Kind.TASK]: "task",
  [Kind.WORKFLOW]: "workflow",
  [Kind.EVENT]: "event",
  [Kind.SUBSCRIPTION]: "subscription",
  [Kind.WORKER]: "worker",
  // `ownWorkerId` makes it the caller's own.
  [Kind.WORKER_ID]: null,
  [Kind.RESERVATION]: "reservation",
};

/** The items of a batch are checked one by one where they are read: those that are refused hold up no other. */
const batchField = "requests";

/** Makes the check of a method's requests. @throws Error if the contract's rules name a field that there is not */
export function requestCheck(method: DescMethod, lookups: ScopeLookups): RequestCheck {
  const scopes = accessOf(method).scopes.flatMap(({ kind, field }) => {
    const fields = field === "" ? [] : fieldsOf(method.input, field);
    const name = names[kind];
    if (name === null || field === "" || fields[0]?.name === batchField) return [];
    const scoped: Scoped<ScopeKind | IdKind> = { name, find: textsAt(fields) };
    return [scoped];
  });
  const named = scopes.filter((each): each is Named => !isIdKind(each.name));
  const identified = scopes.filter((each): each is Identified => isIdKind(each.name));

  async function lookUp(request: Message, scope: Scope, touched: TouchedNames): Promise<TouchedNames> {
    const all = [...touched];
    for (const { name, find } of identified) {
      const texts = find(request);
      if (texts.length === 0) continue;
      const meant = await lookups[name](
        texts.map(({ text }) => text),
        request,
      );
      for (const [index, { text, field }] of texts.entries()) {
        const found = meant[index] ?? [];
        if (!allowsAll(scope, found)) throw outOfScope(name, text, field);
        all.push(...found);
      }
    }
    return all;
  }

  return (request, scope) => {
    const touched = named.flatMap(({ name, find }) =>
      find(request).map(({ text, field }) => {
        scope.mustAllow(name, text, field);
        return { kind: name, name: text };
      }),
    );
    return identified.length === 0 ? touched : lookUp(request, scope, touched);
  };
}

interface Scoped<Name> {
  readonly name: Name;
  readonly find: (request: Message) => FoundText[];
}

type Named = Scoped<ScopeKind>;
type Identified = Scoped<IdKind>;

function isIdKind(name: ScopeKind | IdKind): name is IdKind {
  return name !== "queue" && name !== "event_type" && name !== "service";
}
