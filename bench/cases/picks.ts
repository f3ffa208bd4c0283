import { BalancingStrategy, connect } from "../../src/client/index.ts";
import type { Case, Figure } from "../case.ts";
import { startCpuTime } from "../measure/cpu-time.ts";
import { measureInFlight, paceOf } from "../measure/in-flight.ts";

const instances = 1_000;
/** Short enough that a round does not fill the service. */
const reservationDuration = { seconds: 1n, nanos: 0 };

/** Picks among many instances: each is a unary call that reserves a place. */
export const picks: Case = {
  name: "picks",
  what: `PickInstance by least_loaded among ${instances} instances, each reserving a place, 64 in flight`,
  server: "sitq",
  ceilings: [{ name: "echo" }],
  async run({ address, serverPid, quick, say }, rounds) {
    const client = connect({ address });
    const serviceName = "bench";
    for (let number = 0; number < instances; number++) {
      const instanceId = `instance-${number}`;
      await client.registry.registerInstance({
        serviceName,
        instanceId,
        address: `127.0.0.1:${10_000 + number}`,
        capacity: 100 + (number % 50),
        ttl: { seconds: 3_600n, nanos: 0 },
      });
      if (number % 250 === 249) say(`${number + 1} instances are registered`);
    }
    const pick = () =>
      client.registry.pickInstance({ serviceName, strategy: BalancingStrategy.LEAST_LOADED, reservationDuration });
    const costs: Figure[][] = [];
    const rates = await measureInFlight(64, pick, rounds, paceOf(quick), () => {
      const spent = startCpuTime(serverPid);
      return (calls) => void costs.push(spent(calls));
    });
    client.close();
    return rates.map((value, round) => [{ name: "rate", unit: "calls/s", value }, ...(costs[round] ?? [])]);
  },
};
