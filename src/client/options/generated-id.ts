import { randomBytes } from "node:crypto";
import { hostname } from "node:os";

/** A name that no other process has and an operator can place: it holds what the contract allows. */
export function generatedId(service: string): string {
  const place = `${service || hostname()}`.replace(/[^A-Za-z0-9._-]/g, "-").replace(/^[^A-Za-z0-9]+/, "");
  return `${place.slice(0, 64) || "worker"}-${process.pid}-${randomBytes(4).toString("hex")}`;
}
