package com.sitq.client;

import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Where servers are. */
final class Address {
  static final String DEFAULT = "127.0.0.1:50051";
  private static final Pattern WEB = Pattern.compile("^(https?|grpcs?)://", Pattern.CASE_INSENSITIVE);
  private static final Pattern TARGET =
      Pattern.compile("^(dns|ipv[46]|unix|unix-abstract):|^[a-z][a-z0-9+.-]*:///", Pattern.CASE_INSENSITIVE);
  private static final Pattern RESOLVED = Pattern.compile("^(dns|ipv4|ipv6|passthrough):(//[^/]*/)?");
  private static final Pattern HOST_PORT = Pattern.compile("^(\\[[0-9a-fA-F:.%]+\\]|[^:\\[\\]/\\s]+):(\\d{1,5})$");

  private Address() {}

  /** Returns the addresses in {@code host:port,host:port}. */
  static List<String> all(String text) {
    List<String> all = List.of(text.split(",", -1));
    Set<String> known = new HashSet<>();
    for (String each : all) {
      if (all.size() > 1 && each.isBlank()) {
        throw Errors.invalid("address", "\"" + text + "\" has no address at place " + (known.size() + 1));
      }
      check(each);
      if (!known.add(each)) throw Errors.invalid("address", "\"" + each + "\" is given twice");
      if (!scheme(each).equals(scheme(all.get(0)))) {
        throw Errors.invalid("address",
            "\"" + all.get(0) + "\" and \"" + each + "\" are of two kinds: give all with one scheme, or none");
      }
    }
    return all;
  }

  /** Reports whether gRPC resolves an address by its scheme. */
  static boolean isTarget(String address) {
    return TARGET.matcher(address).find();
  }

  private static String scheme(String address) {
    return isTarget(address) ? address.substring(0, address.indexOf(':')) : "";
  }

  private static void check(String address) {
    Matcher web = WEB.matcher(address);
    if (web.find()) throw Errors.invalid("address", "\"" + address + "\": leave out " + web.group());
    if (isTarget(address)) return;
    Matcher parts = HOST_PORT.matcher(address);
    if (!parts.find() || Integer.parseInt(parts.group(2)) < 1 || Integer.parseInt(parts.group(2)) > 65_535) {
      throw Errors.invalid("address",
          "\"" + address + "\": expected HOST:PORT, such as 127.0.0.1:50051, an IPv6 host in brackets");
    }
  }

  /** Reports whether what is sent to an address stays on this machine. */
  static boolean staysHere(String address) {
    if (address.startsWith("unix")) return true;
    Matcher parts = HOST_PORT.matcher(RESOLVED.matcher(address).replaceFirst(""));
    if (!parts.find()) return false;
    String host = parts.group(1).toLowerCase(Locale.ROOT);
    return host.equals("localhost") || host.endsWith(".localhost") || host.equals("[::1]")
        || host.matches("127(\\.\\d{1,3}){3}");
  }
}
