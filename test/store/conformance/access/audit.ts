import { describe, expect } from "vitest";
import type { AuditEntry, StoredAuditEntry } from "../../../../src/domain/access/audit-entry.ts";
import type { AuditQuery } from "../../../../src/store/audit-store.ts";
import type { Store } from "../../../../src/store/store.ts";
import { type StoreTest, startMs } from "../../store-harness.ts";

function entry(changes: Partial<AuditEntry> = {}): AuditEntry {
  return {
    timeMs: startMs,
    principal: "alice",
    credential: "token 4f9a",
    peer: "10.0.0.1:4000",
    method: "/sitq.v1.QueueService/PurgeQueue",
    resource: "queue 'mail'; DROP TABLE audit_entry; --",
    code: "OK",
    reason: "",
    count: 1,
    ...changes,
  };
}

const all = { createdAfterMs: null, principal: null, method: null, outcome: null, refusedOnly: false } as const;
const whole: AuditQuery = { ...all, cursor: null, limit: 1_000 };

/** Every entry that a query matches, by as many pages as it takes. */
async function readAll(store: Store, query: Partial<AuditQuery> = {}) {
  const pages: number[] = [];
  const entries: StoredAuditEntry[] = [];
  for (let cursor: string | null = null; ; ) {
    const page = await store.listAudit({ ...whole, ...query, cursor });
    pages.push(page.entries.length);
    entries.push(...page.entries);
    if (page.nextCursor === null) return { entries, pages };
    cursor = page.nextCursor;
  }
}

/** The audit log. */
export function describeAudit(test: StoreTest): void {
  describe("the audit log", () => {
    test("keeps entries whole, and lists the newest first, also after a restart", async (harness) => {
      const refused = entry({
        timeMs: startMs + 1,
        principal: "",
        credential: "",
        resource: "",
        code: "UNAUTHENTICATED",
        reason: "INVALID_CREDENTIALS",
        count: 4_000_000_000,
      });
      await harness.store.appendAudit([entry(), refused]);
      await harness.store.appendAudit([]);
      await harness.reopen();
      const { entries } = await readAll(harness.store);
      expect(entries).toEqual([
        { ...refused, id: entries[0]?.id },
        { ...entry(), id: entries[1]?.id },
      ]);
      expect(entries[0]?.id).toBeGreaterThan(entries[1]?.id ?? Number.NaN);
    });

    test("goes by the time of the entries, and then by their order", async ({ store }) => {
      const times = [5, 3, 5, 4, 3];
      await store.appendAudit(times.map((ms, index) => entry({ timeMs: startMs + ms, resource: String(index) })));
      const order = ["2", "0", "3", "4", "1"];
      expect((await readAll(store)).entries.map(({ resource }) => resource)).toEqual(order);
      const byPage = await readAll(store, { limit: 2 });
      expect(byPage.entries.map(({ resource }) => resource)).toEqual(order);
      expect(byPage.pages).toEqual([2, 2, 1]);
    });

    test("is filtered by method, which may be named by its end, and by reason", async ({ store }) => {
      await store.appendAudit([
        entry({ resource: "a", reason: "ROLE_REQUIRED" }),
        entry({ resource: "b", method: "/sitq.v1.QueueService/DeleteTask" }),
        entry({ resource: "c", method: "/other.PurgeQueue/DeleteTask" }),
      ]);
      const found = async (query: Partial<AuditQuery>) =>
        (await readAll(store, query)).entries.map(({ resource }) => resource).join("");
      expect(await found({ method: "PurgeQueue" })).toBe("a");
      expect(await found({ method: "DeleteTask" })).toBe("cb");
      expect(await found({ method: "QueueService/DeleteTask" })).toBe("b");
      expect(await found({ method: "/sitq.v1.QueueService/DeleteTask" })).toBe("b");
      expect(await found({ method: "Queue" })).toBe("");
      expect(await found({ outcome: "ROLE_REQUIRED" })).toBe("a");
    });

    test("is filtered by time, principal and outcome", async ({ store }) => {
      await store.appendAudit([
        entry({ resource: "a" }),
        entry({ resource: "b", timeMs: startMs + 10, code: "PERMISSION_DENIED" }),
        entry({ resource: "c", timeMs: startMs + 10, principal: "bob" }),
        entry({ resource: "d", timeMs: startMs + 11, principal: "bob", code: "NOT_FOUND" }),
      ]);
      const found = async (query: Partial<AuditQuery>) =>
        (await readAll(store, query)).entries.map(({ resource }) => resource).join("");
      expect(await found({ createdAfterMs: startMs + 10 })).toBe("dcb");
      expect(await found({ outcome: "NOT_FOUND" })).toBe("d");
      expect(await found({ outcome: "OK" })).toBe("ca");
      expect(await found({ createdAfterMs: startMs + 12 })).toBe("");
      expect(await found({ principal: "bob" })).toBe("dc");
      expect(await found({ principal: "b" })).toBe("");
      expect(await found({ refusedOnly: true })).toBe("db");
      expect(await found({ refusedOnly: true, principal: "alice", createdAfterMs: startMs })).toBe("b");
    });

    test("reads a bounded number of rows, and goes on where it stopped", async ({ store }) => {
      await store.appendAudit([entry({ principal: "bob" })]);
      await store.appendAudit(Array.from({ length: 12_000 }, () => entry()));
      const { entries, pages } = await readAll(store, { principal: "bob", limit: 1 });
      expect(entries).toMatchObject([{ principal: "bob" }]);
      expect(pages.length).toBeGreaterThan(1);
    });

    test("answers nothing for a cursor that is none", async ({ store }) => {
      await store.appendAudit([entry()]);
      expect(await store.listAudit({ ...whole, cursor: "'; --" })).toEqual({ entries: [], nextCursor: null });
    });

    test("forgets what is old, in parts, and never uses an id again", async (harness) => {
      const { store } = harness;
      const old = Array.from({ length: 1_200 }, (_, index) => entry({ timeMs: startMs + (index % 7) }));
      await store.appendAudit([...old, entry({ timeMs: startMs + 7, resource: "kept" })]);
      const [newest] = (await readAll(store)).entries;
      const parts: number[] = [];
      for (let cursor: string | null = null; ; ) {
        const { deleted, nextCursor } = await store.sweepAudit(cursor, startMs + 7);
        parts.push(deleted);
        if (nextCursor === null) break;
        cursor = nextCursor;
      }
      expect(parts.length).toBeGreaterThan(1);
      expect(parts.reduce((sum, part) => sum + part)).toBe(1_200);
      expect((await readAll(store)).entries.map(({ resource }) => resource)).toEqual(["kept"]);
      await store.sweepAudit(null, startMs + 8);
      await harness.reopen();
      await harness.store.appendAudit([entry()]);
      expect((await readAll(harness.store)).entries[0]?.id).toBeGreaterThan(newest?.id ?? Number.NaN);
    });
  });
}
