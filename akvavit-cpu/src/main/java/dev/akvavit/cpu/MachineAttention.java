package dev.akvavit.cpu;

import dev.akvavit.core.Tensor;
import dev.akvavit.cpu.machine.DotCall;
import dev.akvavit.cpu.machine.Stored;
import dev.akvavit.cpu.machine.SumCall;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The two products of attention by machine code, for a block of keys and values that either was
 * widened before or is read where the cache holds it.
 *
 * <p>Few query rows cannot repay the widening of narrow keys, and F32 needs none: then a block is
 * the list of its rows' addresses.
 */
final class MachineAttention {
  /** Query rows scored at once. */
  static final int MOST_ROWS = DotCall.MOST_VECTORS;

  private static final int FEW_ROWS = 8;
  private static final int LANES = 16;

  private final DotCall dots = new DotCall();
  private final SumCall sums = new SumCall();
  private final long[] keys = new long[SoftmaxRows.BLOCK];
  private final long[] values = new long[SoftmaxRows.BLOCK];
  private Stored keyType = Stored.F32;
  private Stored valueType = Stored.F32;
  private boolean listed;

  /** One worker's; null where the loops on the Vector API run. */
  static @Nullable MachineAttention of(boolean wanted) {
    return wanted && MachineRows.isReady() ? new MachineAttention() : null;
  }

  /** Blocks that follow were widened. */
  void widened() {
    listed = false;
  }

  /**
   * Whether blocks of these planes are better listed for so many query rows; if so they will be.
   */
  boolean lists(Tensor keyPlane, Tensor valuePlane, int rows) {
    listed = lists(keyPlane, rows) && lists(valuePlane, rows);
    if (listed) {
      keyType = MachineRows.kind(keyPlane.dtype());
      valueType = MachineRows.kind(valuePlane.dtype());
    }
    return listed;
  }

  private static boolean lists(Tensor plane, int rows) {
    return plane.tail() == null
        && plane.dim() % LANES == 0
        && switch (plane.dtype()) {
          case F32 -> true;
          case BF16, F16 -> rows <= FEW_ROWS;
          default -> false;
        };
  }

  /** Row {@code j} of the block begins at these addresses. */
  void list(int j, long key, long value) {
    keys[j] = key;
    values[j] = value;
  }

  /** Rows before {@code first} are seen by nobody, but must be somewhere. */
  void fillBefore(int first) {
    Arrays.fill(keys, 0, first, keys[first]);
    Arrays.fill(values, 0, first, values[first]);
  }

  /** {@code scores[i * stride + j] = } query {@code i} times key {@code j}. */
  void score(
      float[] widened,
      int keyStride,
      int n,
      float[] queries,
      int q,
      int width,
      int count,
      float[] scores,
      int stride) {
    for (int i = 0; i < count; i++) {
      dots.vector(i, q + i * width);
    }
    dots.results(0, stride);
    dots.rows(4L * keyStride, n, width);
    if (listed) {
      dots.gathered(keyType, keys, 0, count, queries, scores);
    } else {
      dots.widened(widened, 0, count, queries, scores, scores);
    }
  }

  /** {@code y_i += } weights {@code from .. to} of row {@code first + i} times those values. */
  void weigh(
      float[] widened,
      int valueStride,
      int from,
      int to,
      float[] scores,
      int first,
      int count,
      int stride,
      float[] y,
      int y0,
      int width) {
    for (int i = 0; i < count; i++) {
      sums.sum(i, (first + i) * stride + from, y0 + i * width);
    }
    sums.rows(4L * valueStride, to - from, width);
    if (listed) {
      sums.gathered(valueType, values, from, count, scores, y);
    } else {
      sums.widened(widened, from * valueStride, count, scores, y);
    }
  }
}
