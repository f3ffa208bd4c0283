import { nameOf } from "../cluster/registry-news.ts";
import type { InstanceKey } from "../domain/instance.ts";

/**
 * What this server is storing of the registry. What is read meanwhile may be older, or newer, than what such a write leaves in memory: it
 * has to be read again after it.
 */
export class LocalWrites {
  /** Those under way, by the name of what they store. */
  private readonly open = new Map<string, Set<Promise<unknown>>>();
  private noted = new Set<string>();

  /** Runs a write with what it changes in memory. */
  async run<T>(key: InstanceKey, write: () => Promise<T>): Promise<T> {
    const name = nameOf(key);
    const writes = this.open.get(name) ?? new Set();
    this.open.set(name, writes);
    this.noted.add(name);
    const writing = write();
    writes.add(writing);
    try {
      return await writing;
    } finally {
      writes.delete(writing);
      if (writes.size === 0) this.open.delete(name);
    }
  }

  /** Whether something is being stored of this name. */
  has(key: InstanceKey): boolean {
    return this.open.has(nameOf(key));
  }

  /** Notes, from now on, of what writes are under way or begin; the answered function says of what there were any. */
  note(): (key: InstanceKey) => boolean {
    const noted = new Set(this.open.keys());
    this.noted = noted;
    return (key) => noted.has(nameOf(key));
  }

  /** Resolves when those that are under way have ended. */
  async settled(): Promise<void> {
    await Promise.allSettled([...this.open.values()].flatMap((writes) => [...writes]));
  }
}
