import type { Clock } from "../../../src/domain/clock.ts";
import type { Store } from "../../../src/store/store.ts";
import { createCondition } from "../condition.ts";
import type { FakeClock } from "../fake-clock.ts";

/** The time of the database of one server. */
export interface TimeOfTests {
  /** Lets the database that servers share have the time of the fake clock: one server has it from there, and that of a real one cannot be set. */
  wrap(store: Store): Store;
  /** Resolves once the server has looked at the database since the fake clock was set off; at once where it lives by its own clock. */
  seen(): Promise<void>;
}

/** Creates it; without a fake clock the database has its own time. */
export function createTimeOfTests(clock: Clock | FakeClock | undefined): TimeOfTests {
  if (clock === undefined || !("advance" in clock)) return { wrap: (store) => store, seen: async () => undefined };
  const looked = createCondition();
  const offMs = () => clock.now() - clock.monotonic();
  let isShared = false;
  let seenMs = 0;
  return {
    wrap(store) {
      const { cluster } = store;
      if (cluster === null) return store;
      isShared = true;
      const renew = async () => {
        const renewal = await cluster.renew();
        const shownMs = offMs();
        // The server comes first.
        setImmediate(() => {
          seenMs = shownMs;
          looked.changed();
        });
        return { ...renewal, nowMs: clock.now() };
      };
      return { ...store, cluster: { ...cluster, clockGapMs: 0, renew } };
    },
    async seen() {
      if (!isShared || seenMs === offMs()) return;
      await looked.until(() => seenMs === offMs(), "the server looked at the database's clock");
    },
  };
}
