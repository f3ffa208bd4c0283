import type { DescMethod, Message } from "@bufbuild/protobuf";
import type { AuditLog } from "../../access/audit-log.ts";
import type { Role, ScopeKind } from "../../domain/access/grant.ts";
import type { Principal } from "../../domain/access/principal.ts";
import { refusedCaller } from "../../domain/access/refused-caller.ts";
import { SitqError } from "../../domain/errors.ts";
import { scopeKindNames } from "../../domain/refusals/access.ts";
import { methodPath } from "../../grpc/codec.ts";
import type { CallContext } from "../../grpc/handlers.ts";
import { CallNotes } from "./call-notes.ts";
import { callResource, resourceText } from "./call-resource.ts";
import { accessOf } from "./request-scope.ts";
import { codeNameOf } from "./status.ts";

/**
 * Runs a call whose caller is known, or refuses it: a refusal may be thrown.
 *
 * @param notes takes what the call does; without it the call is no audit entry, unless it is refused
 */
export type CallRunner = (
  principal: Principal,
  request: unknown,
  context: CallContext,
  out: readonly unknown[],
  notes?: CallNotes,
) => Promise<unknown>;

type KnownCall = readonly [principal: Principal, request: unknown, context: CallContext, out: readonly unknown[]];

/** Items of a call that were refused for rights, all for the same reason. */
export interface RefusedItems {
  /** The refusal of one of them. */
  readonly error: SitqError;
  readonly count: number;
  /** What they are about, each once. */
  readonly kind: ScopeKind;
  readonly names: readonly string[];
}

/** Puts the calls of one method into the audit log. */
export interface MethodAudit {
  /** Wraps what runs the calls. */
  wrap(run: CallRunner): CallRunner;
  /** The caller is not signed in, for the reason in the error. */
  notSignedIn(error: unknown, context: CallContext): void;
  /** The first message of a stream says what the call is about. */
  begun(context: CallContext, first: Message): void;
  /** Items of a call were refused: the call itself may come to a good end. */
  itemsRefused(items: RefusedItems, principal: Principal, peer: string): void;
}

/** While authentication is off: there is no telling operators from others, and nothing is refused. */
const unaudited: MethodAudit = {
  wrap: (run) => run,
  notSignedIn: () => undefined,
  begun: () => undefined,
  itemsRefused: () => undefined,
};

/**
 * Makes the audit of a method. Its entries are calls that the contract marks as changes and that a grant as operator or admin allows, with
 * their outcomes, and refusals for rights. All other calls are counted. A batch is one entry, and so is a stream, at its end.
 *
 * @param allowed the roles that may call the method
 * @param auditLog `null`: nothing is audited, at no cost
 */
export function auditOf(method: DescMethod, allowed: readonly Role[], auditLog: AuditLog | null): MethodAudit {
  if (auditLog === null) return unaudited;
  const path = methodPath(method);
  const { changes } = accessOf(method);
  const resource = callResource(method);
  /** Of streams, which have no one request. */
  const firstMessages = new WeakMap<CallContext, Message>();

  /** Whether a call is an entry though nothing is refused. */
  function isEntry({ grants }: Principal): boolean {
    return changes && grants.some(({ role }) => role === "admin" || (role === "operator" && allowed.includes(role)));
  }

  /** Takes in a refusal for rights. @returns false: it is another error */
  function takeRefusal(
    error: unknown,
    principal: Principal | null,
    context: CallContext,
    about: () => string,
  ): boolean {
    if (!isForRights(error)) return false;
    const facts = { method: path, code: codeNameOf(error), reason: error.reason, resource: about() };
    auditLog?.refused({ ...facts, principal, peer: context.peer });
    return true;
  }

  function about(request: unknown, context: CallContext, notes: CallNotes | null): string {
    const message = method.methodKind === "bidi_streaming" ? firstMessages.get(context) : (request as Message);
    const asked = message === undefined ? "" : resource.ofRequest(message);
    // Of a batch that is read from its encoding the items are not in the request, and of a stream of batches in no one message.
    if (asked !== "" || notes === null) return asked;
    return [...notes.stored].map(([kind, names]) => resourceText(scopeKindNames[kind], [...names])).join(", ");
  }

  async function recorded(audit: AuditLog, run: CallRunner, ...call: KnownCall): Promise<unknown> {
    const [principal, request, context] = call;
    const { peer } = context;
    const notes = new CallNotes();
    const entry = (resource: string, code: string, reason: string) => {
      const facts = { principal, peer, method: path, resource, code, reason };
      return audit.changed(facts, Math.max(1, notes.count));
    };
    let answer: unknown;
    try {
      answer = await run(...call, notes);
    } catch (error) {
      if (!takeRefusal(error, principal, context, () => about(request, context, notes))) {
        const code = context.signal.aborted ? "CANCELLED" : codeNameOf(error);
        await entry(about(request, context, notes), code, error instanceof SitqError ? error.reason : "");
      }
      throw error;
    }
    const named = [about(request, context, notes), resource.ofAnswer(answer as Message)].filter((each) => each !== "");
    await entry(named.join(", "), "OK", "");
    return answer;
  }

  return {
    wrap: (run) => (principal, request, context, out) => {
      if (isEntry(principal)) return recorded(auditLog, run, principal, request, context, out);
      const answer = outcomeOf(run, principal, request, context, out);
      // Beside the answer, which waits for nothing of it.
      answer.then(
        () => auditLog.allowed(),
        (error: unknown) =>
          takeRefusal(error, principal, context, () => about(request, context, null)) || auditLog.allowed(),
      );
      return answer;
    },
    notSignedIn: (error, context) => void takeRefusal(error, refusedCaller(error), context, () => ""),
    begun: (context, first) => void firstMessages.set(context, first),
    itemsRefused({ error, count, kind, names }, principal, peer) {
      const resource = resourceText(scopeKindNames[kind], names);
      const facts = { method: path, code: codeNameOf(error), reason: error.reason, resource };
      auditLog.refusedItems({ ...facts, principal, peer }, count);
    },
  };
}

/** What a call comes to; never thrown. */
function outcomeOf(run: CallRunner, ...call: KnownCall): Promise<unknown> {
  try {
    return run(...call);
  } catch (error) {
    return Promise.reject(error);
  }
}

/** Whether an error is a refusal for who the caller is, or is not. */
export function isForRights(error: unknown): error is SitqError {
  if (!(error instanceof SitqError)) return false;
  return error.kind === "unauthenticated" || error.kind === "denied" || error.reason === "TOO_MANY_FAILED_SIGN_INS";
}
