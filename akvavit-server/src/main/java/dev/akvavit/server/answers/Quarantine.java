package dev.akvavit.server.answers;

import dev.akvavit.server.http.ApiError;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * Remembers for a while which questions made the engine fail, so that a client that tries again and
 * again cannot make it fail again and again.
 */
public final class Quarantine {
  private static final int REMEMBERED = 1024;

  private final Duration term;
  private final LongSupplier clock; // nanoseconds
  private final Map<String, Long> until =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Long> eldest) {
          return size() > REMEMBERED;
        }
      };

  public Quarantine(Duration term, LongSupplier clock) {
    this.term = term;
    this.clock = clock;
  }

  synchronized void add(String model, Question question) {
    until.put(digest(model, question), clock.getAsLong() + term.toNanos());
  }

  /** Refuses a question that failed within the term. */
  synchronized void requireClear(String model, Question question) {
    if (until.isEmpty()) {
      return;
    }
    String digest = digest(model, question);
    Long end = until.get(digest);
    if (end == null) {
      return;
    }
    long left = end - clock.getAsLong();
    if (left <= 0) {
      until.remove(digest);
      return;
    }
    throw ApiError.later(
        503,
        "failed_before",
        "this request made the model fail a short while ago; it is not tried again yet",
        (int) Math.ceilDiv(left, 1_000_000_000L));
  }

  private static String digest(String model, Question question) {
    try {
      MessageDigest sha = MessageDigest.getInstance("SHA-256");
      sha.update(model.getBytes(StandardCharsets.UTF_8));
      ByteBuffer ids = ByteBuffer.allocate(Integer.BYTES * question.prompt().length);
      ids.asIntBuffer().put(question.prompt());
      sha.update(ids.array());
      return HexFormat.of().formatHex(sha.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
