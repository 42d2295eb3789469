package dev.akvavit.hub;

import java.time.Duration;

/**
 * How a transfer is cut up and how much patience it has.
 *
 * @param segment bytes that one request asks for
 * @param lanes requests of one file at once
 * @param journalEvery bytes after which a segment's progress is written down
 * @param attempts failures in a row, without a byte between them, that end a transfer
 * @param failures of one segment that end it, bytes or not
 * @param stall how long no byte may come
 * @param longestWait what a server may ask for before the user is asked instead
 */
record TransferLimits(
    long segment,
    int lanes,
    long journalEvery,
    int attempts,
    int failures,
    Duration stall,
    Duration longestWait) {
  static final TransferLimits DEFAULT =
      new TransferLimits(
          64L << 20, 8, 1 << 20, 6, 200, Duration.ofSeconds(30), Duration.ofMinutes(5));
}
