import type { Balancer, Candidate, DealingStrategy, Share } from "../../domain/balancing/balancing.ts";
import type { Consumer } from "./consumer.ts";

/** A consumer that takes as many as are to be claimed ahead of its room as well. */
interface Extended extends Candidate {
  readonly consumer: Consumer;
}

/**
 * Deals up to `n` tasks: to consumers that have room, and what is left to those for which tasks are claimed ahead. Where those that have room
 * need several claims, as their leases differ, nothing is dealt ahead: the first claim would take what the next one's consumers could begin.
 *
 * @param mayGetAhead whether tasks may be claimed ahead for a consumer. Default: for all
 */
export function dealTasks(
  balancer: Balancer,
  strategy: DealingStrategy,
  candidates: readonly Consumer[],
  n: number,
  mayGetAhead: (consumer: Consumer) => boolean = () => true,
): Share<Consumer>[] {
  const shares = balancer.deal(strategy, candidates, n);
  if (new Set(shares.map(({ candidate }) => candidate.leaseMs)).size > 1) return shares;
  const left = shares.reduce((rest, share) => rest - share.n, n);
  const dealt = (consumer: Consumer) =>
    shares.reduce((sum, { candidate, n: some }) => (candidate === consumer ? sum + some : sum), 0);
  if (left === 0) return shares;
  const extended = candidates.map((consumer): Extended => {
    const { id, capacity, weight, ahead } = consumer;
    const wanted = capacity === 0 ? 0 : (ahead?.wanted ?? 0);
    const load = consumer.load + dealt(consumer);
    const most = wanted > 0 && mayGetAhead(consumer) ? capacity + wanted : 0;
    return { consumer, id, capacity: most, load, weight: weight === 0 ? capacity : weight };
  });
  const more = balancer.deal(strategy, extended, left);
  return [...shares, ...more.map(({ candidate: { consumer }, n: some }) => ({ candidate: consumer, n: some }))];
}
