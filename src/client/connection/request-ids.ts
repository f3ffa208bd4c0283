import { randomBytes } from "node:crypto";

/**
 * Generates unique request ids: when the producer began, a random part, and a counter. They sort by the time they
 * were made, so that an index grows at its end. With 24 letters they are written one by one, which is the faster way up to there.
 */
export function createRequestIds(nowMs: number = Date.now()): () => string {
  const prefix = `${nowMs.toString(36).padStart(9, "0")}-${randomBytes(6).toString("base64url")}`;
  let count = 0;
  return () => prefix + (count++).toString(36).padStart(6, "0");
}
