import { invalid } from "../../grpc/client/invalid.ts";

/** Schemes of names that gRPC resolves by itself, or by a resolver that this process has registered. */
const scheme = /^(?:dns|ipv[46]|unix|unix-abstract):|^[a-z][a-z0-9+.-]*:\/\/\//i;

/**
 * The address of a server: `host:port`, or a name with a scheme that gRPC resolves, such as `unix:/run/sitq.sock`.
 *
 * @throws CallError INVALID_ARGUMENT of `address`
 */
export function serverAddress(address: string): string {
  const written = JSON.stringify(address);
  const [, web] = /^(https?|grpcs?):\/\//i.exec(address) ?? [];
  if (web !== undefined) throw invalid("address", `${written}: leave out ${web}://`);
  if (scheme.test(address)) return address;
  const [, port] = /^(?:\[[^\]]+\]|[^\s:/]+):(\d{1,5})$/.exec(address) ?? [];
  if (port === undefined || Number(port) < 1 || Number(port) > 65_535) {
    throw invalid("address", `${written} is not HOST:PORT, such as 127.0.0.1:50051; an IPv6 host stands in brackets`);
  }
  return address;
}
