import { resolve } from "node:path";
import type { ConnectOptions } from "../../client/index.ts";
import { callAddresses } from "../../contract/host-port.ts";

/** What a bootstrap file is made of. */
export interface BootstrapFacts {
  /** How the server is called, or each of several. */
  readonly connection: Pick<ConnectOptions, "tls" | "tokenFile"> & { readonly address: string };
  /** The client's name for itself, which the server logs. */
  readonly node: string;
  /** Where the client runs; empty: it does not say. */
  readonly region: string;
  readonly zone: string;
}

/**
 * The bootstrap file of a client of gRPC that speaks xDS (gRFC A27, A65, A71 and A97). `locality` always stands in it: one of the libraries
 * fails without.
 */
export function bootstrapFile({ connection, node, region, zone }: BootstrapFacts): object {
  const { address, tls = false, tokenFile } = connection;
  return {
    xds_servers: callAddresses(address).map((each) => ({
      server_uri: each,
      channel_creds: [tls === false ? { type: "insecure" } : tlsCredentials(tls === true ? {} : tls)],
      ...(tokenFile !== undefined && {
        call_creds: [{ type: "jwt_token_file", config: { jwt_token_file: resolve(tokenFile) } }],
      }),
      server_features: ["xds_v3"],
    })),
    node: { id: node, locality: { ...(region !== "" && { region }), ...(zone !== "" && { zone }) } },
  };
}

function tlsCredentials({ caFile, certFile, keyFile }: Exclude<ConnectOptions["tls"], boolean | undefined>): object {
  const config = {
    ...(caFile && { ca_certificate_file: resolve(caFile) }),
    ...(certFile && { certificate_file: resolve(certFile) }),
    ...(keyFile && { private_key_file: resolve(keyFile) }),
  };
  return { type: "tls", ...(Object.keys(config).length > 0 && { config }) };
}
