package com.sitq.client;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * The addresses of servers that share their data, in an order of its own, so that clients spread. The first is used until it is left, which
 * makes it the last. In a round each address is used once: then it is of no use to go on without a delay. Not thread-safe.
 */
final class Rotation {
  private final List<String> order;
  private int left;

  Rotation(List<String> addresses) {
    order = new ArrayList<>(addresses);
    Collections.shuffle(order);
  }

  /** Returns the addresses, from the one that is used. */
  List<String> order() {
    return List.copyOf(order);
  }

  String current() {
    return order.get(0);
  }

  String next() {
    return order.get(1);
  }

  /** Reports whether the next address was not used in this round. */
  boolean hasMore() {
    return left < order.size() - 1;
  }

  /** Uses the next address. */
  void leave() {
    left++;
    order.add(order.remove(0));
  }

  /** Passes over the next address. */
  void skip() {
    left++;
    order.add(order.remove(1));
  }

  /** Begins a round with the address that is used. */
  void beginRound() {
    left = 0;
  }
}
