import type { Clock } from "../domain/clock.ts";
import type { Random } from "../domain/random.ts";
import { createService, type Service } from "../domain/service.ts";
import type { Member } from "./member.ts";

/** The places that PickInstance keeps for its callers. Each counts as load of its instance. */
export interface Reservations extends Service {
  /** Reserves a place for a principal; answers its id. It expires after `durationMs`. */
  reserve(member: Member, holder: string, durationMs: number): string;
  /** Gives a place back; answers whether it was reserved until now. */
  release(id: string): boolean;
  /** Which place is reserved, and for whom; `null`: there is no such reservation. */
  get(id: string): ReservedPlace | null;
  /** Forgets the places on a member: it stated its load, or is gone. */
  forget(member: Member): void;
}

/** A place that is reserved. */
export interface ReservedPlace {
  readonly serviceName: string;
  /** The name of the principal that has picked it; empty: authentication is off. */
  readonly holder: string;
}

interface Reservation {
  readonly member: Member;
  readonly holder: string;
  readonly endTimer: () => void;
}

/** Creates the reservations of a registry. Their ids are good for this process alone, as the reservations are. */
export function createReservations(clock: Clock, random: Random): Reservations {
  const reservations = new Map<string, Reservation>();
  const prefix = Math.floor(random() * 2 ** 48).toString(36);
  let count = 0;

  function release(id: string): boolean {
    const reservation = reservations.get(id);
    if (reservation === undefined) return false;
    reservations.delete(id);
    reservation.member.places.delete(id);
    reservation.endTimer();
    return true;
  }

  const service = createService({
    stop() {
      for (const { endTimer } of reservations.values()) endTimer();
      reservations.clear();
    },
  });

  return {
    ...service,

    reserve(member, holder, durationMs) {
      const id = `${prefix}-${(++count).toString(36)}`;
      reservations.set(id, { member, holder, endTimer: clock.after(durationMs, () => release(id)) });
      member.places.add(id);
      return id;
    },

    release,

    get(id) {
      const reservation = reservations.get(id);
      if (reservation === undefined) return null;
      return { serviceName: reservation.member.key.serviceName, holder: reservation.holder };
    },

    forget(member) {
      for (const id of [...member.places]) release(id);
    },
  };
}
