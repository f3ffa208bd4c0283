package com.sitq.client;

import io.grpc.Status;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A call, or one item of a batch, that did not succeed. */
public class SitqException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final Status.Code code;
  private final String reason;
  private final transient List<Violation> violations;
  private final transient Map<String, String> metadata;
  private final Duration retryAfter;
  /** The server refused the token, and the next call carries another one. */
  boolean renewsToken;
  /** The connection had no room for the call, or its headers are too large: HTTP/2 says both in the same words. */
  boolean hadNoRoom;
  /** The call's headers are larger than the server takes, and were not sent. */
  boolean hasLargeHeaders;

  SitqException(
      Status.Code code,
      String reason,
      String message,
      List<Violation> violations,
      Map<String, String> metadata,
      Duration retryAfter,
      Throwable cause) {
    super(message, cause);
    this.code = code;
    this.reason = reason;
    this.violations = List.copyOf(violations);
    this.metadata = Map.copyOf(metadata);
    this.retryAfter = retryAfter;
  }

  SitqException(Status.Code code, String reason, String message, Throwable cause) {
    this(code, reason, message, List.of(), Map.of(), null, cause);
  }

  /** Returns the canonical gRPC code. */
  public final Status.Code code() {
    return code;
  }

  /** Returns the stable cause by its name, also one that {@link Reason} does not have. Empty: no sitq server answered. */
  public final String reason() {
    return reason;
  }

  /** Reports whether a reason is the cause. */
  public final boolean is(Reason reason) {
    return this.reason.equals(reason.name());
  }

  /** Returns the path of the field at fault: {@code task.queue}. Empty: none was named. */
  public final String field() {
    return violations().isEmpty() ? "" : violations().get(0).field();
  }

  /** Returns all fields at fault. */
  public final List<Violation> violations() {
    return violations == null ? List.of() : violations;
  }

  /** Returns facts for programs. */
  public final Map<String, String> metadata() {
    return metadata == null ? Map.of() : metadata;
  }

  /** Returns when trying again may help, if the server said so. */
  public final Optional<Duration> retryAfter() {
    return Optional.ofNullable(retryAfter);
  }

  /** Makes the same error with the stack of the calling thread, and this as its cause. */
  SitqException here() {
    return new SitqException(code, reason, getMessage(), violations(), metadata(), retryAfter, this);
  }
}
