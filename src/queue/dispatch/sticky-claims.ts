import { hasRoom, type Share } from "../../domain/balancing/balancing.ts";
import type { StickyPlan } from "../../store/claim-plan.ts";
import type { Consumer } from "./consumer.ts";
import { candidatesOf, expectLeft, type QueueState, type QueueStates, sum } from "./queue-state.ts";
import { type StaffMember, slotsElsewhere } from "./staff.ts";

/** What a sticky claim offers. */
export interface StickyOffer {
  readonly shares: readonly Share<Consumer>[];
  /** How many tasks it may bring. */
  readonly asked: number;
  readonly leaseMs: number | null;
  readonly plan: StickyPlan;
}

/**
 * What sticky claims offer to which workers, and when they look again at what they left in line for workers at other servers: each server
 * claims for its own alone, by one rule over the workers of all (`stickyWorkers`).
 */
export class StickyClaims {
  /** The workers of a queue at other servers. */
  readonly staffElsewhere: (queue: string) => readonly StaffMember[];
  private readonly queues = new Set<string>();
  /** How often workers at other servers have changed, so that a claim that left tasks for them cannot hide a change meanwhile. */
  private changes = 0;

  /** @param staffElsewhere the workers of a queue at other servers. Default: there are none */
  constructor(staffElsewhere: StickyClaims["staffElsewhere"] = () => []) {
    this.staffElsewhere = staffElsewhere;
  }

  /** Whether tasks of a queue have gone to the workers that they stick to since this server began. */
  isKnown(queue: string): boolean {
    return this.queues.has(queue);
  }

  /**
   * Whether tasks may be ready that go to the workers that they stick to, in a queue of this worker. They wait for its room, which must not go
   * to tasks of its other queues each time, before it is there.
   */
  areDue(consumer: Consumer, states: Pick<QueueStates, "of">): boolean {
    const isDue = ({ strategy, expected, consumers }: QueueState) =>
      strategy === "sticky" && expected > 0 && consumers.has(consumer);
    return consumer.queues.some((queue) => this.queues.has(queue) && states.of(queue).some(isDue));
  }

  /** What the next claim offers: all the room that there is, for which worker a task sticks to shows only when it is read. `null`: none may run. */
  offer(state: QueueState, n: number): StickyOffer | null {
    this.queues.add(state.queue);
    // Beside another claim, which holds room for keys that do not come, others would look full.
    if (state.claims > 0) return null;
    const open = candidatesOf(state).filter(hasRoom);
    // Those that wait in ClaimTasks come after the streams.
    const first = open.find(({ leaseMs }) => leaseMs === null) ?? open[0];
    if (first === undefined) return null;
    const { leaseMs } = first;
    const shares = open
      .filter((candidate) => candidate.leaseMs === leaseMs)
      .map((candidate) => ({ candidate, n: Math.min(candidate.capacity - candidate.load, n) }));
    const elsewhere = slotsElsewhere(this.staffElsewhere(state.queue), state);
    const plan = elsewhere.length > 0 ? { most: n, elsewhere } : { most: n };
    return { shares, asked: Math.min(sum(shares), n), leaseMs, plan };
  }

  /** Begins a claim. Call what it answers once the claim has left tasks for workers at other servers and is delivered. */
  begin(state: QueueState, shares: readonly Share<Consumer>[]): () => void {
    const { changes } = this;
    return () => {
      const offered = new Set(shares.map(({ candidate }) => candidate));
      const leaseMs = shares[0]?.candidate.leaseMs;
      const all = candidatesOf(state);
      state.left = new Set(all.filter((candidate) => !hasRoom(candidate)));
      const hasRoomSince = all.some((each) => each.leaseMs === leaseMs && !offered.has(each) && hasRoom(each));
      if (hasRoomSince || this.changes !== changes) expectLeft(state);
    };
  }

  /** Workers at other servers have changed. Answers those of the states that are to look at what they left. */
  changed(states: readonly QueueState[]): QueueState[] {
    this.changes++;
    const leaving = states.filter(({ left }) => left !== null);
    for (const state of leaving) expectLeft(state);
    return leaving;
  }
}
