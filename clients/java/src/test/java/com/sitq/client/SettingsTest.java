package com.sitq.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SettingsTest {
  private static Settings of(ConnectOptions options, Map<String, String> environment) {
    return Settings.of(options, environment, SitqClient.LOG);
  }

  private static String refusal(ConnectOptions options, Map<String, String> environment) {
    return assertThrows(SitqException.class, () -> of(options, environment)).getMessage();
  }

  @Test
  void readsTheEnvironmentWhereNothingIsSet() {
    assertEquals("127.0.0.1:50051", of(new ConnectOptions(), Map.of()).address());
    Settings settings = of(new ConnectOptions(), Map.of(
        "SITQ_ADDRESS", "sitq.internal:1", "SITQ_TLS_CA", "ca.pem", "SITQ_TLS_CLIENT_CERT", "a.pem", "SITQ_TLS_CLIENT_KEY", "a.key",
        "SITQ_TLS_SERVER_NAME", "sitq", "SITQ_TOKEN", "secret"));
    assertEquals("sitq.internal:1", settings.address());
    assertEquals(new Tls(Path.of("ca.pem"), Path.of("a.pem"), Path.of("a.key"), "sitq"), settings.tls());
    assertNotNull(settings.token());
    assertNull(of(new ConnectOptions().plaintext(), Map.of("SITQ_TLS", "true")).tls());
    assertEquals(Tls.system(), of(new ConnectOptions(), Map.of("SITQ_TLS", "true")).tls());
  }

  @Test
  void refusesWhatContradicts() {
    assertTrue(refusal(new ConnectOptions().token("a").tokenFile(Path.of("b")), Map.of()).contains("given twice"));
    assertTrue(refusal(new ConnectOptions(), Map.of("SITQ_TOKEN", "a", "SITQ_TOKEN_FILE", "b")).contains("both"));
    assertTrue(refusal(new ConnectOptions().tls(Tls.system()).plaintext(), Map.of()).contains("both"));
    assertTrue(refusal(new ConnectOptions(), Map.of("SITQ_TLS", "yes")).contains("true or false"));
    assertTrue(refusal(new ConnectOptions().token("two words"), Map.of()).contains("one word"));
    assertThrows(SitqException.class, () -> new Tls(null, Path.of("a.pem"), null, null));
  }

  @Test
  void sendsNoTokenInClearTextToAnotherMachine() {
    ConnectOptions options = new ConnectOptions().token("secret").address("sitq.internal:50051");
    assertTrue(refusal(options, Map.of()).contains("in clear text"));
    assertNotNull(of(options.insecure(), Map.of()).token());
    for (String address : List.of("localhost:1", "127.0.0.2:1", "[::1]:1", "dns:///localhost:1", "unix:/run/sitq.sock")) {
      assertNotNull(of(new ConnectOptions().token("secret").address(address), Map.of()).token(), address);
    }
  }

  @Test
  void refusesWhatIsNoAddress() {
    for (String address : List.of("localhost", "localhost:0", "localhost:99999", "http://localhost:1", "::1:50051", "")) {
      assertTrue(refusal(new ConnectOptions().address(address), Map.of()).startsWith("address: "), address);
    }
  }
}
