package dev.akvavit.server.http;

/**
 * A row of the route table: the only way by which a path gets an answer.
 *
 * @param method GET or POST
 * @param path exact, as in {@code /v1/models}; a last segment in braces, {@code
 *     /v1/models/{model}}, stands for any text, which {@link Call#pathEnd} gives
 * @param access whether the key is asked for
 */
public record Route(String method, String path, Access access, Handler handler) {
  /** Who may call. */
  public enum Access {
    /** Anyone who reaches the port. */
    OPEN,
    /** Those who show a key, where the server has keys. */
    KEY
  }

  /** Answers a call. What it throws as {@link ApiError} becomes the answer. */
  @FunctionalInterface
  public interface Handler {
    void handle(Call call) throws Exception;
  }

  public static Route get(String path, Handler handler) {
    return new Route("GET", path, Access.KEY, handler);
  }

  public static Route post(String path, Handler handler) {
    return new Route("POST", path, Access.KEY, handler);
  }

  /** The same route for everyone. */
  public Route open() {
    return new Route(method, path, Access.OPEN, handler);
  }
}
