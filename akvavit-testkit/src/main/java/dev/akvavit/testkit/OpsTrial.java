package dev.akvavit.testkit;

import dev.akvavit.core.Backend;
import dev.akvavit.core.Extent;
import dev.akvavit.core.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Consumer;

/**
 * Runs one operation on one drawn case in all the ways that must not matter, and once on the
 * oracle, which says what is right within a tolerance. Gaps of the result count too: nobody may
 * write there.
 */
final class OpsTrial {
  /** Builds the case on a backend, runs it on some rows and hands back the result. */
  interface Body {
    Tensor run(Place place);
  }

  /** A backend and the rows that are at work. */
  static final class Place {
    final Backend backend;
    final Extent extent;

    Place(Backend backend, Extent extent) {
      this.backend = backend;
      this.extent = extent;
    }

    Tensor put(HostTensor t) {
      return t.on(backend, extent);
    }

    /** Cache planes have rows of their own: slots. */
    Tensor cache(HostTensor t) {
      return t.on(backend, new Extent(t.rows));
    }
  }

  private static final Backend ORACLE = new ScalarBackend();
  private final Backend team;
  private final Backend alone;

  /**
   * @param team several threads
   * @param alone one thread
   */
  OpsTrial(Backend team, Backend alone) {
    this.team = team;
    this.alone = alone;
  }

  /**
   * @param rows rows of the extent
   * @param result shape of the tensor that {@code body} returns
   */
  void check(SplittableRandom random, int rows, HostTensor result, Tolerance tolerance, Body body) {
    float[] expected = run(ORACLE, rows, 0, rows, result, body);
    float[] whole = run(team, rows, 0, rows, result, body);
    for (int i = 0; i < expected.length; i++) {
      if (!tolerance.allows(expected[i], whole[i])) {
        throw new AssertionError(
            where(result, i)
                + ": expected "
                + expected[i]
                + ", found "
                + whole[i]
                + ", allowed "
                + tolerance);
      }
    }
    same("one thread", result, 0, rows, whole, run(alone, rows, 0, rows, result, body));
    if (rows > 1) {
      int cut = random.nextInt(1, rows);
      same("rows before " + cut, result, 0, cut, whole, run(team, rows, 0, cut, result, body));
      same(
          "rows from " + cut,
          result,
          cut,
          rows,
          whole,
          run(team, rows, cut, rows - cut, result, body));
      for (int row : List.of(0, random.nextInt(rows), rows - 1)) {
        same(
            "row " + row + " alone",
            result,
            row,
            row + 1,
            whole,
            run(alone, rows, row, 1, result, body));
      }
    }
  }

  private static float[] run(
      Backend backend, int capacity, int first, int rows, HostTensor result, Body body) {
    Extent extent = new Extent(capacity);
    extent.set(first, rows);
    Tensor out = body.run(new Place(backend, extent));
    return result.all(backend, out);
  }

  private static void same(
      String what, HostTensor result, int from, int to, float[] whole, float[] part) {
    for (int i = from * result.rowStride; i < to * result.rowStride; i++) {
      if (Float.floatToIntBits(whole[i]) != Float.floatToIntBits(part[i])) {
        throw new AssertionError(
            what + " differs at " + where(result, i) + ": " + part[i] + " instead of " + whole[i]);
      }
    }
  }

  /** Fails unless both have the same bits. */
  static void same(String what, float[] expected, float[] found) {
    int i = Arrays.mismatch(expected, found);
    if (i >= 0) {
      throw new AssertionError(
          what + " differ at " + i + ": " + found[i] + " instead of " + expected[i]);
    }
  }

  private static String where(HostTensor t, int i) {
    int column = i % t.rowStride - t.offset;
    return "[row "
        + i / t.rowStride
        + ", head "
        + column / t.headStride
        + ", element "
        + column % t.headStride
        + "]";
  }

  /** Runs {@code body} for {@code cases} seeds and names the seed of the first that fails. */
  static void repeat(int cases, Consumer<SplittableRandom> body) {
    for (long seed = 0; seed < cases; seed++) {
      try {
        body.accept(new SplittableRandom(seed));
      } catch (RuntimeException | AssertionError e) {
        throw new AssertionError("seed " + seed + ": " + e.getMessage(), e);
      }
    }
  }
}
