package com.sitq.client;

import java.nio.file.Path;

/**
 * How connections are encrypted. The files are PEM, and may be replaced at any time: each new connection has what they hold then.
 *
 * @param ca the authorities that may have signed the server's certificate; null: those of Java
 * @param certificate the client's certificate with its chain; null: none
 * @param key its key, PKCS #8; null: none
 * @param serverName the name that the server's certificate must be for; null: the host of the address
 */
public record Tls(Path ca, Path certificate, Path key, String serverName) {
  /** Refuses a certificate without its key. */
  public Tls {
    if ((certificate == null) != (key == null)) {
      throw Errors.invalid("tls", "a client certificate needs both: certificate and key");
    }
  }

  /** Trusts the authorities of Java. */
  public static Tls system() {
    return new Tls(null, null, null, null);
  }

  /** Trusts the authorities of a file. */
  public static Tls trusting(Path ca) {
    return new Tls(ca, null, null, null);
  }

  /** Shows a certificate too. */
  public Tls showing(Path certificate, Path key) {
    return new Tls(ca, certificate, key, serverName);
  }

  /** Expects the server's certificate to be for a name. */
  public Tls serverName(String name) {
    return new Tls(ca, certificate, key, name);
  }
}
