import type { Entry } from "./entries.ts";

/** An entry of a trace and how deep it stands below what began it. */
export interface TraceNode {
  readonly entry: Entry;
  /** 0: nothing in the trace set it off. */
  readonly depth: number;
}

/** What is deeper is drawn no further to the right. */
const mostDepth = 12;

/**
 * The entries in the order in which they were stored, each behind what set it off, and deeper.
 *
 * A cause counts only if it was stored before: what names a later one, or itself, was misled.
 */
export function traceTree(entries: readonly Entry[]): TraceNode[] {
  const ordered = [...entries].sort((a, b) => (a.key < b.key ? -1 : 1));
  const tasks = new Map<string, Entry>();
  const workflows = new Map<string, Entry>();
  const events = new Map<string, Entry>();
  const eventsOfAnySource = new Map<string, Entry>();
  for (const entry of ordered) {
    if (entry.kind === "event") {
      events.set(eventName(entry), entry);
      if (!eventsOfAnySource.has(entry.id)) eventsOfAnySource.set(entry.id, entry);
    } else (entry.kind === "workflow" ? workflows : tasks).set(entry.id, entry);
  }

  function parentOf({ cause, key }: Entry): Entry | null {
    if (cause === null) return null;
    const found =
      cause.kind === "event"
        ? events.get(eventName(cause))
        : cause.kind === "workflow"
          ? workflows.get(cause.id)
          : cause.kind === "task"
            ? tasks.get(cause.id)
            : (tasks.get(cause.id) ?? workflows.get(cause.id) ?? eventsOfAnySource.get(cause.id));
    return found !== undefined && found.key < key ? found : null;
  }

  const roots: Entry[] = [];
  const children = new Map<Entry, Entry[]>();
  for (const entry of ordered) {
    const parent = parentOf(entry);
    const siblings = parent === null ? roots : (children.get(parent) ?? []);
    siblings.push(entry);
    if (parent !== null) children.set(parent, siblings);
  }

  const nodes: TraceNode[] = [];
  // Not by recursion: a chain of causes can be as long as the trace.
  const open: TraceNode[] = roots.map((entry) => ({ entry, depth: 0 })).reverse();
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    nodes.push(node);
    const depth = Math.min(node.depth + 1, mostDepth);
    for (const entry of (children.get(node.entry) ?? []).reverse()) open.push({ entry, depth });
  }
  return nodes;
}

function eventName({ sourceService, id }: { readonly sourceService: string; readonly id: string }): string {
  return `${sourceService}\n${id}`;
}
