package dev.akvavit.cpu;

import dev.akvavit.core.Batch;
import dev.akvavit.core.DType;
import dev.akvavit.core.Tensor;
import dev.akvavit.core.Weight;
import dev.akvavit.cpu.machine.BlockCall;
import org.jspecify.annotations.Nullable;

/**
 * {@link SoftmaxRows}' work on BF16 planes with queries and weights rounded to BF16, by machine
 * code: one worker's. Blocks begin at multiples of {@link BlockCall#BLOCK}, so that a row's result
 * depends on nothing but what it sees.
 */
final class TileRows {
  static final int BLOCK = BlockCall.BLOCK;
  private static final int LANES = BlockCall.LANES;
  private static final int ENOUGH_HEADS = 4; // of a tile's sixteen rows
  private static final int TOGETHER = BLOCK; // queries of one head that meet expanded keys

  private final BlockCall call = new BlockCall();
  private final int[] slots = new int[BLOCK];

  /** One worker's; null where this processor gains nothing by it. */
  static @Nullable TileRows of(boolean wanted) {
    return serves(wanted) ? new TileRows() : null;
  }

  static boolean serves(boolean wanted) {
    return wanted && MachineRows.isReady() && BlockCall.isReady();
  }

  /** Whether planes of these shapes can be read. */
  private static boolean reads(Tensor keys, Tensor values) {
    return keys.tail() == null
        && keys.dtype() == DType.BF16
        && values.dtype() == DType.BF16
        && keys.dim() % BlockCall.COLUMNS == 0
        && values.dim() % BlockCall.COLUMNS == 0;
  }

  /**
   * Whether a row's queries are rounded: those of prompts, or of heads enough to fill a tile. By
   * what the row is, never by how many there are.
   */
  static boolean rounds(boolean prompt, int headsPerKey, Tensor keys, Tensor values) {
    return (prompt || headsPerKey >= ENOUGH_HEADS) && reads(keys, values);
  }

  /** Whether keys and values of these widths may be made of such latents. */
  static boolean expands(Tensor latents, Weight w, int keyDim, int valueDim) {
    return latents.tail() == null
        && latents.dtype() == DType.BF16
        && (w.in() | keyDim | valueDim) % BlockCall.COLUMNS == 0;
  }

  /** Whether that is another answer for prompts than for generated tokens. */
  static boolean tellsPromptsApart(int headsPerKey, Tensor keys, Tensor values) {
    return rounds(true, headsPerKey, keys, values) != rounds(false, headsPerKey, keys, values);
  }

  void begin(int rows, int keyDim, int valueDim) {
    call.begin(rows, keyDim, valueDim);
  }

  /** Takes up query {@code r}, head {@code head} of row {@code row}. */
  void query(int r, Tensor q, int row, int head) {
    call.query(r, CpuBuffer.of(q).address() + CpuBuffer.at(q, row, head));
  }

  /** After the last query of {@code rows}. */
  void pack(int rows) {
    call.pack(rows);
  }

  /** Begins with one head's queries of some rows, however many. */
  void begin(Tensor q, int head, int first, int rows, int valueDim) {
    call.begin(rows, q.dim(), valueDim);
    for (int r = 0; r < rows; r += TOGETHER) {
      int some = Math.min(TOGETHER, rows - r);
      call.some(r, some);
      for (int i = 0; i < some; i++) {
        query(i, q, first + r + i, head);
      }
      call.pack(some);
    }
  }

  void beginSpan() {
    call.clear();
  }

  /**
   * Attends to places {@code first + skip .. first + n} of what a token sees, which ends before
   * {@code end}.
   *
   * @param only the places' positions, null for places that are positions
   */
  void block(
      SoftmaxRows rows,
      Tensor keys,
      Tensor values,
      int head,
      Batch batch,
      int token,
      @Nullable CpuSelection only,
      int first,
      int skip,
      int n,
      int end,
      float scale) {
    call.rows(n);
    int sequence = batch.sequenceOf[token];
    Slots.seen(batch, token, only, first, skip, n, slots);
    if (only == null && skip == 0 && n % 32 == 0 && batch.pageSize % LANES == 0) {
      long keyBase = CpuBuffer.of(keys).address();
      long valueBase = CpuBuffer.of(values).address();
      for (int j = 0; j < n; j += LANES) {
        call.group(
            j / LANES,
            keyBase + CpuBuffer.cachedAt(keys, slots[j], head),
            valueBase + CpuBuffer.cachedAt(values, slots[j], head));
      }
      call.strides(2L * keys.rowStride(), 2L * values.rowStride());
      if (keys.heads() > 1) {
        next(keys, values, head, batch, sequence, first + BLOCK, end);
      }
    } else {
      gather(keys, values, head, skip, n);
    }
    attend(rows, 0, rows.rows, first, n, scale);
  }

  private void attend(SoftmaxRows rows, int from, int to, int first, int n, float scale) {
    boolean masked = n % 32 != 0;
    for (int r = from; r < to && !masked; r++) {
      masked = rows.low[r] > first || rows.high[r] < first + n;
    }
    if (masked) {
      for (int r = from; r < to; r++) {
        call.sees(r, Math.max(0, rows.low[r] - first), Math.min(n, rows.high[r] - first));
      }
    }
    call.attend(scale, masked);
  }

  /**
   * Attends to places {@code first .. first + n}, whose keys and values lie together; zero rows
   * follow. Queries that see none of them, which come first, do nothing.
   */
  void block(SoftmaxRows rows, long keys, long values, int first, int n, float scale) {
    call.rows(n);
    call.together(keys, values);
    for (int r = 0; r < rows.rows; r += TOGETHER) {
      int end = Math.min(r + TOGETHER, rows.rows);
      if (rows.high[end - 1] > first) {
        call.some(r, end - r);
        attend(rows, r, end, first, n, scale);
      }
    }
  }

  /** Rows of several heads lie apart, where no prefetcher of the processor's own looks. */
  private void next(
      Tensor keys, Tensor values, int head, Batch batch, int sequence, int first, int end) {
    int n = Math.min(BLOCK, end - first) / LANES * LANES;
    long keyBase = CpuBuffer.of(keys).address();
    long valueBase = CpuBuffer.of(values).address();
    for (int j = 0; j < n; j += LANES) {
      int slot = batch.slot(sequence, first + j);
      call.next(
          j / LANES,
          keyBase + CpuBuffer.cachedAt(keys, slot, head),
          valueBase + CpuBuffer.cachedAt(values, slot, head));
    }
  }

  private void gather(Tensor keys, Tensor values, int head, int skip, int n) {
    boolean shared =
        values.buffer().equals(keys.buffer())
            && values.rowStride() == keys.rowStride()
            && values.headStride() == keys.headStride()
            && values.offset() >= keys.offset()
            && values.offset() + values.dim() <= keys.offset() + keys.dim();
    name(keys, head, skip, n);
    call.gatherKeys(n, false, 2 * (values.offset() - keys.offset()));
    if (!shared) {
      name(values, head, skip, n);
      call.gatherValues(n);
    }
  }

  private void name(Tensor plane, int head, int skip, int n) {
    long base = CpuBuffer.of(plane).address();
    for (int j = 0; j < skip; j++) {
      call.noRow(j);
    }
    for (int j = skip; j < n; j++) {
      call.row(j, base + CpuBuffer.cachedAt(plane, slots[j], head));
    }
  }

  /** Hands the span's result over. */
  void endSpan(SoftmaxRows rows) {
    for (int r = 0; r < rows.rows; r++) {
      rows.max[r] = call.max(r);
      rows.sum[r] = call.sum(r);
    }
    call.sums(rows.values);
  }

  /** Whether the index keys of such a plane can be scored. */
  static boolean scores(Tensor q, Tensor keys) {
    return (keys.dtype() == DType.BF16 || keys.dtype() == DType.F8_E4M3)
        && keys.dim() % BlockCall.COLUMNS == 0
        && q.heads() >= ENOUGH_HEADS
        && q.heads() <= BLOCK;
  }

  /** Takes up a row's index queries, and their weights from {@code weights}. */
  void beginIndex(Tensor q, int row, Tensor keys, float[] weights) {
    call.begin(q.heads(), q.dim(), BlockCall.COLUMNS);
    for (int h = 0; h < q.heads(); h++) {
      query(h, q, row, h);
    }
    call.pack(q.heads());
    float factor = keys.dtype() == DType.F8_E4M3 ? BlockCall.F8_FACTOR : 1;
    call.headWeights(weights, q.heads(), factor);
  }

  /** Scores of positions {@code first .. first + n}; up to 31 more are overwritten. */
  void index(Tensor keys, Batch batch, int sequence, int first, int n, float[] out, int at) {
    call.rows(n);
    Slots.of(batch, sequence, first, 0, n, slots);
    long base = CpuBuffer.of(keys).address();
    boolean f8 = keys.dtype() == DType.F8_E4M3;
    if (!f8 && n % 32 == 0 && batch.pageSize % LANES == 0) {
      for (int j = 0; j < n; j += LANES) {
        long key = base + CpuBuffer.cachedAt(keys, slots[j], 0);
        call.group(j / LANES, key, key);
      }
      call.strides(2L * keys.rowStride(), 2L * keys.rowStride());
    } else {
      name(keys, 0, 0, n);
      call.gatherKeys(n, f8, 0);
    }
    call.index(out, at);
  }
}
