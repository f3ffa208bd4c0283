import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { allPeers } from "../../bench/peers/all-peers.ts";
import { clientVersions } from "../../bench/peers/client-packages.ts";
import { compare } from "../../bench/peers/compare.ts";
import type { Measured } from "../../bench/peers/measure-row.ts";
import type { Peer, PeerStart } from "../../bench/peers/peer.ts";
import { pinnedVersions } from "../../bench/peers/pinned-versions.ts";
import { ProcessScope } from "../../bench/peers/processes/process-scope.ts";
import { docsTable, peersTable, readmeTable } from "../../bench/peers/report.ts";
import { environment } from "../harness/server-process.ts";
import { createTempDir } from "../harness/temp-dir.ts";

const main = resolve(import.meta.dirname, "../../bench/peers/main.ts");

const measured: Measured = {
  singly: 12_345,
  batches: 20_000,
  drain64: 30_000,
  drain256: 40_000,
  idleMedian: 0.5,
  idleP99: 1.25,
};

/** A system that is not installed, unless it is said how it starts. */
function madeUpPeer(start?: (start: PeerStart) => Promise<string>): Peer {
  return {
    name: "made-up",
    title: "Made Up",
    clientPackage: null,
    server: "made-up-server",
    howToGet: "nowhere",
    durabilities: [
      { promise: "fsync now and then", setting: "sync=sometimes" },
      { promise: "fsync before each answer", setting: "sync=always" },
    ],
    version: async () => (start === undefined ? null : "1.2"),
    start: start ?? (() => Promise.reject(new Error("not installed"))),
    connect: () => Promise.reject(new Error("not installed")),
  };
}

/** Compares one system in the quick form, for one round. */
function compareOne(peer: Peer, signal: AbortSignal = new AbortController().signal) {
  return compare({ peers: [peer], rounds: 1, quick: true, signal, say: () => undefined });
}

/** Whether a process runs. One that has ended and that its parent has not seen yet does not. */
async function isRunning(pid: number): Promise<boolean> {
  // ps fails if there is no such process.
  const { stdout } = await promisify(execFile)("ps", ["-o", "stat=", "-p", String(pid)]).catch(() => ({ stdout: "" }));
  return /^[^Z\s]/.test(stdout.trim());
}

describe("the comparison", () => {
  it("measures sitq by its processes, and leaves nothing behind", async () => {
    await using dir = await createTempDir();
    const json = dir.file("results/peers.json");
    const args = [main, "--quick", "--peers", "sitq", "--json", json, "--markdown"];
    const { stdout } = await promisify(execFile)(process.execPath, args, {
      env: { ...environment(), TMPDIR: dir.path },
    });
    expect(stdout).toMatch(/^sitq +\d+\.\d+\.\d+ +fsync before each answer +synchronous=FULL( +[\d.,]+){6}$/m);
    expect(stdout).toMatch(/^\| durability \| fsync before each answer \|$/m);
    const { machine, rows } = JSON.parse(await readFile(json, "utf8"));
    expect(machine).toMatchObject({ node: process.version });
    expect(rows).toMatchObject([{ system: "sitq", failure: null, rounds: [{ singly: expect.any(Number) }] }]);
    expect(await readdir(dir.path)).toEqual(["results"]);
  });

  it("names what is not installed, once, and how to get it", async () => {
    const rows = await compareOne(madeUpPeer());
    expect(
      peersTable(rows)
        .split("\n")
        .filter((line) => line.startsWith("Made Up")),
    ).toEqual([expect.stringMatching(/^Made Up +not installed \(nowhere\)$/)]);
    expect(docsTable(rows)).not.toContain("Made Up");
  });

  it("ends what it started when a system fails, and names the failure", async () => {
    let pid = 0;
    let directory = "";
    const rows = await compareOne(
      madeUpPeer(async (start) => {
        directory = start.directory;
        pid = start.processes.start("sleep", { args: ["1000"] }).child.pid ?? 0;
        await writeFile(join(directory, "data"), "");
        throw new Error("it does not start\nfor a long reason");
      }),
    );
    expect(peersTable(rows)).toMatch(/^Made Up +1\.2 +failed: it does not start +sync=sometimes$/m);
    expect(await isRunning(pid)).toBe(false);
    await expect(readdir(directory)).rejects.toThrow("ENOENT");
  });

  it("ends everything when it is told to end", async () => {
    const stop = new AbortController();
    let pid = 0;
    const comparing = compareOne(
      madeUpPeer(async ({ processes }) => {
        const server = processes.start("sleep", { args: ["1000"] });
        pid = server.child.pid ?? 0;
        stop.abort();
        await server.exited;
        throw new Error("it ended");
      }),
      stop.signal,
    );
    await expect(comparing).rejects.toThrow("abort");
    expect(await isRunning(pid)).toBe(false);
  });

  it("says which systems there are when it is asked for another one", async () => {
    const child = spawn(process.execPath, [main, "--peers", "nonsense"], { env: environment() });
    let text = "";
    child.stderr.setEncoding("utf8").on("data", (part: string) => {
      text += part;
    });
    expect(await once(child, "close")).toEqual([2, null]);
    for (const { name } of allPeers) expect(text).toContain(name);
  });
});

describe("what it prints", () => {
  const peer = madeUpPeer(async () => "");
  const rows = peer.durabilities.map((durability, index) => {
    const rounds = [measured, { ...measured, singly: 22_345 + index }];
    return { peer, durability, version: "1.2", failure: null, rounds };
  });

  it("are the medians of the rounds", () => {
    expect(peersTable(rows)).toMatch(
      /^Made Up +1\.2 +fsync now and then +sync=sometimes +17,300 +20,000 +30,000 +40,000 +0\.5 +1\.25$/m,
    );
    expect(docsTable(rows)).toContain("| Made Up | 1.2 | fsync before each answer | `sync=always` | 17,300 |");
  });

  it("is for README.md one column a system, with its first setting", () => {
    const lines = readmeTable(rows).split("\n");
    expect(lines).toHaveLength(7);
    expect(lines[2]).toBe("| durability | fsync now and then |");
  });
});

describe("a scope of processes", () => {
  it("also ends what its processes started", async () => {
    const scope = new ProcessScope(new AbortController().signal);
    const shell = scope.start("sh", { args: ["-c", "sleep 1000 & echo $!; wait"] });
    await once(shell.child.stdout ?? shell.child, "data");
    const pid = Number(shell.output);
    expect(await isRunning(pid)).toBe(true);
    await scope[Symbol.asyncDispose]();
    await expect.poll(() => isRunning(pid)).toBe(false);
  });
});

describe("versions", () => {
  it("are pinned exactly, of every server and of every client", () => {
    for (const { server, clientPackage } of allPeers) {
      if (clientPackage === null) continue;
      expect(clientVersions[clientPackage], clientPackage).toMatch(/^\d+\.\d+\.\d+$/);
      expect(pinnedVersions[server], server).toMatch(/^\d+\.[\d.]+$/);
    }
  });
});
