import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { connect as connectTcp } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { onTestFinished } from "vitest";
import type { TlsPaths } from "../harness/certificates.ts";
import { freePort } from "../harness/server-process.ts";
import { createTempDir } from "../harness/temp-dir.ts";

/** A proxy's program, and how it is run in the foreground with a configuration of `deploy/proxies`. */
export interface ProxyProgram {
  readonly name: string;
  readonly program: string;
  /** Its configuration where TLS ends at the proxy. */
  readonly config: string;
  /** Its configuration where TLS passes through. */
  readonly passThroughConfig: string;
  /** Whether it can be run with the configuration. */
  canRun(config: string): boolean;
  /** The whole configuration, of what stands in `deploy/proxies`. */
  wrap(config: string, directory: string): string;
  args(configPath: string, directory: string): readonly string[];
}

/** Where Debian has the module by which nginx passes bytes through. */
const nginxStreamModule = "/usr/lib/nginx/modules/ngx_stream_module.so";

const runs = (program: string, versionFlag: string) => spawnSync(program, [versionFlag]).error === undefined;
const runsNginx = runs("nginx", "-v");
const runsHaproxy = runs("haproxy", "-v");
const runsEnvoy = runs("envoy", "--version");

/** The proxies whose configurations are in `deploy/proxies`. */
export const proxyPrograms: readonly ProxyProgram[] = [
  {
    name: "nginx",
    program: "nginx",
    config: "nginx.conf",
    passThroughConfig: "nginx-pass-through.conf",
    canRun: (config) => runsNginx && (config === "nginx.conf" || existsSync(nginxStreamModule)),
    wrap(config, directory) {
      const main = `daemon off; pid ${directory}/pid; error_log ${directory}/error.log; events {}`;
      if (config.includes("stream {")) return `load_module ${nginxStreamModule}; ${main}\n${config}`;
      const paths = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(
        (name) => `${name}_temp_path ${directory}/${name};`,
      );
      return `${main} http { access_log off; ${paths.join(" ")}\n${config} }`;
    },
    args: (configPath, directory) => ["-p", directory, "-c", configPath],
  },
  {
    name: "HAProxy",
    program: "haproxy",
    config: "haproxy.cfg",
    passThroughConfig: "haproxy-pass-through.cfg",
    canRun: () => runsHaproxy,
    wrap: (config) => config,
    args: (configPath) => ["-db", "-f", configPath],
  },
  {
    name: "Envoy",
    program: "envoy",
    config: "envoy.yaml",
    passThroughConfig: "envoy-pass-through.yaml",
    canRun: () => runsEnvoy,
    wrap: (config) => config,
    args: (configPath) => [
      "--config-path",
      configPath,
      "--concurrency",
      "1",
      "--disable-hot-restart",
      "--log-level",
      "error",
    ],
  },
];

/**
 * Starts a proxy before a server until the test ends, with its configuration of `deploy/proxies`. Answers the proxy's address. What a
 * stream may be silent for is two seconds.
 */
export async function startProxy(
  program: ProxyProgram,
  config: string,
  serverAddress: string,
  tls?: Pick<TlsPaths, "certPath" | "keyPath">,
): Promise<string> {
  const dir = await createTempDir();
  onTestFinished(() => dir.remove());
  const port = await freePort();
  const [serverHost = "", serverPort = ""] = serverAddress.split(":");
  const text = (await readFile(`deploy/proxies/${config}`, "utf8"))
    .replace("127.0.0.1:50051", serverAddress)
    .replace("address: 127.0.0.1, port_value: 50051", `address: ${serverHost}, port_value: ${serverPort}`)
    .replaceAll("127.0.0.1:8443", `127.0.0.1:${port}`)
    .replace("port_value: 8443", `port_value: ${port}`)
    .replaceAll("/etc/sitq/tls.crt", tls?.certPath ?? "")
    .replaceAll("/etc/sitq/tls.key", tls?.keyPath ?? "")
    .replaceAll("/etc/sitq/tls.pem", dir.file("tls.pem"))
    .replaceAll(/\b(1h|10m)\b/g, "2s")
    .replaceAll(/\b(3600s|600s)\b/g, "2s");
  const file = dir.file(config);
  if (tls) await writeFile(dir.file("tls.pem"), [await readFile(tls.certPath), await readFile(tls.keyPath)]);
  await writeFile(file, program.wrap(text, dir.path));
  const child = spawn(program.program, program.args(file, dir.path), { stdio: ["ignore", "ignore", "pipe"] });
  onTestFinished(() => stop(child));
  await listening(child, port);
  return `127.0.0.1:${port}`;
}

async function listening(child: ChildProcess, port: number): Promise<void> {
  let errors = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    errors += text;
  });
  for (;;) {
    const socket = connectTcp(port, "127.0.0.1");
    try {
      await once(socket, "connect");
      return;
    } catch (cause) {
      if (child.exitCode !== null) throw new Error(`the proxy ended with ${child.exitCode}: ${errors}`, { cause });
      // Its start has no signal of its own: the port is all that there is to ask.
      await sleep(20);
    } finally {
      socket.destroy();
    }
  }
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const ended = once(child, "exit");
  child.kill("SIGTERM");
  await ended;
}
