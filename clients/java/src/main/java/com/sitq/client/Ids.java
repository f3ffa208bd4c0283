package com.sitq.client;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.UUID;

/** Makes ids and names. */
final class Ids {
  private Ids() {}

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
