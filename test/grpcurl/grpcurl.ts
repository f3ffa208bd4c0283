import { execFile, spawn, spawnSync } from "node:child_process";
import { onTestFinished } from "vitest";

/** Why the tests that need grpcurl cannot run; `null`: it is there. */
export const missing =
  spawnSync("grpcurl", ["--version"]).error === undefined ? null : "grpcurl is not on the PATH (.ci/run installs it)";

/** What one run of grpcurl came to. */
export interface GrpcurlRun {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs grpcurl against a server without TLS, as somebody would type it. */
export function grpcurl(...args: string[]): Promise<GrpcurlRun> {
  return grpcurlWith("-plaintext", ...args);
}

/** Runs grpcurl, with TLS unless the arguments say otherwise. */
export function grpcurlWith(...args: string[]): Promise<GrpcurlRun> {
  return new Promise((resolve) => {
    execFile("grpcurl", ["-max-time", "20", ...args], (error, stdout, stderr) => {
      const code = error === null ? 0 : Number(error.code ?? 1);
      resolve({ code, stdout, stderr });
    });
  });
}

/** A call that is typed while it runs. */
export interface GrpcurlSession {
  /** Types a message. */
  say(message: unknown): void;
  /** The next message that came and was not asked for yet; it rejects if the call ends before. */
  next(): Promise<unknown>;
  /** Says that nothing more comes; resolves with the exit code. */
  end(): Promise<number | null>;
}

/** Begins a call of a streaming method, with `-d @`. */
export function openSession(address: string, method: string): GrpcurlSession {
  const child = spawn("grpcurl", ["-plaintext", "-d", "@", address, method], { stdio: ["pipe", "pipe", "pipe"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  const exited = new Promise<number | null>((resolve) => child.once("close", resolve));
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });

  // grpcurl prints each message over several lines, the last of which is a brace alone.
  let text = "";
  const unread: unknown[] = [];
  let onMessage: () => void = () => undefined;
  child.stdout.setEncoding("utf8").on("data", (more: string) => {
    text += more;
    for (let end = text.indexOf("\n}\n"); end >= 0; end = text.indexOf("\n}\n")) {
      unread.push(JSON.parse(text.slice(0, end + 2)));
      text = text.slice(end + 3);
    }
    onMessage();
  });

  return {
    say: (message) => void child.stdin.write(`${JSON.stringify(message)}\n`),

    next() {
      return new Promise((resolve, reject) => {
        onMessage = () => {
          if (unread.length === 0) return;
          onMessage = () => undefined;
          resolve(unread.shift());
        };
        onMessage();
        void exited.then((code) => reject(new Error(`grpcurl ended with ${code}: ${stderr}`)));
      });
    },

    end() {
      child.stdin.end();
      return exited;
    },
  };
}
