import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { promisify } from "node:util";
import { connect, type SitqClient } from "sitq/client";
import { environment, freePort, type StartedServer, startServer } from "../../test/harness/server-process.ts";
import { createTempDir, type TempDir } from "../../test/harness/temp-dir.ts";
import { Program } from "./program.ts";
import { type Secured, type Security, secure } from "./security.ts";

/** Where the client runs, by its bootstrap file. */
export const place = { region: "eu", zone: "eu-1" };

/** How a scene is set. */
export interface SceneOptions {
  readonly security: Security;
  /** The command of the client's program. */
  readonly command: readonly string[];
  /** Further variables of the program. */
  readonly variables: Readonly<Record<string, string>>;
}

/** A sitq server in a process of its own, with a file of its own, the client's program, and the judge's own connection to the server. */
export class Scene implements AsyncDisposable {
  readonly #options: SceneOptions;
  readonly #dir: TempDir;
  readonly #port: number;
  readonly #secured: Secured;
  #server: StartedServer;
  #program: Program;
  /** Calls the server as a principal that registers instances, and changes settings. */
  readonly client: SitqClient;

  private constructor(options: SceneOptions, parts: ScenePart) {
    this.#options = options;
    this.#dir = parts.dir;
    this.#port = parts.port;
    this.#secured = parts.secured;
    this.#server = parts.server;
    this.#program = this.#start();
    const { tls } = parts.secured;
    // The server is killed in the course of it: the client's log would be full of that.
    this.client = connect({ address: parts.server.address, log: "silent", ...(tls && { tls }) });
  }

  static async set(options: SceneOptions): Promise<Scene> {
    const dir = await createTempDir();
    const port = await freePort();
    const secured = await secure(options.security, dir, dir.file("sitq.db"));
    const server = await serve(dir, port, secured);
    await writeBootstrap(dir, server.address, secured);
    return new Scene(options, { dir, port, secured, server });
  }

  /** The client. */
  get program(): Program {
    return this.#program;
  }

  /** Starts the client again, without what it knows. */
  async restartProgram(): Promise<void> {
    await this.#program.stop();
    this.#program = this.#start();
  }

  /** Kills the server: SIGKILL. */
  async killServer(): Promise<void> {
    await this.#server.kill();
  }

  /** Starts the server again, on the same port and file. */
  async startServer(): Promise<void> {
    this.#server = await serve(this.#dir, this.#port, this.#secured);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.client.close();
    await this.#program.stop();
    await this.#server.kill();
    await this.#dir.remove();
  }

  #start(): Program {
    const { command, variables } = this.#options;
    return new Program(command, { ...variables, GRPC_XDS_BOOTSTRAP: bootstrapOf(this.#dir) });
  }
}

interface ScenePart {
  readonly dir: TempDir;
  readonly port: number;
  readonly secured: Secured;
  readonly server: StartedServer;
}

function bootstrapOf(dir: TempDir): string {
  return dir.file("bootstrap.json");
}

function serve(dir: TempDir, port: number, { serverArguments }: Secured): Promise<StartedServer> {
  const args = ["--log-level", "warn", ...serverArguments];
  return startServer({ db: dir.file("sitq.db"), listen: `127.0.0.1:${port}`, args });
}

async function writeBootstrap(dir: TempDir, address: string, { bootstrapArguments }: Secured): Promise<void> {
  const command = resolve(import.meta.dirname, "../../bin/sitq");
  const where = ["--node", "interop", "--region", place.region, "--zone", place.zone];
  const args = ["xds", "bootstrap", "--address", address, ...where, ...bootstrapArguments];
  const { stdout } = await promisify(execFile)(command, args, { env: environment() });
  await writeFile(bootstrapOf(dir), stdout);
}
