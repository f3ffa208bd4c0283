import { spawn } from "node:child_process";
import { delimiter } from "node:path";
import { environment } from "../harness/server-process.ts";

/** How a command is run. */
export interface CommandOptions {
  readonly cwd: string;
  /** Directories that come first on its PATH. */
  readonly path?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** How a command ended. */
export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** What npm and vitest set for the programs below them. A user's shell has none of it. */
const ofTheTestsThemselves =
  /^(npm_(lifecycle|package|command|execpath|node_execpath|config_local_prefix)|NODE_(OPTIONS|ENV|PATH)$|VITEST|CI$)/i;

/** How long a command may take, in milliseconds. */
const timeoutMs = 120_000;

/** Runs a command to its end. */
export function run(command: string, args: readonly string[], options: CommandOptions): Promise<Ended> {
  const child = spawn(command, args, {
    cwd: options.cwd,
    env: environmentOf(options),
    stdio: ["ignore", "pipe", "pipe"],
    timeout: timeoutMs,
  });
  const output = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    child[name].setEncoding("utf8").on("data", (text: string) => {
      output[name] += text;
    });
  }
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve({ code, ...output }));
  });
}

/** Runs a command that has to succeed, and answers its standard output. */
export async function succeed(command: string, args: readonly string[], options: CommandOptions): Promise<string> {
  const { code, stdout, stderr } = await run(command, args, options);
  if (code !== 0) throw new Error(`${command} ${args.join(" ")} ended with ${code}:\n${stdout}${stderr}`);
  return stdout;
}

/** A server that a command runs, in a process group of its own. */
export interface Serving extends AsyncDisposable {
  readonly address: string;
  /** Ends it as Ctrl-C does, and answers all that it wrote. */
  stop(): Promise<string>;
}

/** Runs a command that serves, and waits until it listens. */
export async function serve(command: string, args: readonly string[], options: CommandOptions): Promise<Serving> {
  const child = spawn(command, args, {
    cwd: options.cwd,
    env: environmentOf(options),
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  let output = "";
  const exited = new Promise<number | null>((resolve) => child.once("close", resolve));
  const address = await new Promise<string>((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => {
        output += text;
        const found = /listens on\s+(\S+)\n/.exec(output)?.[1];
        if (found !== undefined) resolve(found);
      });
    }
    child.once("error", reject);
    void exited.then(() => reject(new Error(`it ended and did not listen:\n${output}`)));
  });
  const signal = (name: NodeJS.Signals) => {
    if (child.exitCode === null && child.signalCode === null) process.kill(-(child.pid ?? 0), name);
  };
  return {
    address,
    async stop() {
      signal("SIGINT");
      await exited;
      return output;
    },
    async [Symbol.asyncDispose]() {
      signal("SIGKILL");
      await exited;
    },
  };
}

function environmentOf({ path = [], env = {} }: CommandOptions): NodeJS.ProcessEnv {
  const own = Object.entries(environment()).filter(([name]) => !ofTheTestsThemselves.test(name));
  const inherited = Object.fromEntries(own);
  const rest = (process.env.PATH ?? "").split(delimiter).filter((each) => !each.includes("node_modules"));
  return { ...inherited, PATH: [...path, ...rest].join(delimiter), ...env };
}
