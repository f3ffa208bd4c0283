import { computed, signal } from "@preact/signals";
import { clockSkewMs } from "../rpc/clock-skew.ts";
import { msOf } from "../ui/text.ts";
import { fileView } from "./session.ts";

/** The time by the browser's clock, once a second while the page is visible. */
export const wallMs = signal(Date.now());

/** The time by the server's clock that ages are counted to, so that they move on. In a file that is only shown it stands still. */
export const nowMs = computed(() => msOf(fileView.value?.asOfTime) ?? wallMs.value + clockSkewMs.value);

/** The time by the server's clock at this moment, for what is read now. */
export function serverNowMs(): number {
  return msOf(fileView.peek()?.asOfTime) ?? Date.now() + clockSkewMs.peek();
}

setInterval(() => {
  if (!document.hidden) wallMs.value = Date.now();
}, 1_000);
document.addEventListener("visibilitychange", () => {
  if (!document.hidden) wallMs.value = Date.now();
});
