package dev.akvavit.server.options;

import java.time.Duration;

/**
 * Bounds on what a connection may take.
 *
 * @param headerBytes all headers of a request together
 * @param bodyBytes the body
 * @param connections connections at once
 * @param silence longest pause between two bytes of a request, and of a kept connection between two
 *     requests
 * @param idle longest time to the first whole request line
 * @param unread characters of an answer that may wait for their reader; one who leaves more is let
 *     go
 */
public record HttpLimits(
    int headerBytes, int bodyBytes, int connections, Duration silence, Duration idle, int unread) {
  public static final HttpLimits DEFAULT =
      new HttpLimits(
          16 << 10, 8 << 20, 4096, Duration.ofSeconds(30), Duration.ofMinutes(5), 64 << 10);
}
