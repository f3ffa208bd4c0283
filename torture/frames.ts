import { readdirSync, readFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { QueueService } from "../gen/sitq/v1/queue_service_pb.js";
import { createChannel } from "../src/grpc/client/channel.ts";
import { createClient } from "../src/grpc/client/client.ts";
import { frameTypes, preface, rawFrame } from "../test/grpc/frames/raw-frames.ts";
import { createSeededRandom, type SeededRandom } from "../test/harness/seeded-random.ts";
import { startServer } from "../test/harness/server-process.ts";
import { createTempDir } from "../test/harness/temp-dir.ts";
import type { Torture } from "./torture.ts";

/** How many connections are open at a time. */
const connections = 20;
/** How many frames one connection sends at most. */
const framesPerConnection = 40;
/** How long one connection may stay open, in milliseconds. */
const connectionMs = 2_000;
/** The most that the server may grow, in bytes: 300 MiB. */
const mostGrowth = 300 * 1_048_576;

/** Frames of HTTP/2 that are random, in part or as a whole. */
export const frames: Torture = {
  name: "frames",
  what: "random HTTP/2 frames: no crash, no leaked descriptor or memory, other clients are answered",
  missing: () => (process.platform === "linux" ? null : "it reads /proc"),

  async run({ untilMs, seed, say }) {
    const random = createSeededRandom(seed);
    await using dir = await createTempDir();
    await using server = await startServer({ db: dir.file("sitq.db"), args: ["--log-level", "fatal"] });
    const channel = createChannel(server.address);
    const queue = createClient(QueueService, channel);
    const task = { queue: "canary", type: "t" };
    const canary = async (number: number) => {
      await queue.enqueue({ requestId: `canary-${number}`, task }, { timeoutMs: 20_000 });
    };
    await canary(0);
    const [descriptors, memory] = [descriptorsOf(server.pid), memoryOf(server.pid)];
    const counts = { connections: 0, frames: 0, "other calls answered": 1, "largest RSS in MB": 0 };
    const faults: string[] = [];
    const [host = "", port = ""] = server.address.split(":");
    try {
      do {
        const sent = await Promise.all(
          Array.from({ length: connections }, () =>
            attack(host, Number(port), createSeededRandom(random.integer(0, 2 ** 32 - 1))),
          ),
        );
        counts.connections += sent.length;
        counts.frames += sent.reduce((sum, each) => sum + each, 0);
        await canary(counts["other calls answered"]++);
        counts["largest RSS in MB"] = Math.max(counts["largest RSS in MB"], Math.round(memoryOf(server.pid) / 1e6));
        say(`${counts.frames} frames on ${counts.connections} connections`);
      } while (performance.now() < untilMs);
      const left = await settled(() => descriptorsOf(server.pid), descriptors);
      if (left > descriptors) faults.push(`${left} descriptors are open, ${descriptors} before`);
      const grown = memoryOf(server.pid) - memory;
      if (grown > mostGrowth) faults.push(`it grew by ${Math.round(grown / 1_048_576)} MiB`);
      const { statistics } = (await queue.getQueue({ name: "canary" })).queue ?? {};
      if (Number(statistics?.pending) !== counts["other calls answered"]) {
        faults.push(`${statistics?.pending} of ${counts["other calls answered"]} tasks of the other client are there`);
      }
    } catch (error) {
      faults.push(`the other client: ${error instanceof Error ? error.message : error}\n${server.log}`);
    } finally {
      channel.close();
    }
    server.signal("SIGTERM");
    const { code } = await server.exited;
    if (code !== 0) faults.push(`SIGTERM ended it with ${code}`);
    return { counts, faults };
  },
};

/** Opens a connection and sends frames until it is closed. Answers how many were sent. */
function attack(host: string, port: number, random: SeededRandom): Promise<number> {
  return new Promise((resolve) => {
    let sent = 0;
    const socket = connect(port, host);
    const timer = setTimeout(() => socket.destroy(), connectionMs);
    socket.on("error", () => undefined);
    socket.on("data", () => undefined);
    socket.once("close", () => {
      clearTimeout(timer);
      resolve(sent);
    });
    socket.once("connect", () => {
      socket.write(random.chance(0.9) ? preface : randomBytes(random, 24));
      if (random.chance(0.8)) socket.write(rawFrame(frameTypes.settings));
      void sendAll(socket);
    });

    async function sendAll(to: Socket): Promise<void> {
      const many = random.integer(1, framesPerConnection);
      for (; sent < many && !to.destroyed; sent++) {
        to.write(randomFrame(random));
        if (random.chance(0.1)) await sleep(1);
      }
      to.end();
    }
  });
}

function randomFrame(random: SeededRandom): Buffer {
  const type = random.chance(0.9) ? random.integer(0, 9) : random.integer(10, 255);
  const stream = random.chance(0.7) ? random.integer(0, 20) * 2 + 1 : random.integer(0, 2 ** 31 - 1);
  const made = rawFrame(type, random.integer(0, 255), stream, randomBytes(random, random.integer(0, 200)));
  // Now and then its length is a lie.
  if (random.chance(0.05)) made.writeUIntBE(random.integer(0, 2 ** 24 - 1), 0, 3);
  return made;
}

function randomBytes(random: SeededRandom, length: number): Buffer {
  return Buffer.from(Array.from({ length }, () => random.integer(0, 255)));
}

function descriptorsOf(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).length;
}

/** Its resident set in bytes. */
function memoryOf(pid: number): number {
  const [, kilobytes = "0"] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
  return Number(kilobytes) * 1_024;
}

/** The reading once it is down to what is wanted, or after 10 s. */
async function settled(read: () => number, wanted: number): Promise<number> {
  for (let left = 100; left > 0 && read() > wanted; left--) await sleep(100);
  return read();
}
