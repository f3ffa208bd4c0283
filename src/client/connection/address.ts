import { callAddressProblem } from "../../contract/host-port.ts";
import { invalid } from "../../grpc/client/invalid.ts";

/** The address of a server, as it may be called. @throws CallError INVALID_ARGUMENT of `address` */
export function serverAddress(address: string): string {
  const problem = callAddressProblem(address);
  if (problem === undefined) return address;
  throw invalid("address", `${JSON.stringify(address)}: ${problem}`);
}
