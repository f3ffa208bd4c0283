package com.sitq.client;

import io.grpc.CallCredentials;
import io.grpc.Metadata;
import io.grpc.Status;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.Executor;

/** The token of a client, in the metadata of each call. */
final class Bearer extends CallCredentials {
  private static final Metadata.Key<String> AUTHORIZATION =
      Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);
  private static final Duration RENEW_BEFORE = Duration.ofSeconds(10);
  /** A failure of the source is the answer to other calls too: it is not asked by each of thousands. */
  private static final Duration FAILURE_LASTS = Duration.ofSeconds(1);
  /** A token that was asked for because of a refusal, and is refused itself within this time, is the source's last word. */
  private static final Duration REFUSED_AGAIN = Duration.ofSeconds(10);
  private static final Duration FILE_REREAD = Duration.ofMinutes(1);
  /** Begins the texts of failures of the source. */
  private static final String FAILURE = "no token: ";

  /** Null: the token is fixed. */
  private final TokenSource source;
  private String text;
  private String failure;
  private boolean isKnown;
  /** Null: it is not asked for before the server refuses it. */
  private Instant renewAt;
  private int version;
  private Instant refused = Instant.MIN;

  private Bearer(TokenSource source, String text) {
    this.source = source;
    this.text = text;
    this.isKnown = source == null;
  }

  static Bearer fixed(String text) {
    if (!isUsable(text)) throw Errors.invalid("token", "expected one word of printable ASCII");
    return new Bearer(null, text);
  }

  static Bearer from(TokenSource source) {
    return new Bearer(source, null);
  }

  /** A token in a file, which may be replaced. */
  static Bearer inFile(Path file, Logger log) {
    warnIfPublic(file, log);
    return new Bearer(() -> readFile(file), null);
  }

  private static Token readFile(Path file) throws Exception {
    try {
      String content = Files.readString(file).strip();
      if (content.isEmpty()) throw new IllegalStateException(file + " is empty");
      return new Token(content, Instant.now().plus(FILE_REREAD).plus(RENEW_BEFORE));
    } catch (NoSuchFileException missing) {
      throw new IllegalStateException(file + " does not exist", missing);
    }
  }

  private static void warnIfPublic(Path file, Logger log) {
    try {
      if (Files.getPosixFilePermissions(file).contains(PosixFilePermission.OTHERS_READ)) {
        log.log(Level.WARNING, "everybody on this machine can read " + file + ": chmod o-r it");
      }
    } catch (java.io.IOException | UnsupportedOperationException unknown) {
      // It is missing, which the first call says, or the system has no such permissions.
      return;
    }
  }

  @Override
  public void applyRequestMetadata(RequestInfo info, Executor executor, MetadataApplier applier) {
    executor.execute(() -> {
      try {
        Metadata headers = new Metadata();
        headers.put(AUTHORIZATION, "Bearer " + current());
        applier.apply(headers);
      } catch (RuntimeException failed) {
        applier.fail(Status.UNAVAILABLE.withDescription(failed.getMessage()).withCause(failed));
      }
    });
  }

  private synchronized String current() {
    if (!isKnown || (renewAt != null && !Instant.now().isBefore(renewAt))) ask();
    if (failure != null) throw new IllegalStateException(failure);
    return text;
  }

  private void ask() {
    isKnown = true;
    renewAt = null;
    failure = null;
    Instant now = Instant.now();
    try {
      Token token = source.get();
      if (!isUsable(token.text())) throw new IllegalStateException("expected one word of printable ASCII");
      text = token.text();
      if (token.expires() != null) {
        // A token that is nearly at its end is replaced once a second at most, not once a call.
        Instant due = token.expires().minus(RENEW_BEFORE);
        Instant earliest = now.plusSeconds(1);
        renewAt = due.isBefore(earliest) ? earliest : due;
      }
    } catch (Exception failed) {
      failure = FAILURE + failed.getMessage();
      renewAt = now.plus(FAILURE_LASTS);
    }
  }

  /** Returns the number of the token that calls carry now, for {@link #renews}. */
  synchronized int version() {
    return version;
  }

  /** Notes that the server refused the token with a number, and reports whether the next call carries another one. */
  synchronized boolean renews(int refusedVersion) {
    if (source == null) return false;
    if (refusedVersion != version) return true;
    Instant now = Instant.now();
    if (refused.isAfter(now.minus(REFUSED_AGAIN))) return false;
    refused = now;
    isKnown = false;
    version++;
    return true;
  }

  /** Reports whether a call failed since the source did. */
  static boolean isFailure(SitqException failure) {
    return String.valueOf(failure.getMessage()).startsWith(FAILURE);
  }

  private static boolean isUsable(String text) {
    return text != null && text.matches("[\\x21-\\x7e]+");
  }
}
