import { Role } from "../../../gen/sitq/v1/access_pb.js";
import { identity, server, signOut } from "../live/session.ts";
import { failureOf } from "../rpc/errors.ts";
import { notify } from "../ui/notices.tsx";

/** Where the page is, who looks and with which roles, and the way out. */
export function Who() {
  const info = server.value?.serverInfo;
  const who = identity.value;
  const roles = new Set(who?.grants.map(({ role }) => Role[role]?.toLowerCase()));
  return (
    <>
      {info !== undefined && <span title={`sitq ${info.version}`}>{location.host}</span>}
      {who !== null && who.principal !== "" && (
        <span title={who.credential}>
          {who.principal} <small>({[...roles].join(", ")})</small>
        </span>
      )}
      {who !== null && isByCookie(who.credential) && (
        <button type="button" class="quiet" onClick={() => void leave()}>
          Sign out
        </button>
      )}
    </>
  );
}

/** Whether signing out ends what proved the principal: a client certificate is the browser's. */
function isByCookie(credential: string): boolean {
  return /^(token|jwt)\b/.test(credential);
}

async function leave(): Promise<void> {
  try {
    await signOut();
  } catch (error) {
    notify(`Not signed out. ${failureOf(error).message}`);
  }
}
