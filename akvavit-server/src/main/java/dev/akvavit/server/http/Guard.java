package dev.akvavit.server.http;

import dev.akvavit.engine.CacheScope;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Who may call: the name that the client used for us, the page that sent it, and its key.
 *
 * <p>A Host passes when no stranger's DNS could answer to it: {@code localhost}, a literal loopback
 * address, a configured name; on an address other than loopback any literal address. An Origin
 * passes when it is listed, or is our own address under such a Host: a page of a rebound name has
 * that name as both.
 */
public final class Guard {
  private final boolean loopbackOnly;
  private final Set<String> hostNames;
  private final Set<String> corsOrigins;
  private final List<byte[]> keys; // SHA-256 each

  public Guard(
      boolean loopbackOnly, Set<String> hostNames, Set<String> corsOrigins, List<String> apiKeys) {
    this.loopbackOnly = loopbackOnly;
    this.hostNames = Set.copyOf(hostNames);
    this.corsOrigins = Set.copyOf(corsOrigins);
    keys = apiKeys.stream().map(Guard::sha256).toList();
  }

  /**
   * Refuses a Host that a stranger may own.
   *
   * @param hosts all values of the Host header
   */
  void requireHost(List<String> hosts) {
    if (hosts.size() != 1 || !passes(hosts.getFirst())) {
      throw ApiError.client(
          421,
          "unknown_host",
          "Host",
          "Host: this server does not answer to that name; allowed: localhost, a loopback address,"
              + " or a name given with --allow-host");
    }
  }

  private boolean passes(String host) {
    String name = withoutPort(host);
    if (name == null) {
      return false;
    }
    String lower = name.toLowerCase(Locale.ROOT);
    if (lower.equals("localhost") || hostNames.contains(lower)) {
      return true;
    }
    InetAddress address = literal(lower);
    return address != null
        && !address.isAnyLocalAddress()
        && (address.isLoopbackAddress() || !loopbackOnly);
  }

  private static @Nullable String withoutPort(String host) {
    int colon = host.startsWith("[") ? host.indexOf(':', host.indexOf(']')) : host.indexOf(':');
    if (colon < 0) {
      return host.isEmpty() ? null : host;
    }
    String port = host.substring(colon + 1);
    boolean number = !port.isEmpty() && port.length() <= 5 && port.chars().allMatch(Guard::digit);
    return number && colon > 0 ? host.substring(0, colon) : null;
  }

  private static boolean digit(int c) {
    return c >= '0' && c <= '9';
  }

  /** An address written as numbers; names are never looked up. */
  private static @Nullable InetAddress literal(String name) {
    try {
      if (name.startsWith("[") && name.endsWith("]") && name.indexOf('%') < 0) {
        return InetAddress.ofLiteral(name.substring(1, name.length() - 1));
      }
      boolean dotted = name.chars().allMatch(c -> digit(c) || c == '.');
      return dotted && name.chars().filter(c -> c == '.').count() == 3
          ? InetAddress.ofLiteral(name)
          : null;
    } catch (IllegalArgumentException e) {
      return null; // no address after all
    }
  }

  /** Refuses a page of another site; the origin that the answer may name for CORS, or null. */
  @Nullable String requireOrigin(List<String> origins, String host) {
    if (origins.isEmpty()) {
      return null;
    }
    String origin = origins.getFirst();
    if (origins.size() == 1) {
      if (corsOrigins.contains(origin)) {
        return origin;
      }
      if (origin.equalsIgnoreCase("http://" + host) || origin.equalsIgnoreCase("https://" + host)) {
        return null;
      }
    }
    throw ApiError.client(
        403,
        "foreign_origin",
        "Origin",
        "Origin: pages of that site may not call this server; allowed: its own page, or an origin"
            + " given with --cors-origin");
  }

  /**
   * The scope in which this caller's prompts are cached.
   *
   * @param authorization {@code Bearer KEY}, or {@code Basic} with the key as password, as browsers
   *     send it
   * @param apiKey the {@code x-api-key} header of Anthropic's clients
   * @throws ApiError when keys are asked for and none of them was shown
   */
  CacheScope requireKey(@Nullable String authorization, @Nullable String apiKey) {
    if (keys.isEmpty()) {
      return CacheScope.SHARED;
    }
    String shown = apiKey != null ? apiKey : shown(authorization);
    byte[] hash = sha256(shown);
    boolean known = false;
    for (byte[] key : keys) {
      known |= MessageDigest.isEqual(key, hash); // all of them, so that time tells nothing
    }
    if (!known) {
      throw ApiError.client(
          401,
          "invalid_api_key",
          null,
          shown.isEmpty()
              ? "no API key: send the header Authorization: Bearer KEY"
              : "the API key is not one of this server's");
    }
    return new CacheScope(HexFormat.of().formatHex(sha256("scope " + shown)));
  }

  private static String shown(@Nullable String authorization) {
    if (authorization == null) {
      return "";
    }
    if (authorization.regionMatches(true, 0, "Bearer ", 0, 7)) {
      return authorization.substring(7).strip();
    }
    if (authorization.regionMatches(true, 0, "Basic ", 0, 6)) {
      try {
        byte[] pair = Base64.getDecoder().decode(authorization.substring(6).strip());
        String text = new String(pair, StandardCharsets.UTF_8);
        return text.substring(text.indexOf(':') + 1);
      } catch (IllegalArgumentException e) {
        return "";
      }
    }
    return "";
  }

  private static byte[] sha256(String text) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  /** What people are told about it at the start. */
  public List<String> describe() {
    List<String> facts = new ArrayList<>();
    facts.add(keys.isEmpty() ? "no key asked for" : keys.size() + " API keys");
    corsOrigins.stream().sorted().forEach(origin -> facts.add("pages of " + origin + " may call"));
    return facts;
  }
}
