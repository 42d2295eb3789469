package dev.akvavit.hub;

import dev.akvavit.hub.HubException.Reason;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Where the hub and its cache are: the environment variables of Python's {@code huggingface_hub},
 * with the same meaning (its documentation, "Environment variables").
 *
 * @param endpoint scheme, host and perhaps a path, without a final slash
 * @param cache the folder of {@code models--owner--name} folders
 * @param offline nothing is asked of the network
 * @param proxies {@code HTTPS_PROXY}, {@code HTTP_PROXY}, {@code NO_PROXY}
 */
public record HubSettings(
    URI endpoint, Path cache, Token token, boolean offline, EnvironmentProxies proxies) {
  private static final String HUB = "https://huggingface.co";
  private static final Set<String> TRUE = Set.of("1", "on", "yes", "true");

  public HubSettings {
    String scheme = String.valueOf(endpoint.getScheme()).toLowerCase(Locale.ROOT);
    if (!(scheme.equals("https") || scheme.equals("http"))
        || endpoint.getHost() == null
        || endpoint.getRawUserInfo() != null
        || endpoint.getRawQuery() != null
        || endpoint.getRawFragment() != null) {
      throw badEndpoint(endpoint.toString());
    }
  }

  /**
   * As the environment says.
   *
   * @param home the user's home folder
   * @throws HubException when a variable is malformed or the token file cannot be read
   */
  public static HubSettings of(Map<String, String> env, Path home) {
    Path caches = folder(env, "XDG_CACHE_HOME", home, home.resolve(".cache"));
    Path hub = folder(env, "HF_HOME", home, caches.resolve("huggingface"));
    Path cache = folder(env, "HUGGINGFACE_HUB_CACHE", home, hub.resolve("hub"));
    return new HubSettings(
        endpoint(first(env, "HF_ENDPOINT")),
        folder(env, "HF_HUB_CACHE", home, cache),
        token(env, folder(env, "HF_TOKEN_PATH", home, hub.resolve("token"))),
        isTrue(first(env, "HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE")),
        EnvironmentProxies.of(env));
  }

  /** The same with the network left alone. */
  public HubSettings withOffline() {
    return new HubSettings(endpoint, cache, token, true, proxies);
  }

  private static String first(Map<String, String> env, String... names) {
    for (String name : names) {
      String value = env.getOrDefault(name, "").strip();
      if (!value.isEmpty()) {
        return value;
      }
    }
    return "";
  }

  private static Path folder(Map<String, String> env, String name, Path home, Path otherwise) {
    String value = first(env, name);
    if (value.isEmpty()) {
      return otherwise;
    }
    return value.equals("~") || value.startsWith("~/")
        ? home.resolve(value.substring(Math.min(2, value.length())))
        : Path.of(value).toAbsolutePath();
  }

  private static URI endpoint(String value) {
    try {
      return new URI(value.isEmpty() ? HUB : value.replaceAll("/+$", ""));
    } catch (URISyntaxException e) {
      throw badEndpoint(value);
    }
  }

  private static HubException badEndpoint(String found) {
    return new HubException(
        Reason.BAD_NAME, "HF_ENDPOINT: found " + found + ", allowed: an address such as " + HUB);
  }

  /** The variables before the file, as Python reads them. */
  private static Token token(Map<String, String> env, Path file) {
    String value = first(env, "HF_TOKEN", "HUGGING_FACE_HUB_TOKEN");
    if (!value.isEmpty()) {
      return Token.of(value, "HF_TOKEN");
    }
    if (isTrue(first(env, "HF_HUB_DISABLE_IMPLICIT_TOKEN")) || !Files.isRegularFile(file)) {
      return Token.NONE;
    }
    try {
      return Token.of(Files.readString(file), file.toString());
    } catch (IOException e) {
      throw new HubException(Reason.DISK, file + ": the token cannot be read: " + e, e);
    }
  }

  private static boolean isTrue(String value) {
    return TRUE.contains(value.toLowerCase(Locale.ROOT));
  }
}
