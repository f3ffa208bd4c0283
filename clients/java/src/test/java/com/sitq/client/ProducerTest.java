package com.sitq.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sitq.client.testing.SitqExtension;
import com.sitq.client.testing.SitqServer;
import com.sitq.v1.DuplicatePolicy;
import io.grpc.Status.Code;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(SitqExtension.class)
@Timeout(120)
class ProducerTest {
  @Test
  void gathersWhatIsEnqueuedAtOnce(SitqClient client) {
    List<CompletableFuture<Enqueued>> all = new ArrayList<>();
    for (int n = 0; n < 2000; n++) all.add(client.enqueueAsync(NewTask.of("many", "count", Map.of("n", n))));
    Set<String> ids = new HashSet<>();
    for (CompletableFuture<Enqueued> each : all) ids.add(each.join().id());
    assertEquals(2000, ids.size());
  }

  @Test
  void makesNoSecondTask(SitqClient client) {
    NewTask task = NewTask.of("once", "mail", Map.of("to", "Ada")).requestId("order-1");
    Enqueued first = client.enqueue(task);
    Enqueued again = client.enqueue(task);
    assertTrue(first.created());
    assertFalse(again.created());
    assertEquals(first.id(), again.id());
    SitqException reused = assertThrows(SitqException.class,
        () -> client.enqueue(NewTask.of("once", "mail", Map.of("to", "Eve")).requestId("order-1")));
    assertTrue(reused.is(Reason.REQUEST_ID_REUSED));
    assertEquals(Code.ALREADY_EXISTS, reused.code());
  }

  @Test
  void namesWhatIsRefused(SitqClient client) {
    SitqException one = assertThrows(SitqException.class, () -> client.enqueue(NewTask.of("bad queue", "mail")));
    assertTrue(one.is(Reason.INVALID_FIELD));
    assertEquals("task.queue", one.field());
    List<EnqueueResult> all = client.enqueueAll(List.of(NewTask.of("good", "mail"), NewTask.of("bad queue", "mail")));
    assertTrue(all.get(0).isStored());
    assertEquals("task.queue", all.get(1).error().field());
    List<EnqueueResult> none = client.enqueueAtomic(List.of(NewTask.of("good", "mail"), NewTask.of("bad queue", "mail")));
    assertTrue(none.get(0).error().is(Reason.BATCH_REFUSED));
    SitqException digits =
        assertThrows(SitqException.class, () -> client.enqueue(NewTask.of("good", "mail", Map.of("id", (1L << 53) + 1))));
    assertEquals("task.payload: payload.id: 9007199254740993 is beyond 2^53: carry it as text", digits.getMessage());
    List<NewTask> unfit = List.of(NewTask.of("good", "mail"), NewTask.of("good", "mail", Double.NaN));
    assertEquals("requests[1].task.payload", assertThrows(SitqException.class, () -> client.enqueueAll(unfit)).field());
  }

  @Test
  void refusesDuplicates(SitqClient client) {
    NewTask task = NewTask.of("keys", "mail").deduplicationKey("daily").duplicatePolicy(DuplicatePolicy.DUPLICATE_POLICY_REFUSE);
    assertTrue(client.enqueue(task).created());
    assertTrue(assertThrows(SitqException.class, () -> client.enqueue(task)).is(Reason.DUPLICATE_TASK));
  }

  @Test
  void saysThatNoServerIsThere() {
    try (SitqServer server = SitqServer.start()) {
      server.kill();
      try (SitqClient client = SitqClient.connect(server.options().retryTimeout(Duration.ZERO))) {
        SitqException failure = assertThrows(SitqException.class, () -> client.enqueue(NewTask.of("good", "mail")));
        assertEquals(Code.UNAVAILABLE, failure.code());
        assertTrue(failure.getMessage().startsWith("cannot reach " + server.address()), failure.getMessage());
      }
    }
  }

  @Test
  void failsWhatIsOpenWhenItIsClosed(SitqClient client) {
    Enqueued task = client.enqueue(NewTask.of("never", "mail"));
    CompletableFuture<Object> wait = client.awaitAsync(task.id(), Object.class);
    client.close();
    assertTrue(SitqClient.errorOf(assertThrows(Exception.class, wait::join)).is(Reason.CLOSED));
    assertTrue(assertThrows(SitqException.class, () -> client.enqueue(NewTask.of("never", "mail"))).is(Reason.CLOSED));
  }
}
