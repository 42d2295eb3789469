package dev.akvavit.text.constraint;

import dev.akvavit.core.TokenConstraint;
import dev.akvavit.text.Tokenizer;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** Stands in for a model: draws any of the tokens that are allowed, and grows tired of it. */
final class Writer {
  private static final int TIRED = 40;
  private static final int MOST = 500;

  private final Tokenizer tokenizer;
  private final int end;
  private final SplittableRandom random;

  Writer(Tokenizer tokenizer, int end, SplittableRandom random) {
    this.tokenizer = tokenizer;
    this.end = end;
    this.random = random;
  }

  /** A finished text, or null when it went on for too long. */
  @Nullable String write(TokenConstraint constraint) {
    List<Integer> ids = new ArrayList<>();
    while (ids.size() < MOST) {
      List<Integer> allowed = allowed(constraint, tokenizer.vocabularySize());
      if (allowed.isEmpty()) {
        throw new AssertionError("nothing is allowed behind " + text(ids));
      }
      int token = ids.size() < TIRED ? any(allowed) : last(allowed);
      constraint.accept(token);
      if (token == end) {
        return text(ids);
      }
      ids.add(token);
    }
    return null;
  }

  private String text(List<Integer> ids) {
    return tokenizer.decode(ids.stream().mapToInt(id -> id).toArray(), true);
  }

  static List<Integer> allowed(TokenConstraint constraint, int vocabulary) {
    long[] mask = new long[Math.ceilDiv(vocabulary, Long.SIZE)];
    constraint.mask(mask);
    List<Integer> allowed = new ArrayList<>();
    for (int id = 0; id < vocabulary; id++) {
      if ((mask[id >> 6] >>> id & 1) != 0) {
        allowed.add(id);
      }
    }
    return allowed;
  }

  private int any(List<Integer> allowed) {
    return random.nextInt(6) == 0 ? last(allowed) : allowed.get(random.nextInt(allowed.size()));
  }

  /** What leads to an end soonest, as far as one token tells. */
  private int last(List<Integer> allowed) {
    int best = allowed.get(random.nextInt(allowed.size()));
    int worth = worth(best);
    for (int id : allowed) {
      if (worth(id) > worth) {
        best = id;
        worth = worth(id);
      }
    }
    return best;
  }

  private int worth(int id) {
    if (id == end) {
      return 9;
    }
    byte[] bytes = tokenizer.bytes(id);
    char closing = (char) bytes[bytes.length - 1];
    int shortness = bytes.length == 1 ? 1 : 0;
    return switch (closing) {
      case '}', ']' -> bytes.length == 1 ? 8 : 5;
      case '"' -> 3 + shortness;
      case ',', '{', '[', '\\' -> -1;
      case 'n', 't', 'f' -> 2; // null, true, false rather than a list
      default -> 0;
    };
  }
}
