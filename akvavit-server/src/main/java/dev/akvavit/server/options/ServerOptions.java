package dev.akvavit.server.options;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/**
 * How a server is run. Start from {@link #of} and change what matters.
 *
 * @param models what requests may name; the first is what they get when they name none
 * @param host the address to bind
 * @param port 0 for any that is free
 * @param apiKeys any of them opens every route; with none every caller may use all
 * @param withoutKey whether another address than loopback may be bound without a key
 * @param hostNames further names by which clients may call this server
 * @param corsOrigins pages of these origins may call it from a browser
 * @param memory bytes of weights and caches that may be open together
 * @param heartbeat longest silence of a stream
 * @param deadline longest time an answer may take
 * @param drain longest time that draining waits for running answers
 * @param vllmMetrics whether metrics appear under vLLM's names too
 * @param limits bounds on connections
 * @param accessLog gets one line of JSON for each request
 * @param log gets what the server has to say of itself
 */
public record ServerOptions(
    List<ModelSource> models,
    String host,
    int port,
    List<String> apiKeys,
    boolean withoutKey,
    Set<String> hostNames,
    Set<String> corsOrigins,
    long memory,
    Duration heartbeat,
    Duration deadline,
    Duration drain,
    boolean vllmMetrics,
    HttpLimits limits,
    Consumer<String> accessLog,
    Consumer<String> log) {

  public ServerOptions {
    models = List.copyOf(models);
    apiKeys = List.copyOf(apiKeys);
    hostNames = Set.copyOf(hostNames);
    corsOrigins = Set.copyOf(corsOrigins);
    require(port >= 0 && port <= 65535, "port", port, "0 (any that is free)..65535");
    require(!heartbeat.isNegative() && !heartbeat.isZero(), "heartbeat", heartbeat, "above 0");
    require(!deadline.isNegative() && !deadline.isZero(), "deadline", deadline, "above 0");
    for (String key : apiKeys) {
      require(key.length() >= 8, "api-key", "one of " + key.length() + " characters", "8 or more");
    }
    require(
        isLoopback(host) || !apiKeys.isEmpty() || withoutKey,
        "host",
        host + " without a key",
        "127.0.0.1, or another address with --api-key");
  }

  /** These models on a free port of 127.0.0.1, without a key. */
  public static ServerOptions of(List<ModelSource> models) {
    return new ServerOptions(
        models,
        "127.0.0.1",
        0,
        List.of(),
        false,
        Set.of(),
        Set.of(),
        Long.MAX_VALUE,
        Duration.ofSeconds(10),
        Duration.ofMinutes(30),
        Duration.ofSeconds(30),
        false,
        HttpLimits.DEFAULT,
        line -> {},
        line -> {});
  }

  /** Whether only programs of this machine reach the address. */
  public boolean loopbackOnly() {
    return isLoopback(host);
  }

  private static boolean isLoopback(String host) {
    try {
      return InetAddress.getByName(host).isLoopbackAddress();
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException(
          "host: found " + host + ", allowed: an address of this machine", e);
    }
  }

  private static void require(boolean holds, String name, Object found, String allowed) {
    if (!holds) {
      throw new IllegalArgumentException(name + ": found " + found + ", allowed: " + allowed);
    }
  }
}
