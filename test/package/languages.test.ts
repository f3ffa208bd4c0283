/** The page docs/other-languages.md, done word for word: stubs are generated, and a client made of them calls a server. */

import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Role } from "../../gen/sitq/v1/access_pb.js";
import { withLocalAccess } from "../../src/local/local-access.ts";
import { createTestAuthority, writeTlsFiles } from "../harness/certificates.ts";
import { type StartedServer, startServer } from "../harness/server-process.ts";
import { createTempDir, type TempDir } from "../harness/temp-dir.ts";
import { run, succeed } from "./commands.ts";

const page = await readFile("docs/other-languages.md", "utf8");
const SITQ = resolve(".");

/** The first block in a language below a heading. */
function block(heading: string, language: string): string {
  const section = page.split(/^## /m).find((text) => text.startsWith(`${heading}\n`)) ?? "";
  return (
    new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\``, "ms").exec(section)?.[1] ?? expect.unreachable(`no ${language}`)
  );
}

let dir: TempDir;
let server: StartedServer;
/** One that wants a client certificate and a token. */
let secured: StartedServer;
/** The files of its clients, as the page names them; the token is its own file's. */
let clientFiles: Readonly<Record<string, string>>;
/** Tokens, by what the server has to say to each. */
let tokens: Readonly<Record<"good" | "wrong" | "ofAnother", string>>;
beforeAll(async () => {
  dir = await createTempDir();
  server = await startServer({ db: dir.file("sitq.db") });
  const authority = await createTestAuthority();
  const { certPath, keyPath, clientCaPath } = await writeTlsFiles(dir, await authority.server(), authority.certificate);
  const db = dir.file("secured.db");
  tokens = await createTokens(db);
  const tls = ["--tls-cert", certPath, "--tls-key", keyPath, "--tls-client-ca", clientCaPath];
  secured = await startServer({ db, args: [...tls, "--tls-client-auth", "require", "--auth", "on"] });
  const { certificate, key } = await authority.client();
  clientFiles = { "ca.pem": authority.certificate, "client.pem": certificate, "client-key.pem": key };
});
afterAll(async () => {
  await server?.kill();
  await secured?.kill();
  await dir?.remove();
});

/** Makes the principal of the client's certificate, and another, in a database that no server has open. */
async function createTokens(db: string): Promise<typeof tokens> {
  return withLocalAccess({ dbPath: db }, async (access) => {
    const grants = [{ role: Role.PRODUCER, queues: ["hello"] }];
    await access.createPrincipal({
      principal: { name: "app", grants, certificateUris: ["spiffe://sitq.test/client"] },
    });
    const { secret: good } = await access.createToken({ principal: "app" });
    const { secret: ofAnother } = await access.createToken({ principal: "other", grants });
    const wrong = `${good.slice(0, -1)}${good.endsWith("a") ? "b" : "a"}`;
    return { good, wrong, ofAnother };
  });
}

/** Writes what a client of the secured server needs, and answers its program of the page. */
async function secureProgram(cwd: string, language: string): Promise<string> {
  for (const [name, content] of Object.entries(clientFiles)) await writeFile(join(cwd, name), content, { mode: 0o600 });
  return block("TLS and tokens", language).replaceAll("sitq.internal:50051", secured.address);
}

/** Runs a client of the secured server with each token, and answers what it printed. */
async function withEachToken(cwd: string, print: () => Promise<string>): Promise<Record<string, string>> {
  const printed: Record<string, string> = {};
  for (const [name, token] of Object.entries(tokens)) {
    await writeFile(join(cwd, "token"), `${token}\n`, { mode: 0o600 });
    printed[name] = await print();
  }
  return printed;
}

/** Whether a program is there. */
async function has(program: string, args: readonly string[]): Promise<boolean> {
  return run(program, args, { cwd: "." }).then(
    ({ code }) => code === 0,
    () => false,
  );
}

test("Python", async ({ skip }) => {
  if (!(await has("python3", ["-m", "venv", "--help"]))) return skip("python3 with venv is not installed");
  const cwd = dir.file("python");
  await mkdir(cwd);
  await succeed("python3", ["-m", "venv", "venv"], { cwd });
  const options = { cwd, path: [resolve(cwd, "venv/bin")], env: { SITQ, PYTHONPATH: "gen" } };
  await succeed("sh", ["-euc", block("Python", "sh")], options);
  await writeFile(dir.file("python/hello.py"), block("Python", "python").replaceAll("127.0.0.1:50051", server.address));
  expect(await succeed("python", ["hello.py"], options)).toBe("greet\nNOT_FOUND TASK_NOT_FOUND\nSERVING\n");
  await writeFile(dir.file("python/secure.py"), await secureProgram(cwd, "python"));
  expect(await withEachToken(cwd, () => succeed("python", ["secure.py"], options))).toEqual({
    good: "greet\n",
    wrong: "UNAUTHENTICATED INVALID_CREDENTIALS\n",
    ofAnother: "UNAUTHENTICATED CREDENTIALS_DISAGREE\n",
  });
});

test("Go", async ({ skip }) => {
  if (!(await has("go", ["version"]))) return skip("go is not installed");
  const cwd = dir.file("go");
  await mkdir(dir.file("go/cmd/hello"), { recursive: true });
  await writeFile(dir.file("go/go.mod"), "module example.com/app\n\ngo 1.24\n");
  await writeFile(dir.file("go/buf.gen.yaml"), block("Go", "yaml"));
  const code = block("Go", "go").replaceAll("127.0.0.1:50051", server.address);
  await writeFile(dir.file("go/cmd/hello/main.go"), code);
  const GOBIN = resolve(".tools/bin");
  const path = [GOBIN, resolve("node_modules/.bin"), dirname(process.execPath)];
  const options = { cwd, path, env: { SITQ, GOBIN } };
  await succeed("sh", ["-euc", block("Go", "sh")], options);
  const printed = await succeed("go", ["run", "./cmd/hello"], options);
  expect(printed).toBe("greet\nNotFound TASK_NOT_FOUND\nSERVING <nil>\n");
  await mkdir(dir.file("go/cmd/secure"));
  await writeFile(dir.file("go/cmd/secure/main.go"), await secureProgram(cwd, "go"));
  await succeed("go", ["build", "-o", "secure", "./cmd/secure"], options);
  expect(await withEachToken(cwd, () => succeed("./secure", [], options))).toEqual({
    good: "greet\n",
    wrong: "Unauthenticated INVALID_CREDENTIALS\n",
    ofAnother: "Unauthenticated CREDENTIALS_DISAGREE\n",
  });
});

test("grpcurl", async ({ skip }) => {
  if (!(await has("grpcurl", ["--version"]))) return skip("grpcurl is not installed");
  const cwd = dir.file("grpcurl");
  await mkdir(cwd);
  const script = await secureProgram(cwd, "sh");
  const printed = await withEachToken(cwd, async () => {
    const { stdout, stderr } = await run("sh", ["-euc", script], { cwd, env: { SITQ } });
    return stdout + stderr;
  });
  expect(JSON.parse(printed.good ?? "")).toMatchObject({ task: { type: "greet" } });
  expect(printed.wrong).toMatch(/Code: Unauthenticated\n.*"reason": "INVALID_CREDENTIALS"/s);
  expect(printed.ofAnother).toMatch(/Code: Unauthenticated\n.*"reason": "CREDENTIALS_DISAGREE"/s);
});
