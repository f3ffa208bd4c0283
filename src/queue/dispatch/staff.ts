import type { SlotsElsewhere } from "../../domain/balancing/slot-filling.ts";
import type { ReservedWorker, Staff } from "../../domain/waits/wait-facts.ts";
import type { Consumer, TypeSet } from "./consumer.ts";

/** A worker of a queue, as far as it counts for what its tasks wait for. */
export type StaffMember = Pick<Consumer, "id" | "types" | "draining" | "capacity" | "load">;

/** Who works a queue. */
export interface QueueStaff {
  /** Who may take tasks of a type. */
  of(type: string): Staff;
  /** Where the worker of a reservation is. */
  standingOf(workerId: string, type: string): ReservedWorker;
}

/** Of a queue in a file that is only shown, which does not say who worked it: nothing is put down to workers. */
export const unknownStaff: QueueStaff = {
  of: () => ({ isStopping: false, workers: 1, handling: 1, taking: 1, room: 1 }),
  standingOf: () => "free",
};

/** What the workers of one queue take now. */
export class PresentStaff implements QueueStaff {
  private readonly consumers: readonly StaffMember[];
  private readonly isStopping: boolean;
  /** By type: many tasks of one page ask for the same. */
  private readonly known = new Map<string, Staff>();

  /** Takes in who is there. */
  constructor(consumers: readonly StaffMember[], isStopping: boolean) {
    this.consumers = consumers;
    this.isStopping = isStopping;
  }

  of(type: string): Staff {
    const known = this.known.get(type);
    if (known !== undefined) return known;
    const handling = this.consumers.filter((consumer) => handles(consumer, type));
    const taking = handling.filter(({ draining }) => !draining);
    const staff: Staff = {
      isStopping: this.isStopping,
      workers: countOf(this.consumers),
      handling: countOf(handling),
      taking: countOf(taking),
      room: taking.reduce((sum, consumer) => sum + roomOf(consumer), 0),
    };
    this.known.set(type, staff);
    return staff;
  }

  standingOf(workerId: string, type: string): ReservedWorker {
    const own = this.consumers.filter(({ id }) => id === workerId);
    if (own.length === 0) return "away";
    const handling = own.filter((consumer) => handles(consumer, type));
    if (handling.length === 0) return "other_types";
    const taking = handling.filter(({ draining }) => !draining);
    if (taking.length === 0) return "draining";
    return taking.some((consumer) => roomOf(consumer) > 0) ? "free" : "full";
  }
}

/** What takes part in a queue's sticky claims at other servers. @param here the consumers of this server: what is of their names has moved here */
export function slotsElsewhere(
  staff: readonly StaffMember[],
  { types, consumers }: { readonly types: TypeSet | null; readonly consumers: Iterable<Consumer> },
): SlotsElsewhere[] {
  if (staff.length === 0) return [];
  const here = new Set(Array.from(consumers, ({ id }) => id));
  return staff.flatMap((member) => {
    if (member.draining || roomOf(member) === 0 || here.has(member.id)) return [];
    const takes = member.types?.types ?? null;
    if (types !== null && takes !== null && !takes.some((type) => types.has(type))) return [];
    return { workerId: member.id, n: roomOf(member), types: takes };
  });
}

function handles({ types }: StaffMember, type: string): boolean {
  return types === null || types.has(type);
}

function roomOf({ capacity, load }: StaffMember): number {
  return Math.max(capacity - load, 0);
}

/** How many workers they are: one can wait in several calls. */
function countOf(consumers: readonly StaffMember[]): number {
  return new Set(consumers.map(({ id }) => id)).size;
}
