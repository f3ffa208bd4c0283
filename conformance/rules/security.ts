import { writeFile } from "node:fs/promises";
import { ServerCredentials, status as statusCode } from "@grpc/grpc-js";
import { createTestAuthority } from "../../test/harness/certificates.ts";
import type { Rule } from "../judge/rule.ts";
import type { Trial } from "../judge/trial.ts";
import { refusal } from "../script/scripted-server.ts";
import { scriptedTask } from "../script/task.ts";

const section = "other-languages.md#tls-and-tokens";

/** How clients prove who they are, and whom they trust. */
export const securityRules: readonly Rule[] = [
  {
    id: "client-certificate",
    sentence: "Over TLS the worker trusts the given authority, and shows its own certificate.",
    section,
    mode: "worker",
    async run(trial) {
      const { server, flags, certificateFlags } = await playSecurely(trial, { wantsCertificate: true });
      trial.worker(server.address, { more: [...flags, ...certificateFlags] });
      await trial.hello(server);
      server.stream.tasks(scriptedTask("a", "echo", {}));
      await trial.until(() => server.outcomes.length === 1, "the task has an outcome");
    },
  },
  {
    id: "untrusted-server",
    sentence: "A server whose certificate another authority has signed gets no call.",
    section,
    mode: "producer",
    async run(trial) {
      const { server } = await playSecurely(trial, { wantsCertificate: false });
      const other = (await trial.directory()).file("other.pem");
      await writeFile(other, (await createTestAuthority("another CA")).certificate);
      const producer = trial.producer(server.address, { count: 1, deadline: 2, more: ["--tls-ca", other] });
      await trial.ends(producer, 1, 20_000);
      trial.expect(server.queue.batches.length === 0, "the task was sent");
    },
  },
  {
    id: "token",
    sentence: "Every call carries the token: of a worker, and of a producer.",
    section,
    mode: "producer",
    async run(trial) {
      const { server, flags, tokenFile } = await playSecurely(trial, { wantsCertificate: false });
      server.authorize = allow("first-token");
      const more = [...flags, "--token-file", tokenFile];
      trial.worker(server.address, { more });
      await trial.hello(server);
      const producer = trial.producer(server.address, { count: 10, more });
      await trial.until(() => producer.end !== null, "the producer ended");
      trial.expect(producer.end === 0, `the producer ended with ${producer.end}`);
    },
  },
  {
    id: "replaced-token",
    sentence:
      "When the server refuses a token that has expired, the file is read again, and the worker goes on with the new one.",
    section: "sdk-typescript.md#tokens",
    mode: "worker",
    async run(trial) {
      const { server, flags, tokenFile } = await playSecurely(trial, { wantsCertificate: false });
      server.authorize = allow("first-token");
      const worker = trial.worker(server.address, { more: [...flags, "--token-file", tokenFile] });
      await trial.hello(server);
      server.stream.tasks(scriptedTask("a", "sleep", { seconds: 3 }));
      await trial.until(() => worker.hasStarted("a"), "the handler began");
      await writeFile(tokenFile, "second-token\n");
      server.authorize = allow("second-token");
      server.stream.end(refusal(statusCode.UNAUTHENTICATED, "CREDENTIALS_EXPIRED"));
      await trial.until(() => server.streams.length === 2, "the worker reconnected");
      trial.expect(server.stream.holds({ taskId: "a", attempt: 1 }), "held does not name the running task");
      await trial.until(() => server.outcomes.length === 1, "the task has an outcome");
    },
  },
];

/** Starts a server with TLS, and writes the files of its clients. */
async function playSecurely(trial: Trial, { wantsCertificate }: { readonly wantsCertificate: boolean }) {
  const dir = await trial.directory();
  const authority = await createTestAuthority();
  const [own, client] = await Promise.all([authority.server(), authority.client()]);
  const root = Buffer.from(authority.certificate);
  const pair = { cert_chain: Buffer.from(own.certificate), private_key: Buffer.from(own.key) };
  const credentials = ServerCredentials.createSsl(root, [pair], wantsCertificate);
  const files = {
    "ca.pem": authority.certificate,
    "client.pem": client.certificate,
    "client.key": client.key,
    token: "first-token\n",
  };
  for (const [name, content] of Object.entries(files)) await writeFile(dir.file(name), content, { mode: 0o600 });
  return {
    server: await trial.playDirectly({ credentials }),
    flags: ["--tls-ca", dir.file("ca.pem")],
    certificateFlags: ["--tls-cert", dir.file("client.pem"), "--tls-key", dir.file("client.key")],
    tokenFile: dir.file("token"),
  };
}

/** Lets in the calls that carry a token. */
function allow(
  token: string,
): (metadata: { get(key: string): readonly unknown[] }) => ReturnType<typeof refusal> | null {
  return (metadata) =>
    metadata.get("authorization")[0] === `Bearer ${token}`
      ? null
      : refusal(statusCode.UNAUTHENTICATED, "CREDENTIALS_EXPIRED");
}
