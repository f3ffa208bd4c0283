import { CallError } from "../../client/index.ts";
import { formatDuration } from "../../contract/duration.ts";
import { CommandFailure, type CommandFailureInit } from "./command-failure.ts";
import { exitCodes } from "./exit-codes.ts";

/**
 * Describes a failed call to a person. A CommandFailure stays itself, and what is no failure of a call stays as it was
 * thrown: it is a bug.
 *
 * @param address where the server was looked for
 */
export function describeFailure(error: unknown, address: string, shown: Shown = {}): unknown {
  return error instanceof CallError ? callFailure(error, address, shown) : error;
}

/** What a command shows of itself, as far as hints need it. */
export interface Shown {
  /** Default: not known. */
  readonly tls?: "plaintext" | "without certificate" | "with certificate";
  /** What is wrong with the times of the client certificate: `has expired at …`. Default: nothing. */
  readonly certificateProblem?: string | null;
  /** The context that the token is of. Default: it is of none. */
  readonly tokenContext?: string | null;
}

/** The failure of one call. */
export function callFailure(error: CallError, address: string, shown: Shown = {}): CommandFailure {
  const { message, reason, unreached } = error;
  if (unreached !== null) return unreachable(address, unreached.why, error, handshakeHint(unreached.handshake, shown));
  const init = initOf(error, address, shown);
  const text = reason === null ? `${message || "no message"} (${error.codeName})` : `${message} (${reason})`;
  return new CommandFailure([text, ...error.others.map((each) => each.message)].join("\n"), init);
}

/** The failure of not reaching the server, or any of several. @param why in a few words */
export function unreachable(
  address: string,
  why: string,
  cause: unknown,
  hint: string = unreachableHint,
): CommandFailure {
  const init = { exitCode: exitCodes.unreachable, hint, cause };
  const servers = address.includes(",") ? `any of the servers at ${address}` : `the server at ${address}`;
  return new CommandFailure(`cannot reach ${servers}: ${why}`, init);
}

/** The server that answers, in words; of several it is not said which one. */
export function serverAt(address: string): string {
  return address.includes(",") ? `one of the servers at ${address}` : `the server at ${address}`;
}

function initOf(error: CallError, address: string, shown: Shown): CommandFailureInit {
  const { codeName, reason, retryAfterMs } = error;
  const hint = hintOf(error, shown);
  switch (codeName) {
    case "INVALID_ARGUMENT":
    case "OUT_OF_RANGE":
      return { exitCode: exitCodes.usage, hint, cause: error };
    case "UNAUTHENTICATED":
    case "PERMISSION_DENIED":
      return { exitCode: exitCodes.denied, hint, cause: error };
    case "NOT_FOUND":
      return { exitCode: exitCodes.notFound, hint, cause: error };
    case "ALREADY_EXISTS":
    case "FAILED_PRECONDITION":
    case "ABORTED":
    case "RESOURCE_EXHAUSTED": {
      const wait =
        retryAfterMs === null ? undefined : `Try again in ${formatDuration(Math.ceil(retryAfterMs / 1_000) * 1_000)}.`;
      return { exitCode: exitCodes.refused, hint: hint ?? wait, cause: error };
    }
    case "DEADLINE_EXCEEDED":
      return { exitCode: exitCodes.failed, hint, cause: error };
    case "UNAVAILABLE":
      if (reason === "DRAINING") return { exitCode: exitCodes.unreachable, hint, cause: error };
      return { exitCode: exitCodes.failed, hint, cause: error };
    case "UNIMPLEMENTED":
      // A reason is that of a sitq server.
      if (reason !== null) return { exitCode: exitCodes.refused, hint, cause: error };
      return { hint: `Is ${address} a sitq server, of this version (sitq version)?`, cause: error };
    default:
      return { hint, cause: error };
  }
}

/** What to do next after a refusal. */
function hintOf({ reason, metadata }: CallError, { tokenContext = null }: Shown): string | undefined {
  if (reason === null) return undefined;
  if (reason === "INVALID_CREDENTIALS" && metadata.credential !== undefined) {
    return credentialHints[metadata.credential];
  }
  if (reason === "CREDENTIALS_DISAGREE" && tokenContext !== null) {
    return `The token is that of the context ${tokenContext}. Without it: --token-file ''`;
  }
  return hints.get(reason);
}

/** What to do next, by the credential that proves no principal. Of a JWT the message says what the issuer has to change. */
const credentialHints: Readonly<Record<string, string>> = {
  token: "Look at the file of the token: it may be of another server, or cut short.",
  certificate: "An admin gives it to a principal: sitq principal set NAME --cert-uri URI, or --cert-dns NAME.",
};

const unreachableHint =
  "Is the server running? Start it: sitq serve. For another address: --address HOST:PORT or SITQ_ADDRESS.";

type Handshake = NonNullable<NonNullable<CallError["unreached"]>["handshake"]>;

function handshakeHint(problem: Handshake | undefined, shown: Shown): string | undefined {
  if (problem === undefined) return undefined;
  const { tls, certificateProblem = null } = shown;
  const mayBeCertificate = problem === "certificate_refused" || (problem === "closed" && tls === "with certificate");
  if (mayBeCertificate && certificateProblem !== null) return `The client certificate ${certificateProblem}.`;
  if (mayBeCertificate) return handshakeHints.certificate_refused;
  if (problem === "closed" && tls === "plaintext") return "It may want TLS: --tls-ca FILE, or --tls.";
  if (problem === "closed" && tls === "without certificate") return handshakeHints.certificate_required;
  return handshakeHints[problem];
}

/** What to do next, by what was wrong in the handshake. */
const handshakeHints: Readonly<Record<Handshake, string>> = {
  untrusted: "Name the file of the authority that signed it: --tls-ca FILE or SITQ_TLS_CA.",
  wrong_name: "Call the server by a name in its certificate, or say which one that is: --tls-server-name NAME.",
  expired:
    "Look at the clocks of both machines, and at the server's certificate; the server reads a new one by itself.",
  not_tls: "Leave out TLS, or start the server with it: sitq serve --tls-cert FILE --tls-key FILE.",
  certificate_required:
    "Show a client certificate: --tls-cert FILE --tls-key FILE, or SITQ_TLS_CLIENT_CERT and SITQ_TLS_CLIENT_KEY.",
  certificate_refused:
    "The server does not trust this client certificate: it must be of an authority in its --tls-client-ca.",
  closed:
    "If the server wants TLS: --tls, or --tls-ca FILE. If TLS is on already, it may not trust the client certificate.",
};

const grantHint =
  "See what you have: sitq whoami. An admin replaces all grants by: sitq principal set NAME --grant ROLE:PATTERN";

/** What to do next, by the reason of the refusal. */
const hints: ReadonlyMap<string, string> = new Map(
  Object.entries({
    CREDENTIALS_REQUIRED:
      "Say who you are: --token-file FILE, SITQ_TOKEN, or --tls-cert FILE --tls-key FILE; or sitq context use NAME.",
    INVALID_CREDENTIALS: "Look at the token or certificate: it may be of another server.",
    CREDENTIALS_EXPIRED: "Ask an admin for a new token or certificate.",
    CREDENTIALS_DISAGREE: "The token and the client certificate are of two principals. Use one of them.",
    TOO_MANY_FAILED_SIGN_INS: "Look at the token or certificate: valid ones are taken from this address too.",
    ROLE_REQUIRED: grantHint,
    OUT_OF_SCOPE: grantHint,
    TASK_NOT_FOUND: "Finished tasks are deleted after their queue's retention. List them: sitq list",
    PRINCIPAL_NOT_FOUND: "List them: sitq principal list",
    TOKEN_NOT_FOUND: "List them: sitq token list",
    PRINCIPAL_EXISTS: "Leave out --role for another token of it; its grants are changed by sitq principal set NAME.",
    QUEUE_NOT_FOUND:
      "A queue is created by its first task or worker, or by sitq set QUEUE --create. List them: sitq queues",
    WORKFLOW_NOT_FOUND: "Workflows are deleted after their retention. List them: sitq workflows",
    WORKER_NOT_FOUND: "List them: sitq workers",
    SERVICE_NOT_FOUND: "List them: sitq services, sitq instances",
    INSTANCE_NOT_FOUND: "List them: sitq instances --unhealthy",
    NO_HEALTHY_INSTANCE: "See which are silent and which drain: sitq instances --unhealthy",
    REQUEST_ID_REUSED: "This --request-id was used with other content. Use a new one.",
    EVENT_NOT_FOUND: "Events are deleted after their retention. List them: sitq events",
    EVENT_ID_REUSED: "This source published another event with this --id: see sitq event ID, or use a new one.",
    SUBSCRIPTION_NOT_FOUND: "List them: sitq subscriptions",
    SUBSCRIPTION_EXISTS: "See it: sitq subscription show NAME",
    POSITION_EXPIRED: "Start at the oldest event that is kept, with --from earliest; some events are missing.",
    DUPLICATE_TASK: "Find the unfinished task with this key: sitq list --state pending --state running",
    TASK_RUNNING: "Cancel it first: sitq cancel ID",
    TASK_UNFINISHED: "Wait for its end, or cancel it: sitq await ID, sitq cancel ID",
    TASK_BLOCKED: "See what it waits for: sitq workflows show ID, or sitq get ID",
    TASK_IS_DELIVERY: "A delivery belongs to its subscription: sitq replay SUBSCRIPTION, sitq retry ID",
    TASK_FINISHED: "See how it ended: sitq get ID",
    TASK_NOT_RETRYABLE: "Only tasks that are FAILED, CANCELLED or scheduled for a retry can be retried.",
    TASK_IN_WORKFLOW: "A step belongs to its workflow: sitq workflows show ID, sitq workflows retry ID",
    WORKFLOW_FINISHED: "See how it ended: sitq workflows show ID",
    WORKFLOW_NOT_RETRYABLE:
      "Only workflows that are FAILED or CANCELLED, at rest and not compensated can be retried: sitq workflows show ID",
    QUEUE_FULL: "Add workers, or raise its limit: sitq set QUEUE --max-depth NUMBER",
    BACKUP_RUNNING: "Another backup is running. Try again when it has finished.",
    DATA_LOSS: "Check the disk. Keep the last backup and restore it.",
    DISK_LOW: "Free space on the server's disk. Outcomes, cancellations and deletions are still accepted.",
    DISK_FULL: "Free space on the server's disk.",
    DRAINING: "The server is stopping. Try again in a moment.",
    STORE_FAILED: "The server could not write its data; its log says why.",
    STORE_UNREACHABLE: "The server's database is away; its log says since when. Try again once it is back.",
    INTERNAL: "The server's log says why.",
  }),
);
