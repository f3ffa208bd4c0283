/**
 * Preloaded into a server: moves its wall clock by the milliseconds that stand in the file TORTURE_CLOCK, as they are now. The
 * monotonic clock runs on, as it does when a real clock is set.
 */

import { readFileSync } from "node:fs";

const path = process.env.TORTURE_CLOCK ?? "";
const now = Date.now;

Date.now = () => now.call(Date) + Number(readFileSync(path, "utf8"));
