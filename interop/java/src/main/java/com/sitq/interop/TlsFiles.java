package com.sitq.interop;

import io.grpc.ChannelCredentials;
import io.grpc.TlsChannelCredentials;
import io.grpc.xds.XdsCredentialsProvider;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;

/**
 * The channel_creds of the type "tls" in a bootstrap file, with the files that it names (gRFC A65). The one of grpc-xds 1.85.1 overlooks
 * them, and trusts the authorities of the JVM alone. It is found by META-INF/services/io.grpc.xds.XdsCredentialsProvider.
 */
public final class TlsFiles extends XdsCredentialsProvider {
  @Override
  protected ChannelCredentials newChannelCredentials(Map<String, ?> config) {
    try {
      var tls = TlsChannelCredentials.newBuilder();
      if (config.get("ca_certificate_file") instanceof String authority) {
        tls.trustManager(new File(authority));
      }
      if (config.get("certificate_file") instanceof String certificate) {
        tls.keyManager(new File(certificate), new File((String) config.get("private_key_file")));
      }
      return tls.build();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  protected String getName() {
    return "tls";
  }

  @Override
  public boolean isAvailable() {
    return true;
  }

  /** Above the 5 of the library's own. */
  @Override
  public int priority() {
    return 6;
  }
}
