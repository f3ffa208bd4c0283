import { readFile, stat, writeFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import type { VerbName } from "../../../../src/store/sqlite/engine/verb.ts";
import { createReserveFile, type ReserveFile } from "../../../../src/store/sqlite/file/reserve-file.ts";
import { createDiskRoom } from "../../../../src/store/sqlite/thread/disk-room.ts";
import type { Call } from "../../../../src/store/sqlite/thread/thread-messages.ts";
import { createTempDir } from "../../../harness/temp-dir.ts";

const mib = 1_048_576;
const call = (verb: VerbName, bytes = 100): Call => ({ id: bytes, verb, args: [{ bytes: new Uint8Array(bytes) }, 1] });

/** A reserve of 32 MiB in memory, and a disk on which so much is free. */
function roomOnDisk({
  freeMib,
  heldMib = 32,
  reusableMib = 0,
}: {
  freeMib: number;
  heldMib?: number;
  reusableMib?: number;
}) {
  const state = { free: freeMib * mib, held: heldMib * mib };
  const reserve: ReserveFile = {
    targetBytes: 32 * mib,
    get heldBytes() {
      return state.held;
    },
    release() {
      if (state.held === 0) return false;
      state.held -= 8 * mib;
      state.free += 8 * mib;
      return true;
    },
    restore() {
      state.held += 8 * mib;
      state.free -= 8 * mib;
    },
  };
  const room = createDiskRoom(reserve, () => ({ freeBytes: state.free, reusableBytes: reusableMib * mib }));
  const verbs = (calls: readonly Call[]) => room.admit(calls).admitted.map(({ verb }) => verb);
  room.fill();
  return { room, state, verbs };
}

describe("the room on a disk", () => {
  it("lets everything go on as long as there is enough, and says nothing", () => {
    const { room, verbs } = roomOnDisk({ freeMib: 100 });
    expect(room.look()).toBeNull();
    expect(verbs([call("enqueue", 4 * mib), call("settle")])).toEqual(["enqueue", "settle"]);
    expect(roomOnDisk({ freeMib: 10_000 }).room.isAmple).toBe(true);
    expect(room.isAmple).toBe(false);
  });

  it("refuses what would touch the margin beside the reserve, and lets go on what ends work", () => {
    const { room, verbs } = roomOnDisk({ freeMib: 9 });
    const ending: VerbName[] = [
      "settle",
      "claim",
      "cancel",
      "delete",
      "changeMatching",
      "retry",
      "advance",
      "sweep",
      "get",
    ];
    const growing: VerbName[] = ["enqueue", "publish", "startWorkflows", "createSubscription", "replay", "catchUp"];
    const all = [...ending, ...growing].map((verb) => call(verb));
    expect(verbs(all)).toEqual([...ending, ...growing]);
    expect(verbs([call("enqueue", mib), call("settle", mib), call("publish", 100)])).toEqual(["settle", "publish"]);
    // What one call takes is not there for the next.
    expect(verbs(Array.from({ length: 8 }, () => call("enqueue", mib / 5)))).toHaveLength(2);
    expect(room.look()).toBeNull();
  });

  it("refuses all new work where there is no margin left, says so once, and once when there is room again", () => {
    const { room, state, verbs } = roomOnDisk({ freeMib: 100 });
    state.free = 7 * mib;
    expect(verbs([call("enqueue", 1), call("settle")])).toEqual(["settle"]);
    expect(room.look()).toEqual({ isLow: true, freeBytes: 7 * mib, reserveBytes: 32 * mib });
    expect(room.look()).toBeNull();
    state.free = 9 * mib;
    expect(room.look()).toBeNull();
    state.free = 17 * mib;
    expect(room.look()).toEqual({ isLow: false, freeBytes: 17 * mib, reserveBytes: 32 * mib });
    expect(verbs([call("enqueue", 1)])).toEqual(["enqueue"]);
  });

  it("gives the reserve to what is written all the same, and takes new work again when it is whole", () => {
    const { room, state, verbs } = roomOnDisk({ freeMib: 0 });
    expect([room.release(), room.release()]).toEqual([true, true]);
    state.free = 0;
    expect(verbs([call("enqueue", 1), call("settle")])).toEqual(["settle"]);
    expect(room.look()).toMatchObject({ isLow: true, reserveBytes: 16 * mib });
    state.free = 31 * mib;
    expect([room.look(), state.held]).toEqual([null, 16 * mib]);
    state.free = 100 * mib;
    expect(room.look()).toEqual({ isLow: false, freeBytes: 92 * mib, reserveBytes: 24 * mib });
    expect([room.look(), state.held]).toEqual([null, 32 * mib]);
    expect([1, 2, 3, 4, 5].map(() => room.release())).toEqual([true, true, true, true, false]);
  });

  it("counts what is empty in the file, so that a purge lets new work in on a full disk", () => {
    expect(roomOnDisk({ freeMib: 0, heldMib: 16, reusableMib: 30 }).verbs([call("enqueue", 1)])).toEqual([]);
    expect(roomOnDisk({ freeMib: 0, heldMib: 16, reusableMib: 33 }).verbs([call("enqueue", 1)])).toEqual(["enqueue"]);
  });

  it("begins with a whole reserve where there is room, and refuses new work where there is none", () => {
    expect(roomOnDisk({ freeMib: 100, heldMib: 0 }).state.held).toBe(32 * mib);
    const { room, verbs } = roomOnDisk({ freeMib: 39, heldMib: 0 });
    expect(room.look()).toMatchObject({ isLow: true, reserveBytes: 0 });
    expect(verbs([call("publish", 1), call("cancel")])).toEqual(["cancel"]);
  });

  it("looks at nothing without a reserve", async () => {
    await using dir = await createTempDir();
    const room = createDiskRoom(createReserveFile(dir.file("reserve"), 0), () => ({ freeBytes: 0, reusableBytes: 0 }));
    expect(room.isAmple).toBe(true);
    expect([room.look(), room.release()]).toEqual([null, false]);
    expect(room.admit([call("enqueue")]).refused).toEqual([]);
  });
});

describe("the reserve's file", () => {
  it("holds room in fact, gives it up bit by bit, takes it back, and stays as large as it is meant to be", async () => {
    await using dir = await createTempDir();
    const path = dir.file("reserve");
    const reserve = createReserveFile(path, 8 * mib);
    while (reserve.heldBytes < reserve.targetBytes) reserve.restore();
    const { size, blocks, mode } = await stat(path);
    expect({ size, mode: mode & 0o777 }).toEqual({ size: 8 * mib, mode: 0o600 });
    expect(blocks * 512).toBeGreaterThanOrEqual(8 * mib);
    // Noise, which no file system packs.
    expect(new Set(await readFile(path)).size).toBe(256);

    let steps = 0;
    while (reserve.release()) steps++;
    expect(steps).toBe(4);
    await expect(stat(path)).rejects.toThrow("ENOENT");
    reserve.restore();
    expect(reserve.heldBytes).toBe(4 * mib);
    expect(createReserveFile(path, 8 * mib).heldBytes).toBe(4 * mib);

    await writeFile(path, Buffer.alloc(9 * mib));
    const smaller = createReserveFile(path, mib);
    smaller.restore();
    expect((await stat(path)).size).toBe(mib);
  });
});
