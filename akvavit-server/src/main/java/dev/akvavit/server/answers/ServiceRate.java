package dev.akvavit.server.answers;

/** How fast answers have been ending lately, to tell a client when to come back. */
final class ServiceRate {
  private static final int REMEMBERED = 64;
  private static final int LONGEST_SECONDS = 60;

  private final long[] ends = new long[REMEMBERED]; // nanoseconds, a ring
  private long count;

  synchronized void ended(long now) {
    ends[(int) (count++ % REMEMBERED)] = now;
  }

  /** Seconds until {@code waiting} requests have probably been served; 1..60. */
  synchronized int secondsFor(int waiting, long now) {
    int known = (int) Math.min(count, REMEMBERED);
    if (known < 2) {
      return 1;
    }
    long oldest = ends[(int) ((count - known) % REMEMBERED)];
    double seconds = (now - oldest) / 1e9 / known * waiting;
    return Math.clamp((long) Math.ceil(seconds), 1, LONGEST_SECONDS);
  }
}
