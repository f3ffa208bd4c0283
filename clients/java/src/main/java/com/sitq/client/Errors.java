package com.sitq.client;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.BadRequest;
import com.google.rpc.ErrorInfo;
import com.google.rpc.RetryInfo;
import io.grpc.Status;
import io.grpc.Status.Code;
import io.grpc.protobuf.StatusProto;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.regex.Pattern;

/** Makes typed errors of what gRPC reports. */
final class Errors {
  private static final Pattern PLACE = Pattern.compile("^requests\\[\\d+\\](\\.|$)");

  /** Refusals that end by themselves, soon. Others last as long as their cause does, as a full queue: the caller decides. */
  private static final Set<String> PASSING = Set.of(
      Reason.OVERLOADED.name(),
      Reason.TOO_MANY_CONNECTIONS.name(),
      Reason.TOO_MANY_FAILED_SIGN_INS.name(),
      Reason.TOO_MANY_IDLE_MESSAGES.name(),
      Reason.TOO_MANY_UNFINISHED_BYTES.name(),
      Reason.TOO_MANY_WATCHERS.name(),
      Reason.WATCH_TOO_SLOW.name());
  /**
   * How gRPC words that the server's HTTP/2 has refused a call before it looked at it: the connection has all the calls that it may
   * have, or the call's headers are far too large.
   */
  private static final String NO_ROOM = "Bandwidth exhausted";
  /** How Netty words that a call's headers are larger than the server takes. */
  private static final String LARGE_HEADERS = "Header size exceeded";

  private Errors() {}

  /** Makes the error of a failed call. */
  static SitqException from(Throwable failure) {
    Throwable cause = unwrapped(failure);
    if (cause instanceof SitqException known) return known;
    if (cause instanceof CancellationException) {
      return new SitqException(Code.CANCELLED, "", "the call was cancelled", cause);
    }
    com.google.rpc.Status details = StatusProto.fromThrowable(cause);
    Status status = Status.fromThrowable(cause);
    // Without trailers it is made of the status, which has more to say itself.
    if (details != null && details.getDetailsCount() > 0) return from(details, cause);
    String text = status.getDescription();
    if (status.getCause() != null && text == null) text = status.getCause().getMessage();
    if (text == null) text = status.getCode().name();
    if (status.getCode() == Code.RESOURCE_EXHAUSTED && text.contains(NO_ROOM)) return noRoom(cause);
    SitqException made = new SitqException(status.getCode(), "", text, cause);
    if (status.getCode() != Code.INTERNAL) return made;
    for (Throwable each = cause; each != null; each = each.getCause()) {
      if (String.valueOf(each.getMessage()).startsWith(LARGE_HEADERS)) return largeHeaders(each);
    }
    return made;
  }

  private static SitqException noRoom(Throwable cause) {
    String text = "the connection had no room for another call, or the call's headers are too large";
    SitqException made = new SitqException(Code.UNAVAILABLE, "", text, cause);
    made.hadNoRoom = true;
    return made;
  }

  private static SitqException largeHeaders(Throwable cause) {
    String text = "the call's headers are too large: " + cause.getMessage();
    SitqException made = new SitqException(Code.INTERNAL, "", text, cause);
    made.hasLargeHeaders = true;
    return made;
  }

  /** Makes the error of a status, as it stands in an item of a batch. */
  static SitqException from(com.google.rpc.Status status, Throwable cause) {
    String reason = "";
    Map<String, String> metadata = Map.of();
    List<Violation> violations = new ArrayList<>();
    Duration retryAfter = null;
    for (Any detail : status.getDetailsList()) {
      try {
        if (detail.is(ErrorInfo.class)) {
          ErrorInfo info = detail.unpack(ErrorInfo.class);
          reason = info.getReason();
          metadata = info.getMetadataMap();
        } else if (detail.is(BadRequest.class)) {
          for (BadRequest.FieldViolation each : detail.unpack(BadRequest.class).getFieldViolationsList()) {
            violations.add(new Violation(each.getField(), each.getReason(), each.getDescription()));
          }
        } else if (detail.is(RetryInfo.class)) {
          retryAfter = Protos.duration(detail.unpack(RetryInfo.class).getRetryDelay());
        }
      } catch (InvalidProtocolBufferException unreadable) {
        // The code and the text stand without the detail.
      }
    }
    Code code = Status.fromCodeValue(status.getCode()).getCode();
    return new SitqException(code, reason, status.getMessage(), violations, metadata, retryAfter, cause);
  }

  /** Makes the error of one item of a batch: its paths begin with the item's place, and are then as if it had come alone. */
  static SitqException ofItem(com.google.rpc.Status status) {
    SitqException made = from(status, null);
    List<Violation> own = made.violations().stream()
        .map(each -> new Violation(PLACE.matcher(each.field()).replaceFirst(""), each.reason(), each.message()))
        .toList();
    return new SitqException(
        made.code(), made.reason(), made.getMessage(), own, made.metadata(), made.retryAfter().orElse(null), null);
  }

  /** Makes the error of an argument that the client itself refuses. */
  static SitqException invalid(String field, String text) {
    Violation violation = new Violation(field, Reason.INVALID_FIELD.name(), text);
    return new SitqException(
        Code.INVALID_ARGUMENT, Reason.INVALID_FIELD.name(), field + ": " + text, List.of(violation), Map.of(), null, null);
  }

  static SitqException closed() {
    return new SitqException(Code.FAILED_PRECONDITION, Reason.CLOSED.name(), "the client is closed", null);
  }

  /** Returns what futures have wrapped. */
  static Throwable unwrapped(Throwable failure) {
    Throwable cause = failure;
    while ((cause instanceof CompletionException || cause instanceof ExecutionException) && cause.getCause() != null) {
      cause = cause.getCause();
    }
    return cause;
  }

  /**
   * Reports whether the failure does not depend on the request: the server was not reached, is stopping, has too much to do, or its
   * answer was lost; or it refused a token that is replaced.
   */
  static boolean isRetryable(SitqException failure) {
    if (failure.is(Reason.CLOSED)) return false;
    return failure.code() == Code.UNAVAILABLE || failure.code() == Code.DEADLINE_EXCEEDED
        || PASSING.contains(failure.reason()) || failure.renewsToken;
  }

  /** Reports whether the server refuses the caller's credentials or rights. */
  static boolean isDenied(SitqException failure) {
    if (failure.renewsToken) return false;
    return failure.code() == Code.UNAUTHENTICATED || failure.code() == Code.PERMISSION_DENIED;
  }

  /** Returns what the server takes in one message, 0 if it did not say; empty unless a message was too large. */
  static OptionalLong tooLarge(SitqException failure) {
    // A refusal without a reason is gRPC's own.
    boolean isTooLarge = failure.code() == Code.RESOURCE_EXHAUSTED
        && (failure.reason().isEmpty() || failure.is(Reason.MESSAGE_TOO_LARGE));
    if (!isTooLarge) return OptionalLong.empty();
    String said = failure.metadata().getOrDefault("max_bytes", "0");
    return OptionalLong.of(said.matches("\\d{1,18}") ? Long.parseLong(said) : 0);
  }
}
