package dev.akvavit.hub;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.SocketAddress;
import java.net.URI;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Proxies by the variables that other programs on the machine obey and the JDK does not. Without
 * them the JDK's own setting holds.
 */
public final class EnvironmentProxies extends ProxySelector {
  private final String forHttps;
  private final String forHttp;
  private final List<String> direct;

  private EnvironmentProxies(String forHttps, String forHttp, List<String> direct) {
    this.forHttps = forHttps;
    this.forHttp = forHttp;
    this.direct = direct;
  }

  /** By {@code HTTPS_PROXY}, {@code HTTP_PROXY}, {@code ALL_PROXY}, {@code NO_PROXY}. */
  public static EnvironmentProxies of(Map<String, String> env) {
    String all = either(env, "all_proxy", "");
    return new EnvironmentProxies(
        either(env, "https_proxy", all),
        either(env, "http_proxy", all),
        Arrays.stream(either(env, "no_proxy", "").split(","))
            .map(s -> s.strip().toLowerCase(Locale.ROOT))
            .filter(s -> !s.isEmpty())
            .toList());
  }

  private static String either(Map<String, String> env, String name, String otherwise) {
    String upper = env.getOrDefault(name.toUpperCase(Locale.ROOT), otherwise);
    return env.getOrDefault(name, upper);
  }

  @Override
  public List<Proxy> select(URI uri) {
    String host = String.valueOf(uri.getHost()).toLowerCase(Locale.ROOT);
    if (isDirect(host)) {
      return List.of(Proxy.NO_PROXY);
    }
    String proxy = "https".equalsIgnoreCase(uri.getScheme()) ? forHttps : forHttp;
    if (proxy.isEmpty()) {
      ProxySelector standard = ProxySelector.getDefault();
      return standard == null ? List.of(Proxy.NO_PROXY) : standard.select(uri);
    }
    URI address = URI.create(proxy.contains("://") ? proxy : "http://" + proxy);
    int port = address.getPort() < 0 ? 80 : address.getPort();
    return List.of(
        new Proxy(Proxy.Type.HTTP, InetSocketAddress.createUnresolved(address.getHost(), port)));
  }

  private boolean isDirect(String host) {
    return host.equals("localhost")
        || host.startsWith("127.")
        || host.equals("[::1]")
        || direct.stream().anyMatch(d -> d.equals("*") || covers(d, host));
  }

  private static boolean covers(String entry, String host) {
    String domain = entry.startsWith(".") ? entry.substring(1) : entry;
    return host.equals(domain) || host.endsWith("." + domain);
  }

  @Override
  public void connectFailed(URI uri, SocketAddress address, IOException failure) {
    // the request that failed tells it
  }
}
