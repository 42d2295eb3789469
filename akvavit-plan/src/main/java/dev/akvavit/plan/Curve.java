package dev.akvavit.plan;

import java.util.ArrayList;
import java.util.List;

/**
 * One attention mechanism over growing contexts: what charts draw.
 *
 * @param own whether this is the model as it is
 */
public record Curve(String mechanism, boolean own, List<Point> points) {
  private static final int SHORTEST = 1024;

  public Curve {
    points = List.copyOf(points);
  }

  /**
   * One context.
   *
   * @param cacheBytes of one user, whole pages
   * @param users that fit at once; 0 for none
   * @param tokensPerSecond that memory allows one user at most; NaN when the bandwidth is not known
   */
  public record Point(int context, long cacheBytes, int users, double tokensPerSecond) {}

  /**
   * Powers of two from 1,024 tokens on, or from less for a model of a short context, and its own.
   */
  static List<Integer> contexts(int max) {
    List<Integer> all = new ArrayList<>();
    for (long c = Math.min(SHORTEST, Math.max(1, Integer.highestOneBit(max) / 16));
        c < max;
        c *= 2) {
      all.add((int) c);
    }
    all.add(max);
    return List.copyOf(all);
  }
}
