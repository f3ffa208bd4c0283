import { effect } from "@preact/signals";
import { signInNeeded } from "../rpc/sign-in-needed.ts";
import { overviewState, stopOverview, watchOverview } from "./overview.ts";
import { identity, loadServerInfo, loadSession } from "./session.ts";

/** Reads who looks, and then opens the page's stream. Also after signing in, and to connect again. */
export async function begin(): Promise<void> {
  await loadSession();
  if (signInNeeded.value !== null) return;
  // What is wrong is not to wait for the rest.
  watchOverview();
  await loadServerInfo();
}

let wasBroken = false;
// What who looks may do can be other after a break; at the beginning the server may have been away.
effect(() => {
  const { kind } = overviewState.value;
  if (kind === "broken") wasBroken = true;
  if (kind !== "live" || (!wasBroken && identity.peek() !== null)) return;
  wasBroken = false;
  void loadSession().then(loadServerInfo);
});

// What was shown to one principal is not for the next.
effect(() => {
  if (signInNeeded.value !== null) stopOverview();
});
