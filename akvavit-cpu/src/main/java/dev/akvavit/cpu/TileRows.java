package dev.akvavit.cpu;

import dev.akvavit.core.Batch;
import dev.akvavit.core.DType;
import dev.akvavit.core.Tensor;
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

  private final BlockCall call = new BlockCall();

  /** One worker's; null where this processor gains nothing by it. */
  static @Nullable TileRows of(boolean wanted) {
    return wanted && MachineRows.isReady() && BlockCall.isReady() ? new TileRows() : null;
  }

  /** Whether planes of these shapes can be read. */
  static boolean reads(Tensor keys, Tensor values) {
    return keys.dtype() == DType.BF16
        && values.dtype() == DType.BF16
        && keys.dim() % BlockCall.COLUMNS == 0
        && values.dim() % BlockCall.COLUMNS == 0;
  }

  void begin(int rows, int keyDim, int valueDim) {
    call.begin(rows, keyDim, valueDim);
  }

  /** Takes up query {@code r}, head {@code head} of row {@code row}. */
  void query(int r, Tensor q, int row, int head) {
    call.query(r, CpuBuffer.of(q).address() + CpuBuffer.at(q, row, head));
  }

  void beginSpan(int rows) {
    call.pack(rows);
    call.clear();
  }

  /**
   * Attends to places {@code first + skip .. first + n} of what a token sees.
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
      float scale) {
    call.rows(n);
    int sequence = batch.sequenceOf[token];
    long keyBase = CpuBuffer.of(keys).address();
    long valueBase = CpuBuffer.of(values).address();
    boolean whole = n % 32 == 0 && skip == 0 && only == null && batch.pageSize % LANES == 0;
    if (whole) {
      for (int j = 0; j < n; j += LANES) {
        int slot = batch.slot(sequence, first + j);
        call.group(
            j / LANES,
            keyBase + CpuBuffer.cachedAt(keys, slot, head),
            valueBase + CpuBuffer.cachedAt(values, slot, head));
      }
      call.strides(2L * keys.rowStride(), 2L * values.rowStride());
    } else {
      gather(keys, values, head, batch, sequence, token, only, first, skip, n);
    }
    boolean masked = n % 32 != 0;
    for (int r = 0; r < rows.rows && !masked; r++) {
      masked = rows.low[r] > first || rows.high[r] < first + n;
    }
    if (masked) {
      for (int r = 0; r < rows.rows; r++) {
        call.sees(r, Math.max(0, rows.low[r] - first), Math.min(n, rows.high[r] - first));
      }
    }
    call.attend(scale, masked);
  }

  private void gather(
      Tensor keys,
      Tensor values,
      int head,
      Batch batch,
      int sequence,
      int token,
      @Nullable CpuSelection only,
      int first,
      int skip,
      int n) {
    boolean shared =
        values.buffer().equals(keys.buffer())
            && values.rowStride() == keys.rowStride()
            && values.headStride() == keys.headStride()
            && values.offset() >= keys.offset()
            && values.offset() + values.dim() <= keys.offset() + keys.dim();
    name(keys, head, batch, sequence, token, only, first, skip, n);
    call.gatherKeys(n, false, 2 * (values.offset() - keys.offset()));
    if (!shared) {
      name(values, head, batch, sequence, token, only, first, skip, n);
      call.gatherValues(n);
    }
  }

  private void name(
      Tensor plane,
      int head,
      Batch batch,
      int sequence,
      int token,
      @Nullable CpuSelection only,
      int first,
      int skip,
      int n) {
    long base = CpuBuffer.of(plane).address();
    for (int j = 0; j < skip; j++) {
      call.noRow(j);
    }
    for (int j = skip; j < n; j++) {
      int place = first + j;
      int position = only == null ? place : only.positions[token * only.limit() + place];
      int slot = batch.slot(sequence, position);
      call.row(j, base + CpuBuffer.cachedAt(plane, slot, head));
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
}
