import { resolve } from "node:path";
import type { BuiltProgram } from "../conformance/toolchain.ts";

/** A client of gRPC, and the program that is built on it. `name` is that of the library, with its version. */
export interface Client extends BuiltProgram {
  readonly language: string;
  /** The command of the program. */
  readonly command: readonly string[];
  /** Further variables of the program. */
  readonly variables: Readonly<Record<string, string>>;
  /** Rows of the table that the library does not have, each with what it does instead. */
  readonly deviations: Readonly<Record<string, string>>;
  /** What a row needs that the library has. */
  readonly conditions: Readonly<Record<string, string>>;
}

/** Until libraries take `call_creds` (gRFC A97) without it. */
const callCredentials = "GRPC_EXPERIMENTAL_XDS_BOOTSTRAP_CALL_CREDS";

/** All clients, in the order of the table. */
export const clients: readonly Client[] = [
  {
    name: "grpc-go 1.85.0",
    language: "Go",
    toolchain: ["go", "version"],
    build: ["go", "build", "-C", "interop/go", "-o", resolve(".tools/interop/go"), "."],
    command: [".tools/interop/go"],
    variables: { [callCredentials]: "true" },
    deviations: {},
    conditions: { token: `with \`${callCredentials}=true\`` },
  },
  {
    name: "grpcio 1.85.1",
    language: "Python",
    toolchain: ["python3", "-m", "venv", "--help"],
    build: ["interop/python/install"],
    command: [".tools/interop-python/bin/python", "interop/python/program.py"],
    variables: { [callCredentials]: "true" },
    deviations: {},
    conditions: { token: `with \`${callCredentials}=true\`` },
  },
  {
    name: "grpc-java 1.85.1",
    language: "Java",
    toolchain: ["mvn", "--version"],
    build: ["mvn", "--quiet", "--batch-mode", "--file", "interop/java", "process-classes"],
    command: ["interop/java/run"],
    variables: {},
    deviations: { token: "does not know `call_creds`" },
    conditions: {
      tls: "by a class of the program, since the library overlooks the files that the bootstrap file names",
    },
  },
  {
    name: "grpc-js-xds 1.14.1",
    language: "Node",
    toolchain: null,
    build: null,
    command: [process.execPath, "interop/node/program.ts"],
    variables: {},
    deviations: {
      tls: "calls the server in plaintext alone: of `channel_creds` it knows `insecure` and `google_default`",
      token: "calls the server in plaintext alone, and does not know `call_creds`",
    },
    conditions: {},
  },
];
