import type { Balancer, Candidate, DealingStrategy, Share } from "../../domain/balancing/balancing.ts";
import type { Consumer } from "./consumer.ts";

/** A consumer that takes as many as are to be claimed ahead of its room as well. */
interface Extended extends Candidate {
  readonly consumer: Consumer;
}

/** Deals up to `n` tasks: to consumers that have room, and what is left to those for which tasks are claimed ahead. */
export function dealTasks(
  balancer: Balancer,
  strategy: DealingStrategy,
  candidates: readonly Consumer[],
  n: number,
): Share<Consumer>[] {
  const shares = balancer.deal(strategy, candidates, n);
  const left = shares.reduce((rest, share) => rest - share.n, n);
  const dealt = (consumer: Consumer) =>
    shares.reduce((sum, { candidate, n: some }) => (candidate === consumer ? sum + some : sum), 0);
  const extended = (left === 0 ? [] : candidates).flatMap((consumer): Extended[] => {
    const { id, capacity, weight, ahead } = consumer;
    const wanted = capacity === 0 ? 0 : (ahead?.wanted ?? 0);
    if (wanted === 0) return [];
    const load = consumer.load + dealt(consumer);
    return [{ consumer, id, capacity: capacity + wanted, load, weight: weight === 0 ? capacity : weight }];
  });
  const more = balancer.deal(strategy, extended, left);
  return [...shares, ...more.map(({ candidate: { consumer }, n: some }) => ({ candidate: consumer, n: some }))];
}
