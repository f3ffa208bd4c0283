import { ConnectError } from "@connectrpc/connect";
import { errorFromJson } from "@connectrpc/connect/protocol-connect";
import { computed, effect, signal } from "@preact/signals";
import type { GetIdentityResponse } from "../../../gen/sitq/v1/access_service_pb.js";
import type { GetServerInfoResponse } from "../../../gen/sitq/v1/admin_service_pb.js";
import { rpc, serverUrl } from "../rpc/clients.ts";
import { signInNeeded } from "../rpc/sign-in-needed.ts";

/** Who looks; `null`: not known yet, or nobody is signed in. */
export const identity = signal<GetIdentityResponse | null>(null);
/** What the server says of itself; `null`: not known yet, or not for who looks. */
export const server = signal<GetServerInfoResponse | null>(null);

/** The file that the server only shows; `null`: it serves, or that is not known yet. */
export const fileView = computed(() => server.value?.serverInfo?.fileView ?? null);

/** The version that the server had when the page was loaded; empty: not known yet. */
let loadedVersion = "";
/** Whether another version serves by now than the one that this page came with. */
export const isOutdated = signal(false);

/** Where a token becomes a cookie: beside the contract's calls, which the cookie is sent with. */
const sessionUrl = new URL("session", serverUrl);

/** Asks who looks. Does not reject: what hinders it hinders the page's stream too, which says so. */
export async function loadSession(): Promise<void> {
  try {
    identity.value = await rpc.access.getIdentity({});
    signInNeeded.value = null;
  } catch {
    return;
  }
}

/** Asks what the server says of itself. Does not reject. */
export async function loadServerInfo(): Promise<void> {
  server.value = await rpc.admin.getServerInfo({}).catch(() => null);
  const version = server.value?.serverInfo?.version ?? "";
  loadedVersion ||= version;
  isOutdated.value = version !== "" && version !== loadedVersion;
}

/** Signs in by a token, which the browser keeps as a cookie that no script can read. @throws ConnectError */
export async function signIn(token: string): Promise<void> {
  const answer = await fetch(sessionUrl, { method: "POST", headers: { authorization: `Bearer ${token}` } });
  if (answer.ok) return;
  const fallback = new ConnectError(`The server answers ${answer.status} ${answer.statusText}`.trim());
  const refusal: unknown = await answer.json().catch(() => null);
  throw isJsonObject(refusal) ? errorFromJson(refusal, answer.headers, fallback) : fallback;
}

/** Signs out. @throws TypeError if the server cannot be reached */
export async function signOut(): Promise<void> {
  await endSession();
  signInNeeded.value = { message: "You are signed out.", reason: "", needsSignIn: true, isPassing: false };
}

async function endSession(): Promise<void> {
  await fetch(sessionUrl, { method: "DELETE" });
}

// Of who is not signed in nothing is kept; credentials that are refused once will always be.
effect(() => {
  if (signInNeeded.value === null) return;
  identity.value = null;
  server.value = null;
  const { reason } = signInNeeded.value;
  if (reason !== "" && reason !== "CREDENTIALS_REQUIRED") void endSession().catch(() => undefined);
});

function isJsonObject(value: unknown): value is { readonly [name: string]: string } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
