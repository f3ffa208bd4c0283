package com.sitq.client;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Path;
import java.time.Duration;

/** How a client reaches its server. What is not set is a server on this machine, or what the environment names. */
public final class ConnectOptions {
  String address;
  String service = "";
  Tls tls;
  boolean isPlaintext;
  String token;
  Path tokenFile;
  TokenSource tokenSource;
  boolean isInsecure;
  Duration retryTimeout = Duration.ofSeconds(30);
  Duration callTimeout = Duration.ofSeconds(10);
  ObjectMapper mapper;
  Tracing tracing;

  /** Creates the options of a server on this machine, or of what the environment names. */
  public ConnectOptions() {}

  /**
   * Sets where the server is: {@code host:port}, or a target that gRPC resolves, such as {@code dns:///sitq.internal:50051}. Several
   * servers that share their data are separated by commas, {@code a:50051,b:50051}: one is used, and another one once it is out of reach
   * or stops. Default: SITQ_ADDRESS, or {@code 127.0.0.1:50051}.
   */
  public ConnectOptions address(String address) {
    this.address = address;
    return this;
  }

  /** Sets the service that this process is part of: the source of its tasks, the service of its workers. Default: none. */
  public ConnectOptions service(String service) {
    this.service = service;
    return this;
  }

  /**
   * Encrypts. Default: as SITQ_TLS_CA, SITQ_TLS_CLIENT_CERT, SITQ_TLS_CLIENT_KEY, SITQ_TLS_SERVER_NAME and SITQ_TLS=true say.
   */
  public ConnectOptions tls(Tls tls) {
    this.tls = tls;
    return this;
  }

  /** Does not encrypt, whatever the environment says. */
  public ConnectOptions plaintext() {
    this.isPlaintext = true;
    return this;
  }

  /** Sets the token of each call. Default: SITQ_TOKEN, or the file SITQ_TOKEN_FILE. */
  public ConnectOptions token(String token) {
    this.token = token;
    return this;
  }

  /**
   * Sets the file of the token, in place of the token. It may be replaced: it is read again each minute, and when the server refuses the
   * token.
   */
  public ConnectOptions tokenFile(Path file) {
    this.tokenFile = file;
    return this;
  }

  /** Sets what provides the token, in place of the token. */
  public ConnectOptions tokenSource(TokenSource source) {
    this.tokenSource = source;
    return this;
  }

  /** Sends the token in clear text to another machine too. Default: {@link SitqClient#connect} refuses that. */
  public ConnectOptions insecure() {
    this.isInsecure = true;
    return this;
  }

  /**
   * Sets for how long a call is repeated when the server is out of reach or its answer is lost; a repeat makes nothing twice. Default
   * 30 s; zero: not at all.
   */
  public ConnectOptions retryTimeout(Duration timeout) {
    this.retryTimeout = timeout;
    return this;
  }

  /** Sets how long the server may be silent before a call is repeated. Default 10 s. */
  public ConnectOptions callTimeout(Duration timeout) {
    this.callTimeout = timeout;
    return this;
  }

  /** Sets what makes spans, and passes traces on. Default: nothing does. {@code com.sitq.client.otel} has one for OpenTelemetry. */
  public ConnectOptions tracing(Tracing tracing) {
    this.tracing = tracing;
    return this;
  }

  /**
   * Sets what reads and writes JSON. Default: {@link SitqClient#defaultMapper}, which ignores unknown members, and refuses a missing or
   * fractional number where a whole one is expected.
   */
  public ConnectOptions mapper(ObjectMapper mapper) {
    this.mapper = mapper;
    return this;
  }
}
