import { parseHostPort } from "../../contract/host-port.ts";
import { attribute } from "../../contract/semantic-conventions.ts";

/** Where the server is, by the address of the client. */
export function serverOf({ address }: { readonly address: string }): Readonly<Record<string, string | number>> {
  const at = parseHostPort(address);
  if (at === undefined) return { [attribute.serverAddress]: address };
  return { [attribute.serverAddress]: at.host, [attribute.serverPort]: at.port };
}
