package com.sitq.client;

import java.time.Instant;

/**
 * What proves who the caller is, and until when.
 *
 * @param text the token
 * @param expires its end; ten seconds before, the source is asked again. Null: it is asked when the server refuses the token
 */
public record Token(String text, Instant expires) {
  /** Makes a token whose end is not known. */
  public Token(String text) {
    this(text, null);
  }
}
