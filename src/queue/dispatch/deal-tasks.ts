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
  const left = shares.reduce((rest, share) => rest - share.n, n);
  const wantsMore = ({ capacity, ahead }: Consumer) => capacity > 0 && ahead !== null && ahead.wanted > 0;
  // Nearly always, where tasks are not short.
  if (left === 0 || !candidates.some(wantsMore)) return shares;
  if (new Set(shares.map(({ candidate }) => candidate.leaseMs)).size > 1) return shares;
  const dealt = new Map<Consumer, number>();
  for (const { candidate, n: some } of shares) dealt.set(candidate, (dealt.get(candidate) ?? 0) + some);
  // All of them, so that turns are counted as they are taken back.
  const extended = candidates.map((consumer): Extended => {
    const { id, capacity, weight, ahead } = consumer;
    const most = wantsMore(consumer) && mayGetAhead(consumer) ? capacity + (ahead?.wanted ?? 0) : 0;
    const load = consumer.load + (dealt.get(consumer) ?? 0);
    return { consumer, id, capacity: most, load, weight: weight === 0 ? capacity : weight };
  });
  const more = balancer.deal(strategy, extended, left);
  return [...shares, ...more.map(({ candidate: { consumer }, n: some }) => ({ candidate: consumer, n: some }))];
}
