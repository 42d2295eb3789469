package dev.akvavit.server.http;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A request that is answered with an error, in OpenAI's shape. The message names what was found and
 * what is allowed; it never holds a path, a class or an address.
 */
public final class ApiError extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final int status;
  private final String type;
  private final String code;
  private final @Nullable String param;
  private final int retryAfterSeconds;

  private ApiError(
      int status,
      String type,
      String code,
      @Nullable String param,
      String message,
      int retryAfterSeconds) {
    super(message, null, false, false); // refusing is cheap, above all under load
    this.status = status;
    this.type = type;
    this.code = code;
    this.param = param;
    this.retryAfterSeconds = retryAfterSeconds;
  }

  /** 400: a field holds what it may not. */
  public static ApiError invalid(String param, String found, String allowed) {
    return new ApiError(
        400,
        "invalid_request_error",
        "invalid_value",
        param,
        param + ": found " + found + ", allowed: " + allowed,
        0);
  }

  /** 400: the request contradicts itself or the model, in a sentence of its own. */
  public static ApiError refused(@Nullable String param, String code, String message) {
    return new ApiError(400, "invalid_request_error", code, param, message, 0);
  }

  /** Any other answer of the 4xx family. */
  public static ApiError client(int status, String code, @Nullable String param, String message) {
    return new ApiError(status, "invalid_request_error", code, param, message, 0);
  }

  /** 429 or 503: the same request may succeed later. */
  public static ApiError later(int status, String code, String message, int retryAfterSeconds) {
    String type = status == 429 ? "rate_limit_error" : "server_error";
    return new ApiError(status, type, code, null, message, retryAfterSeconds);
  }

  /** 500: the engine failed on this request. */
  public static ApiError failed(String code, String message) {
    return new ApiError(500, "server_error", code, null, message, 0);
  }

  public int status() {
    return status;
  }

  public String type() {
    return type;
  }

  public String code() {
    return code;
  }

  /** Seconds after which to try again; 0 when trying again does not help. */
  public int retryAfterSeconds() {
    return retryAfterSeconds;
  }

  @Override
  public String getMessage() {
    return String.valueOf(super.getMessage());
  }

  /** The body: {@code {"error": {"message", "type", "param", "code", "request_id"}}}. */
  public Map<String, @Nullable Object> body(String requestId) {
    return Json.object(
        "error",
        Json.object(
            "message",
            getMessage(),
            "type",
            type,
            "param",
            param,
            "code",
            code,
            "request_id",
            requestId));
  }
}
