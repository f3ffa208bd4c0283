import { readFileSync } from "node:fs";
import { fromBinary, type JsonValue, toJson } from "@bufbuild/protobuf";
import { expect, it } from "vitest";
import { WorkRequestSchema, WorkResponseSchema } from "../../../gen/sitq/v1/worker_service_pb.js";
import { createFakeClock } from "../../harness/fake-clock.ts";
import { startServer } from "../../harness/server.ts";
import { openHttp2 } from "../rpc-harness.ts";

/** One message of the session in docs/protocol.md: who sends it, its bytes, and what they mean. */
interface Written {
  readonly from: "worker" | "server";
  readonly hex: string;
  readonly json: JsonValue;
}

/** The lines of the page's session: bytes behind an arrow, and the message below them. */
function writtenSession(): Written[] {
  const page = readFileSync("docs/protocol.md", "utf8");
  const block = /^```session\n(.*?)^```/ms.exec(page)?.[1] ?? expect.unreachable("the page has no session");
  return [...block.matchAll(/^(▶|◀) ([0-9a-f ]+)\n +(\{.*\})$/gm)].map(([, arrow, hex = "", json = ""]) => ({
    from: arrow === "▶" ? "worker" : "server",
    hex: hex.replaceAll(" ", ""),
    json: JSON.parse(json) as JsonValue,
  }));
}

it("a session goes byte by byte as docs/protocol.md writes it", async () => {
  await using server = await startServer({ clock: createFakeClock(Date.parse("2026-01-01T00:00:00Z")) });
  const payload = { kind: { case: "json" as const, value: { kind: { case: "stringValue" as const, value: "Ada" } } } };
  await server.queue.enqueue({ task: { queue: "mail", type: "send", payload } });
  const session = openHttp2(server.address);
  const call = session.request({
    ":method": "POST",
    ":path": "/sitq.v1.WorkerService/Work",
    "content-type": "application/grpc",
    te: "trailers",
  });
  let received = Buffer.alloc(0);
  let arrived = Promise.withResolvers<void>();
  call.on("data", (bytes: Buffer) => {
    received = Buffer.concat([received, bytes]);
    arrived.resolve();
  });

  /** The next message with its prefix: a byte that says it is not compressed, and its length. */
  async function nextFrame(): Promise<Buffer> {
    while (received.length < 5 || received.length < 5 + received.readUInt32BE(1)) {
      arrived = Promise.withResolvers();
      await arrived.promise;
    }
    const end = 5 + received.readUInt32BE(1);
    const next = received.subarray(0, end);
    received = received.subarray(end);
    return next;
  }

  const written = writtenSession();
  expect(written.map(({ from }) => from)).toEqual(["worker", "server", "server", "worker", "server"]);
  for (const { from, hex, json } of written) {
    const bytes = Buffer.from(hex, "hex");
    const schema = from === "worker" ? WorkRequestSchema : WorkResponseSchema;
    expect(toJson(schema, fromBinary(schema, bytes.subarray(5)))).toEqual(json);
    if (from === "worker") call.write(bytes);
    else expect((await nextFrame()).toString("hex")).toBe(hex);
  }
  session.destroy();
});

it("the page's table has every message of a session", () => {
  const page = readFileSync("docs/protocol.md", "utf8");
  const table = page.split("## Messages\n")[1]?.split("\n## ")[0] ?? "";
  const rows = [...table.matchAll(/^\| `(\w+)` \| (worker|server) \|/gm)].map(([, name, from]) => `${from} ${name}`);
  const of = (from: string, { fields }: typeof WorkRequestSchema | typeof WorkResponseSchema) =>
    fields.map(({ name }) => `${from} ${name}`);
  expect(rows.sort()).toEqual([...of("worker", WorkRequestSchema), ...of("server", WorkResponseSchema)].sort());
});
