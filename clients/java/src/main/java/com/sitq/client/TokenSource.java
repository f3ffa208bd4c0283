package com.sitq.client;

/**
 * Provides the token that calls carry. It is asked for the first call, when the token is at its end, and when the server refuses it;
 * never by two threads at a time, and calls wait for its answer.
 */
@FunctionalInterface
public interface TokenSource {
  /** Returns the token. A failure fails the calls, which may be repeated. */
  Token get() throws Exception;
}
