package com.sitq.client;

import io.grpc.ChannelCredentials;
import io.grpc.TlsChannelCredentials;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.Collection;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedKeyManager;
import javax.net.ssl.X509ExtendedTrustManager;

/** The certificates of a client's connections: each handshake has what the files hold then. */
final class TlsMaterial {
  private static final Pattern KEY = Pattern.compile("-----BEGIN PRIVATE KEY-----([^-]+)-----END PRIVATE KEY-----");
  private static final String ALIAS = "client";

  private final Tls files;
  private final Logger log;
  private Read last;
  private String complaint = "";

  /** What the files held. */
  private record Read(X509ExtendedTrustManager trust, List<X509Certificate> chain, PrivateKey key) {}

  TlsMaterial(Tls files, Logger log) {
    this.files = files;
    this.log = log;
    try {
      this.last = read();
    } catch (IOException | GeneralSecurityException failure) {
      throw Errors.invalid("tls", failure.getMessage());
    }
  }

  ChannelCredentials credentials() {
    TlsChannelCredentials.Builder builder = TlsChannelCredentials.newBuilder().trustManager(new Trust());
    if (files.certificate() != null) builder.keyManager(new Keys());
    return builder.build();
  }

  /** Returns the authorities that may have signed the server's certificate. */
  X509Certificate[] authorities() {
    return current().trust().getAcceptedIssuers();
  }

  /** Returns what the files hold now; where that is not usable, what they held before. */
  private synchronized Read current() {
    try {
      last = read();
      complaint = "";
    } catch (IOException | GeneralSecurityException failure) {
      if (!complaint.equals(failure.getMessage())) {
        log.log(Level.WARNING, "going on with the last certificates: " + failure.getMessage());
      }
      complaint = String.valueOf(failure.getMessage());
    }
    return last;
  }

  private Read read() throws IOException, GeneralSecurityException {
    X509ExtendedTrustManager trust = trust(files.ca());
    if (files.certificate() == null) return new Read(trust, null, null);
    List<X509Certificate> chain =
        certificates(files.certificate()).stream().map(X509Certificate.class::cast).toList();
    return new Read(trust, chain, key(files.key()));
  }

  private static X509ExtendedTrustManager trust(Path ca) throws IOException, GeneralSecurityException {
    KeyStore roots = null;
    if (ca != null) {
      roots = KeyStore.getInstance(KeyStore.getDefaultType());
      roots.load(null, null);
      int number = 0;
      for (Certificate each : certificates(ca)) roots.setCertificateEntry("ca" + number++, each);
    }
    TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init(roots);
    for (TrustManager each : factory.getTrustManagers()) {
      if (each instanceof X509ExtendedTrustManager trust) return trust;
    }
    throw new CertificateException("Java has no X.509 trust manager");
  }

  private static Collection<? extends Certificate> certificates(Path file) throws IOException, CertificateException {
    CertificateFactory factory = CertificateFactory.getInstance("X.509");
    Collection<? extends Certificate> found =
        factory.generateCertificates(new ByteArrayInputStream(content(file).getBytes(StandardCharsets.UTF_8)));
    if (found.isEmpty()) throw new CertificateException(file + " holds no certificate in PEM");
    return found;
  }

  private static PrivateKey key(Path file) throws IOException, GeneralSecurityException {
    Matcher found = KEY.matcher(content(file));
    if (!found.find()) throw new GeneralSecurityException(file + " holds no private key in PEM as PKCS #8");
    PKCS8EncodedKeySpec spec = new PKCS8EncodedKeySpec(Base64.getMimeDecoder().decode(found.group(1)));
    GeneralSecurityException failure = null;
    for (String algorithm : new String[] {"EC", "RSA", "EdDSA"}) {
      try {
        return KeyFactory.getInstance(algorithm).generatePrivate(spec);
      } catch (GeneralSecurityException other) {
        failure = other;
      }
    }
    throw new GeneralSecurityException(file + " is not a usable key", failure);
  }

  private static String content(Path file) throws IOException {
    try {
      return Files.readString(file);
    } catch (IOException failure) {
      throw new IOException(file + " cannot be read: " + failure, failure);
    }
  }

  /** Trusts what the file of authorities holds at the handshake. */
  private final class Trust extends X509ExtendedTrustManager {
    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) throws CertificateException {
      current().trust().checkServerTrusted(chain, type, engine);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) throws CertificateException {
      current().trust().checkServerTrusted(chain, type, socket);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) throws CertificateException {
      current().trust().checkServerTrusted(chain, type);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) throws CertificateException {
      throw new CertificateException("no server runs here");
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) throws CertificateException {
      throw new CertificateException("no server runs here");
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) throws CertificateException {
      throw new CertificateException("no server runs here");
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return authorities();
    }
  }

  /** Shows the certificate that the files hold at the handshake. */
  private final class Keys extends X509ExtendedKeyManager {
    @Override
    public String chooseEngineClientAlias(String[] types, Principal[] issuers, SSLEngine engine) {
      return ALIAS;
    }

    @Override
    public String chooseClientAlias(String[] types, Principal[] issuers, Socket socket) {
      return ALIAS;
    }

    @Override
    public String[] getClientAliases(String type, Principal[] issuers) {
      return new String[] {ALIAS};
    }

    @Override
    public X509Certificate[] getCertificateChain(String alias) {
      return current().chain().toArray(new X509Certificate[0]);
    }

    @Override
    public PrivateKey getPrivateKey(String alias) {
      return current().key();
    }

    @Override
    public String[] getServerAliases(String type, Principal[] issuers) {
      return new String[0];
    }

    @Override
    public String chooseServerAlias(String type, Principal[] issuers, Socket socket) {
      return null;
    }
  }
}
