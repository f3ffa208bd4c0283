package com.sitq.client;

import com.sitq.client.testing.SitqServer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A server with TLS and authentication, with the client's files in a directory: ca.pem, client.pem, client-key.pem, token. */
final class SecuredServer implements AutoCloseable {
  private final SitqServer server;

  private SecuredServer(SitqServer server) {
    this.server = server;
  }

  static SecuredServer start(Path directory) throws IOException, InterruptedException {
    Path certificates = directory.resolve("certificates");
    sitq(new String[0], "tls", "init", certificates.toString(), "--client", "client");
    for (String name : List.of("ca.pem", "client.pem")) {
      Files.copy(certificates.resolve(name), directory.resolve(name));
    }
    Files.copy(certificates.resolve("client-key.pem"), directory.resolve("client-key.pem"));
    Path token = directory.resolve("bootstrap-token");
    SitqServer server = SitqServer.start(
        "--tls-cert", certificates.resolve("server.pem").toString(), "--tls-key", certificates.resolve("server-key.pem").toString(),
        "--tls-client-ca", certificates.resolve("ca.pem").toString(), "--tls-client-auth", "optional", "--auth", "on",
        "--bootstrap-token-file", token.toString());
    String[] admin = {"--address", server.address(), "--token-file", token.toString(), "--tls-ca",
        directory.resolve("ca.pem").toString()};
    sitq(admin, "principal", "create", "app", "--role", "producer", "--queues", "hello", "--cert-uri", "spiffe://sitq.local/client");
    sitq(admin, "token", "create", "app", "--out", directory.resolve("token").toString());
    return new SecuredServer(server);
  }

  String address() {
    return server.address();
  }

  /** Runs the command. */
  static void sitq(String[] options, String... args) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of(System.getenv().getOrDefault("SITQ_BIN", "sitq")));
    command.addAll(List.of(args));
    command.addAll(List.of(options));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (process.waitFor() != 0) throw new IOException(String.join(" ", command) + ": " + output);
  }

  @Override
  public void close() {
    server.close();
  }
}
