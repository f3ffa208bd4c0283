package com.sitq.client;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.sitq.v1.Queue;
import com.sitq.v1.QueueStatistics;
import com.sitq.v1.Task;
import com.sitq.v1.UnhandledType;
import org.junit.jupiter.api.Test;

class WaitsTest {
  private static final Task TASK = Task.newBuilder().setQueue("mails").setType("send").build();

  private static String why(Queue.Builder queue, QueueStatistics.Builder statistics) {
    return Waits.why(TASK, queue.setName("mails").setStatistics(statistics).build());
  }

  @Test
  void saysWhyNoWorkerTakesATask() {
    QueueStatistics.Builder one = QueueStatistics.newBuilder().setWorkers(1);
    UnhandledType.Builder unhandled = UnhandledType.newBuilder().setType("send");
    assertEquals("the queue mails is paused", why(Queue.newBuilder().setPaused(true), one));
    assertEquals("no worker is on the queue mails", why(Queue.newBuilder(), QueueStatistics.newBuilder()));
    assertEquals("no worker on the queue mails handles send", why(Queue.newBuilder(), one.clone().addUnhandledTypes(unhandled)));
    assertEquals("", why(Queue.newBuilder(), one));
  }
}
