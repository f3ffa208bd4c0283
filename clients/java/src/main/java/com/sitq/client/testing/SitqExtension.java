package com.sitq.client.testing;

import com.sitq.client.SitqClient;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Starts a real server for a class of tests, and gives its methods a {@link SitqServer} and a {@link SitqClient} as parameters.
 *
 * <pre>{@code
 * @ExtendWith(SitqExtension.class)
 * class OrdersTest {
 *   @Test
 *   void ships(SitqClient client) { ... }
 * }
 * }</pre>
 *
 * <p>With arguments of {@code sitq serve}: {@code @RegisterExtension static SitqExtension sitq = new SitqExtension("--log-level", "debug")}.
 * Each test has a client of its own, which is closed behind it. Tests share the server: give each a queue of its own.
 */
public final class SitqExtension implements BeforeAllCallback, AfterAllCallback, AfterEachCallback, ParameterResolver {
  private final String[] args;
  private SitqServer server;
  private SitqClient client;

  /** Starts servers without further arguments. */
  public SitqExtension() {
    this(new String[0]);
  }

  /** Starts servers with further arguments of {@code sitq serve}. */
  public SitqExtension(String... args) {
    this.args = args.clone();
  }

  /** Returns the server of the running class. */
  public SitqServer server() {
    return server;
  }

  @Override
  public void beforeAll(ExtensionContext context) {
    server = SitqServer.start(args);
  }

  @Override
  public void afterAll(ExtensionContext context) {
    if (server != null) server.close();
    server = null;
  }

  @Override
  public void afterEach(ExtensionContext context) {
    if (client != null) client.close();
    client = null;
  }

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    Class<?> type = parameter.getParameter().getType();
    return type == SitqServer.class || type == SitqClient.class;
  }

  @Override
  public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
    if (parameter.getParameter().getType() == SitqServer.class) return server;
    if (client == null) client = server.connect();
    return client;
  }
}
