import { signal } from "@preact/signals";

/** The time, once a second while the page is visible, so that ages move on. By the browser's clock. */
export const nowMs = signal(Date.now());

setInterval(() => {
  if (!document.hidden) nowMs.value = Date.now();
}, 1_000);
document.addEventListener("visibilitychange", () => {
  if (!document.hidden) nowMs.value = Date.now();
});
