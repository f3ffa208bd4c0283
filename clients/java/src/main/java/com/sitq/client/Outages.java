package com.sitq.client;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;

/** Logs an outage once when it starts and once when it is over, for everything that calls the server. */
final class Outages {
  private final String address;
  private final Logger log;
  private long since;
  private boolean isOut;

  Outages(String address, Logger log) {
    this.address = address;
    this.log = log;
  }

  /** Follows the tries of one thing. */
  Tries follow(String name) {
    return new Tries(name);
  }

  private synchronized void begin(String name, SitqException failure) {
    if (isOut) return;
    isOut = true;
    since = System.nanoTime();
    log.log(Level.WARNING, name + " failed, trying again: " + failure.getMessage());
  }

  private synchronized void end() {
    if (!isOut) return;
    isOut = false;
    long seconds = Duration.ofNanos(System.nanoTime() - since).toSeconds();
    log.log(Level.WARNING, "reached " + address + " again after " + seconds + " s");
  }

  /** The tries of one thing. */
  final class Tries {
    private final String name;
    private String refusal = "";

    private Tries(String name) {
      this.name = name;
    }

    /** Notes that the server was not reached, or refused. */
    void failed(SitqException failure) {
      if (failure.reason().isEmpty()) {
        begin(name, failure);
      } else if (!refusal.equals(failure.reason())) {
        log.log(Level.WARNING, name + ": refused, trying again: " + failure.getMessage() + " (" + failure.reason() + ")");
        refusal = failure.reason();
      }
    }

    /** Notes that the server answered. */
    void reached() {
      refusal = "";
      end();
    }
  }
}
