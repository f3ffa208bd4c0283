package com.sitq.client;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;

/** Makes ids and names. */
final class Ids {
  /**
   * When the process began, and a random part. With the counter behind it ids sort by the time they were made, so that the server's index
   * of them grows at its end: random ones cost it twice as much processor time an enqueue.
   */
  private static final String PREFIX = padded(System.currentTimeMillis(), 9) + "-" + random().substring(0, 8);
  private static final AtomicLong COUNT = new AtomicLong();

  private Ids() {}

  /** Makes the id of a request. */
  static String ofRequest() {
    return PREFIX + padded(COUNT.getAndIncrement(), 6);
  }

  /** Writes a number in base 36 with a width. */
  private static String padded(long number, int width) {
    String digits = Long.toString(number, 36);
    return "0".repeat(Math.max(0, width - digits.length())) + digits;
  }

  /** Makes a random id. */
  static String random() {
    return UUID.randomUUID().toString();
  }

  /** Makes a name that no other process has: of a service or the host, the process and a random part. */
  static String name(String service) {
    String name = (service.isEmpty() ? host() : service).replaceAll("[^a-zA-Z0-9._-]", "-");
    String start = name.substring(0, Math.min(name.length(), 60));
    return start + "-" + ProcessHandle.current().pid() + "-" + random().substring(0, 8);
  }

  private static String host() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException unnamed) {
      return "java";
    }
  }
}
