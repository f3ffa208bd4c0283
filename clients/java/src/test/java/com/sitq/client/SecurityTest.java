package com.sitq.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.Status.Code;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class SecurityTest {
  @TempDir
  static Path directory;

  private static SecuredServer server;

  @BeforeAll
  static void start() throws Exception {
    server = SecuredServer.start(directory);
  }

  @AfterAll
  static void stop() {
    if (server != null) server.close();
  }

  private static Tls tls() {
    return Tls.trusting(directory.resolve("ca.pem"));
  }

  private static ConnectOptions options() {
    return new ConnectOptions().address(server.address()).tls(tls()).retryTimeout(Duration.ZERO);
  }

  private static Enqueued enqueue(ConnectOptions options) {
    try (SitqClient client = SitqClient.connect(options)) {
      return client.enqueue(NewTask.of("hello", "greet"));
    }
  }

  @Test
  void provesItselfByCertificateOrToken() {
    assertTrue(enqueue(options().tls(tls().showing(directory.resolve("client.pem"), directory.resolve("client-key.pem")))).created());
    assertTrue(enqueue(options().tokenFile(directory.resolve("token"))).created());
    assertTrue(enqueue(options().tokenFile(directory.resolve("token")).tls(tls().serverName("localhost"))).created());
  }

  @Test
  void saysWhyItIsRefused() {
    SitqException none = assertThrows(SitqException.class, () -> enqueue(options()));
    assertTrue(none.is(Reason.CREDENTIALS_REQUIRED));
    SitqException wrong = assertThrows(SitqException.class, () -> enqueue(options().token("wrong")));
    assertEquals(Code.UNAUTHENTICATED, wrong.code());
    SitqException missing = assertThrows(SitqException.class, () -> enqueue(options().tokenFile(directory.resolve("none"))));
    assertTrue(missing.is(Reason.TOKEN_UNAVAILABLE));
    SitqException untrusted =
        assertThrows(SitqException.class, () -> enqueue(options().tls(Tls.system()).tokenFile(directory.resolve("token"))));
    assertEquals(Code.UNAVAILABLE, untrusted.code());
    SitqException name = assertThrows(
        SitqException.class, () -> enqueue(options().tls(tls().serverName("other")).tokenFile(directory.resolve("token"))));
    assertEquals(Code.UNAVAILABLE, name.code());
  }

  @Test
  void givesUpSoonWhereTheTokenIsFarTooLarge() {
    ConnectOptions options = options().token("x".repeat(40_000)).retryTimeout(Duration.ofHours(1));
    SitqException refused = assertThrows(SitqException.class, () -> enqueue(options));
    assertEquals(Code.INTERNAL, refused.code());
    assertTrue(refused.getMessage().startsWith("the call's headers are too large"), refused.getMessage());
  }

  @Test
  void asksAgainForATokenThatIsRefused() throws IOException {
    String good = Files.readString(directory.resolve("token")).strip();
    AtomicInteger asked = new AtomicInteger();
    TokenSource source = () -> new Token(asked.incrementAndGet() == 1 ? "old" : good);
    try (SitqClient client = SitqClient.connect(options().tokenSource(source).retryTimeout(Duration.ofSeconds(30)))) {
      assertTrue(client.enqueue(NewTask.of("hello", "greet")).created());
      assertTrue(client.enqueue(NewTask.of("hello", "greet")).created());
    }
    assertEquals(2, asked.get());
  }

  @Test
  void readsReplacedCertificatesForTheNextConnection() throws IOException {
    Path ca = Files.copy(directory.resolve("ca.pem"), directory.resolve("replaced.pem"));
    TlsMaterial material = new TlsMaterial(Tls.trusting(ca), SitqClient.LOG);
    assertEquals(1, material.authorities().length);
    Files.writeString(ca, Files.readString(ca) + Files.readString(directory.resolve("client.pem")));
    assertEquals(2, material.authorities().length);
    Files.writeString(ca, "torn");
    assertEquals(2, material.authorities().length);
  }
}
