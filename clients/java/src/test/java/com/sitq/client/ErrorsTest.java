package com.sitq.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.Any;
import com.google.protobuf.Duration;
import com.google.rpc.BadRequest;
import com.google.rpc.ErrorInfo;
import com.google.rpc.RetryInfo;
import com.google.rpc.Status;
import io.grpc.Status.Code;
import io.grpc.protobuf.StatusProto;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ErrorsTest {
  private static final Pattern ROW = Pattern.compile("(?m)^\\| `([A-Z_]+)` \\| ([A-Z_]+) \\| .* \\| (yes|wait|later|no) \\| ");
  private static final Set<Reason> OWN = Set.of(Reason.CLOSED, Reason.TOKEN_UNAVAILABLE, Reason.SERVER_SILENT);

  @Test
  void hasEveryReasonWithItsCode() throws IOException {
    Set<String> listed = new TreeSet<>();
    Matcher row = ROW.matcher(page());
    while (row.find()) listed.add(row.group(1) + " " + row.group(2));
    Set<String> known = new TreeSet<>();
    for (Reason each : Reason.values()) if (!OWN.contains(each)) known.add(each.name() + " " + each.code());
    assertEquals(listed, known);
  }

  @Test
  void repeatsWhatThePageSaysAndNothingElse() throws IOException {
    Matcher sentence = Pattern.compile("(?s)The SDKs repeat by themselves.*?they throw").matcher(page());
    assertTrue(sentence.find());
    Matcher row = ROW.matcher(page());
    while (row.find()) {
      Reason reason = Reason.valueOf(row.group(1));
      // Only streams of workers meet it, and they are opened again whatever ends them.
      boolean isThrown = sentence.group().contains("`" + reason + "`") || reason == Reason.STREAM_REPLACED;
      boolean isRepeatable = Set.of("yes", "wait").contains(row.group(3));
      SitqException failure = new SitqException(reason.code(), reason.name(), "", null);
      assertEquals(isRepeatable && !isThrown, Errors.isRetryable(failure), reason.name());
    }
  }

  private static String page() throws IOException {
    return Files.readString(Path.of("../../docs/errors.md"));
  }

  @Test
  void readsTheDetails() {
    Status status = Status.newBuilder().setCode(Code.RESOURCE_EXHAUSTED.value()).setMessage("the queue is full")
        .addDetails(Any.pack(ErrorInfo.newBuilder().setReason("QUEUE_FULL").putMetadata("queue", "mails").build()))
        .addDetails(Any.pack(RetryInfo.newBuilder().setRetryDelay(Duration.newBuilder().setSeconds(1)).build()))
        .addDetails(Any.pack(BadRequest.newBuilder().addFieldViolations(BadRequest.FieldViolation.newBuilder()
            .setField("requests[3].task.queue").setReason("INVALID_FIELD").setDescription("is full")).build()))
        .addDetails(Any.newBuilder().setTypeUrl("type.googleapis.com/sitq.v99.Unknown"))
        .build();
    SitqException made = Errors.from(StatusProto.toStatusRuntimeException(status));
    assertEquals(Code.RESOURCE_EXHAUSTED, made.code());
    assertTrue(made.is(Reason.QUEUE_FULL));
    assertEquals("the queue is full", made.getMessage());
    assertEquals(Map.of("queue", "mails"), made.metadata());
    assertEquals(Optional.of(java.time.Duration.ofSeconds(1)), made.retryAfter());
    assertEquals("requests[3].task.queue", made.field());
    assertEquals("task.queue", Errors.ofItem(status).field());
    assertFalse(made.is(Reason.OVERLOADED));
  }

  @Test
  void keepsAReasonOfANewerServer() {
    Status status = Status.newBuilder().setCode(Code.ABORTED.value())
        .addDetails(Any.pack(ErrorInfo.newBuilder().setReason("TOO_NEW").build())).build();
    assertEquals("TOO_NEW", Errors.from(status, null).reason());
  }

  @Test
  void givesUpWhereTheConnectionHasNoRoomAgainAndAgain() {
    io.grpc.Status full = io.grpc.Status.RESOURCE_EXHAUSTED.withDescription("HTTP/2 error code: ENHANCE_YOUR_CALM\nBandwidth exhausted");
    SitqException noRoom = Errors.from(full.asRuntimeException());
    SitqException away = Errors.from(io.grpc.Status.UNAVAILABLE.asRuntimeException());
    HeadersJudge judge = new HeadersJudge();
    List<Boolean> inVain = Stream.of(noRoom, away, noRoom, noRoom, noRoom, noRoom, noRoom).map(judge::isInVain).toList();
    assertEquals(List.of(false, false, false, false, false, false, true), inVain);
  }
}
