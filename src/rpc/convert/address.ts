import { parseHostPort } from "../../contract/host-port.ts";
import { limits } from "../../contract/limits.ts";
import { parseText } from "./checks.ts";
import { refuseField } from "./violations.ts";

/** Where something can be called: `host:port`. */
export function parseAddress(field: string, value: string): string {
  if (value === "") refuseField(field, "is required");
  parseText(field, value, limits.addressBytes);
  const parsed = parseHostPort(value);
  if (parsed === undefined || parsed.port === 0) {
    refuseField(field, "must be HOST:PORT, an IPv6 host in brackets, the port from 1 to 65535", value);
  }
  return value;
}

/** As `parseAddress`, where it may be missing. */
export function parseOptionalAddress(field: string, value: string): string {
  return value === "" ? "" : parseAddress(field, value);
}
