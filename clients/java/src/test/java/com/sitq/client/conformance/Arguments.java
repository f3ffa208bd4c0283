package com.sitq.client.conformance;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/** The command line: a mode, and options with a value each. */
record Arguments(String mode, Map<String, String> options) {
  private static final Set<String> KNOWN = Set.of(
      "address", "queue", "capacity", "worker-id", "grace", "count", "deadline", "tls-ca", "tls-cert", "tls-key", "token-file");

  /** Reads a command line; an {@link IllegalArgumentException} says what is wrong with it. */
  static Arguments parse(String[] args) {
    if (args.length == 0 || !Set.of("worker", "producer").contains(args[0])) {
      throw new IllegalArgumentException("the mode is worker or producer");
    }
    Map<String, String> options = new HashMap<>();
    for (int place = 1; place < args.length; place += 2) {
      String name = args[place].startsWith("--") ? args[place].substring(2) : "";
      if (!KNOWN.contains(name)) throw new IllegalArgumentException("there is no option " + args[place]);
      if (place + 1 == args.length) throw new IllegalArgumentException(args[place] + " needs a value");
      options.put(name, args[place + 1]);
    }
    Arguments made = new Arguments(args[0], options);
    made.text("address");
    made.text("queue");
    made.number(made.mode.equals("worker") ? "capacity" : "count", null);
    return made;
  }

  String text(String name) {
    if (!has(name)) throw new IllegalArgumentException("--" + name + " is required");
    return options.get(name);
  }

  boolean has(String name) {
    return options.containsKey(name);
  }

  /** Returns a number; without a default it is required. */
  double number(String name, Double otherwise) {
    if (!has(name) && otherwise != null) return otherwise;
    String text = text(name);
    try {
      return Double.parseDouble(text);
    } catch (NumberFormatException wrong) {
      throw new IllegalArgumentException("--" + name + " is a number, not " + text, wrong);
    }
  }
}
