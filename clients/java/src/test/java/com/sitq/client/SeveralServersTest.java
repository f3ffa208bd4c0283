package com.sitq.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sitq.client.testing.SitqServer;
import com.sitq.v1.AdminServiceGrpc;
import com.sitq.v1.GetServerInfoRequest;
import com.sitq.v1.GetTaskRequest;
import com.sitq.v1.ListWorkersRequest;
import com.sitq.v1.QueueServiceGrpc;
import com.sitq.v1.WorkerServiceGrpc;
import io.grpc.Status.Code;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(180)
class SeveralServersTest {
  private static String together(SitqServer... servers) {
    return Stream.of(servers).map(SitqServer::address).collect(Collectors.joining(","));
  }

  private static ConnectOptions options(String addresses) {
    return new ConnectOptions().address(addresses).plaintext();
  }

  private static boolean holds(SitqServer server, String taskId) {
    try (SitqClient client = server.connect()) {
      QueueServiceGrpc.newBlockingStub(client.channel()).getTask(GetTaskRequest.newBuilder().setTaskId(taskId).build());
      return true;
    } catch (RuntimeException failure) {
      assertTrue(SitqClient.errorOf(failure).is(Reason.TASK_NOT_FOUND), failure.getMessage());
      return false;
    }
  }

  private static boolean hasWorker(SitqServer server) {
    try (SitqClient client = server.connect()) {
      var request = ListWorkersRequest.getDefaultInstance();
      return WorkerServiceGrpc.newBlockingStub(client.channel()).listWorkers(request).getWorkersCount() > 0;
    }
  }

  /** Returns the address of a port on which nothing listens. */
  private static String deadAddress() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return "127.0.0.1:" + socket.getLocalPort();
    }
  }

  @Test
  void readsAddressesThatAreSeparatedByCommas() {
    assertEquals(List.of("a:1"), Address.all("a:1"));
    assertEquals(List.of("[::1]:1", "[2001:db8::7]:2", "a:3"), Address.all("[::1]:1,[2001:db8::7]:2,a:3"));
    assertEquals(List.of("dns:///a:1", "dns:///b:2"), Address.all("dns:///a:1,dns:///b:2"));
  }

  @Test
  void namesTheAddressThatIsNotUsable() {
    Map<String, String> problems = Map.of(
        "a:1,", "\"a:1,\" has no address at place 2",
        ",a:1", "\",a:1\" has no address at place 1",
        "a:1, ,b:1", "\"a:1, ,b:1\" has no address at place 2",
        "a:1,b", "\"b\": expected HOST:PORT",
        "a:1, b:2", "\" b:2\": expected HOST:PORT",
        "a:1,b:1,a:1", "\"a:1\" is given twice",
        "a:1,dns:///b:1", "\"a:1\" and \"dns:///b:1\" are of two kinds",
        "a:1,http://b:1", "\"http://b:1\": leave out http://");
    problems.forEach((text, problem) -> {
      for (var connect : List.<Runnable>of(
          () -> SitqClient.connect(text),
          () -> Settings.of(new ConnectOptions(), Map.of("SITQ_ADDRESS", text), SitqClient.LOG))) {
        SitqException refusal = assertThrows(SitqException.class, connect::run, text);
        assertTrue(refusal.getMessage().startsWith("address: " + problem), refusal.getMessage());
        assertEquals("address", refusal.field());
      }
    });
  }

  @Test
  void sendsNoTokenInClearTextToAnyOfThem() {
    SitqException refusal =
        assertThrows(SitqException.class, () -> SitqClient.connect(options("127.0.0.1:1,sitq.internal:1").token("x")));
    assertTrue(refusal.getMessage().contains("sitq.internal:1 in clear text"), refusal.getMessage());
  }

  @Test
  void spreadsAndTriesEachOnceInARound() {
    List<String> addresses = List.of("a:1", "b:1", "c:1");
    Set<String> first = new HashSet<>();
    for (int n = 0; n < 200; n++) first.add(new Rotation(addresses).current());
    assertEquals(Set.copyOf(addresses), first);
    Rotation rotation = new Rotation(addresses);
    Set<String> seen = new HashSet<>(Set.of(rotation.current()));
    while (rotation.hasMore()) {
      rotation.leave();
      seen.add(rotation.current());
    }
    assertEquals(Set.copyOf(addresses), seen);
    assertFalse(new Rotation(List.of("a:1")).hasMore());
  }

  @Test
  void callsGoToAServerThatCanBeReached() throws IOException {
    try (SitqServer first = SitqServer.start(); SitqServer second = SitqServer.start("--listen", "[::1]:0")) {
      assertTrue(second.address().startsWith("[::1]:"));
      try (SitqClient client = SitqClient.connect(options(together(first, second)))) {
        String id = client.enqueue(NewTask.of("several", "t")).id();
        boolean isFirst = holds(first, id);
        (isFirst ? first : second).kill();
        assertTrue(holds(isFirst ? second : first, client.enqueue(NewTask.of("several", "t")).id()));
        for (int n = 0; n < 6; n++) {
          String addresses = deadAddress() + "," + together(first, second);
          try (SitqClient other = SitqClient.connect(options(addresses).retryTimeout(Duration.ZERO))) {
            // By gRPC's own stub, and by the client.
            AdminServiceGrpc.newBlockingStub(other.channel()).getServerInfo(GetServerInfoRequest.getDefaultInstance());
            other.enqueue(NewTask.of("several", "t"));
          }
        }
      }
    }
    try (SitqClient client = SitqClient.connect(options(deadAddress() + "," + deadAddress()).retryTimeout(Duration.ZERO))) {
      SitqException away = assertThrows(SitqException.class, () -> client.enqueue(NewTask.of("several", "t")));
      assertEquals(Code.UNAVAILABLE, away.code());
    }
  }

  @Test
  void aWorkerGoesOnAtAnotherServer() {
    try (SitqServer first = SitqServer.start();
        SitqServer second = SitqServer.start();
        SitqClient client = SitqClient.connect(options(together(first, second)));
        Worker worker = client.worker("several").handle("double", Integer.class, (n, context) -> n * 2).start()) {
      worker.connected().join();
      for (int round = 0; round < 2; round++) {
        boolean isFirst = hasWorker(first);
        SitqServer used = isFirst ? first : second;
        try (SitqClient producer = used.connect()) {
          assertEquals(8, producer.call(NewTask.of("several", "double", 4), Integer.class));
        }
        used.kill();
        try (SitqClient producer = (isFirst ? second : first).connect()) {
          assertEquals(10, producer.call(NewTask.of("several", "double", 5), Integer.class));
        }
        used.restart();
      }
    }
  }

  @Test
  void theCertificateOfEachServerIsThatOfItsAddress(@TempDir Path directory) throws Exception {
    for (String name : List.of("ours", "theirs")) SecuredServer.sitq(new String[0], "tls", "init", directory.resolve(name).toString());
    ConnectOptions options = new ConnectOptions().tls(Tls.trusting(directory.resolve("ours/ca.pem")));
    try (SitqServer first = secured(directory.resolve("ours"), "127.0.0.1:0");
        SitqServer second = secured(directory.resolve("ours"), "localhost:0");
        SitqServer foreign = secured(directory.resolve("theirs"), "127.0.0.1:0")) {
      try (SitqClient client = SitqClient.connect(options.address(together(foreign, first, second)))) {
        client.enqueue(NewTask.of("several", "t"));
        first.kill();
        client.enqueue(NewTask.of("several", "t"));
      }
      second.kill();
      // What is left is not trusted, as if it were the only one.
      ConnectOptions once = options.address(together(foreign, first, second)).retryTimeout(Duration.ZERO);
      try (SitqClient client = SitqClient.connect(once)) {
        assertEquals(Code.UNAVAILABLE, assertThrows(SitqException.class, () -> client.enqueue(NewTask.of("several", "t"))).code());
      }
    }
  }

  private static SitqServer secured(Path files, String listen) {
    return SitqServer.start("--listen", listen, "--tls-cert", files.resolve("server.pem").toString(), "--tls-key",
        files.resolve("server-key.pem").toString());
  }
}
