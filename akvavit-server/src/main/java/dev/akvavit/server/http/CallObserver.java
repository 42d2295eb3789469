package dev.akvavit.server.http;

import java.util.Map;

/** Hears of every call that was answered. */
@FunctionalInterface
public interface CallObserver {
  /**
   * A call is over.
   *
   * @param status as sent, or as it would have been sent had the client stayed
   * @param notes what handlers noted of it, such as model and tokens
   */
  void answered(
      Route route, int status, long nanos, String requestId, Map<String, Object> notes);
}
