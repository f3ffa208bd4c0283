package com.sitq.client.orca;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Counts the calls of a server. Its means forget exponentially, all alike: of a client that divides one by another they are right from
 * the first call on, however short the calls and however rarely they are read.
 */
final class CallMeter {
  /** How long a call counts, in seconds: after so long to 37 %, after thrice as long to 5 %. */
  private static final double MEMORY_SECONDS = 5;

  /**
   * The means of now.
   *
   * @param underWay how many calls were under way at a time
   * @param perSecond how many began in a second
   * @param failedPerSecond how many failed in a second
   */
  record Rates(double underWay, double perSecond, double failedPerSecond) {}

  private final LongSupplier clock;
  private int underWay;
  private double meanUnderWay;
  private double begun;
  private double failed;
  private long asOfNanos;

  /** Its clock is {@link System#nanoTime}, but in tests. */
  CallMeter(LongSupplier clock) {
    this.clock = clock;
    this.asOfNanos = clock.getAsLong();
  }

  synchronized int underWay() {
    return underWay;
  }

  synchronized void begin() {
    forget();
    underWay++;
    begun++;
  }

  synchronized void end(boolean hasFailed) {
    forget();
    underWay--;
    if (hasFailed) failed++;
  }

  synchronized Rates read() {
    forget();
    return new Rates(meanUnderWay, begun / MEMORY_SECONDS, failed / MEMORY_SECONDS);
  }

  /** Brings the means to now. */
  private void forget() {
    long nanos = clock.getAsLong();
    double kept = Math.exp(-(nanos - asOfNanos) / (MEMORY_SECONDS * TimeUnit.SECONDS.toNanos(1)));
    asOfNanos = nanos;
    meanUnderWay = underWay + (meanUnderWay - underWay) * kept;
    begun *= kept;
    failed *= kept;
  }
}
