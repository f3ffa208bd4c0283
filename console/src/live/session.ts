import { signal } from "@preact/signals";
import type { GetIdentityResponse } from "../../../gen/sitq/v1/access_service_pb.js";
import type { GetServerInfoResponse } from "../../../gen/sitq/v1/admin_service_pb.js";
import { rpc } from "../rpc/clients.ts";
import { failureOf } from "../rpc/errors.ts";

/** Who looks; `null`: not known yet, or nobody is signed in. */
export const identity = signal<GetIdentityResponse | null>(null);
/** What the server says of itself; `null`: not known yet, or not for who looks. */
export const server = signal<GetServerInfoResponse | null>(null);
/** Whether the server asks for credentials that the page does not have. */
export const needsSignIn = signal(false);

/** Asks who looks. */
export async function loadSession(): Promise<void> {
  try {
    identity.value = await rpc.access.getIdentity({});
    needsSignIn.value = false;
  } catch (error) {
    identity.value = null;
    needsSignIn.value = failureOf(error).needsSignIn;
    return;
  }
  server.value = await rpc.admin.getServerInfo({}).catch(() => null);
}
