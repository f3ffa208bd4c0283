package com.sitq.client;

import java.lang.System.Logger;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * What the options and the environment say together.
 *
 * @param address that of the server, or those of several, separated by commas
 * @param addresses one by one
 * @param tls null: in plaintext
 * @param token null: none
 */
record Settings(String address, List<String> addresses, Tls tls, Bearer token) {
  static Settings of(ConnectOptions options, Map<String, String> environment, Logger log) {
    String address = options.address;
    if (address == null) address = environment.getOrDefault("SITQ_ADDRESS", Address.DEFAULT);
    List<String> addresses = Address.all(address);
    Tls tls = tls(options, environment);
    Bearer token = token(options, environment, log);
    String elsewhere = addresses.stream().filter(each -> !Address.staysHere(each)).findFirst().orElse(null);
    if (token != null && tls == null && !options.isInsecure && elsewhere != null) {
      throw Errors.invalid("token", "a token is not sent to " + elsewhere
          + " in clear text; set tls, or insecure on a network that you trust");
    }
    return new Settings(address, addresses, tls, token);
  }

  private static Tls tls(ConnectOptions options, Map<String, String> environment) {
    if (options.tls != null && options.isPlaintext) throw Errors.invalid("tls", "tls and plaintext are both set");
    if (options.tls != null || options.isPlaintext) return options.tls;
    String on = environment.getOrDefault("SITQ_TLS", "");
    if (!on.isEmpty() && !on.equals("true") && !on.equals("false")) {
      throw Errors.invalid("tls", "SITQ_TLS is true or false, not " + on);
    }
    String name = environment.get("SITQ_TLS_SERVER_NAME");
    Tls files = new Tls(
        file(environment, "SITQ_TLS_CA"),
        file(environment, "SITQ_TLS_CLIENT_CERT"),
        file(environment, "SITQ_TLS_CLIENT_KEY"),
        name == null || name.isEmpty() ? null : name);
    boolean isGiven = !files.equals(Tls.system());
    return on.equals("true") || (on.isEmpty() && isGiven) ? files : null;
  }

  private static Path file(Map<String, String> environment, String name) {
    String file = environment.getOrDefault(name, "");
    return file.isEmpty() ? null : Path.of(file);
  }

  private static Bearer token(ConnectOptions options, Map<String, String> environment, Logger log) {
    long given = Stream.of(options.token, options.tokenFile, options.tokenSource).filter(each -> each != null).count();
    if (given > 1) throw Errors.invalid("token", "given twice: only one of token, tokenFile and tokenSource");
    if (options.tokenSource != null) return Bearer.from(options.tokenSource);
    String text = options.token;
    Path file = options.tokenFile;
    if (given == 0) {
      text = environment.getOrDefault("SITQ_TOKEN", "");
      file = file(environment, "SITQ_TOKEN_FILE");
      if (!text.isEmpty() && file != null) throw Errors.invalid("token", "both SITQ_TOKEN and SITQ_TOKEN_FILE are set");
      if (text.isEmpty()) text = null;
    }
    if (file != null) return Bearer.inFile(file, log);
    return text == null ? null : Bearer.fixed(text);
  }
}
