package dev.akvavit.cpu;

import dev.akvavit.core.Batch;
import dev.akvavit.core.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Causal attention over cache pages, dense, windowed or selected.
 *
 * <p>A <em>group</em> is up to {@link #ROWS} query rows that read the same keys: the heads that
 * share a key head, of as many tokens of one sequence as fit. Every key and value is widened once
 * for the group. Blocks and spans follow absolute positions (places in the list, for a selection),
 * so neither the group nor the step changes a result. With fewer groups than the team can share,
 * each span is an item of its own and a second pass merges them in order.
 */
final class PagedAttention {
  private static final Kernels K = Lanes.KERNELS;
  private static final int ROWS = 64;

  private final Workers workers;
  private final Scratch[] scratch;
  private final Workers.Task whole = this::whole;
  private final Workers.Task spans = this::spans;
  private final Workers.Task merge = this::merge;

  private Tensor out;
  private Tensor q;
  private Tensor keys;
  private Tensor values;
  private Batch batch;
  private float scale;
  private int window;
  private @Nullable CpuSelection only;

  private int headsPerKey;
  private int headsPerGroup;
  private int headParts;
  private int groups;
  private int[] firstRow = {}; // of each run of tokens, relative to the tensors' rows
  private int[] rowCount = {};
  private int[] spanGroup = {}; // of each span item
  private int[] spanOf = {};
  private int[] firstSpan = {}; // of each group, among the items
  private int spanItems;
  private int keyWidth;
  private int valueWidth;
  private float[] partMax = {};
  private float[] partSum = {};
  private float[] partValues = {};

  PagedAttention(Workers workers, Scratch[] scratch, Tensor none, Batch nothing) {
    this.workers = workers;
    this.scratch = scratch;
    out = q = keys = values = none;
    batch = nothing;
  }

  void run(
      Tensor out,
      Tensor q,
      Tensor keys,
      Tensor values,
      Batch batch,
      float scale,
      int window,
      @Nullable CpuSelection only) {
    if (q.rows() == 0) {
      return;
    }
    this.out = out;
    this.q = q;
    this.keys = keys;
    this.values = values;
    this.batch = batch;
    this.scale = scale;
    this.window = window;
    this.only = only;
    keyWidth = K.padded(q.dim());
    valueWidth = K.padded(out.dim());
    headsPerKey = q.heads() / keys.heads();
    headsPerGroup = Math.min(headsPerKey, ROWS);
    headParts = Math.ceilDiv(headsPerKey, headsPerGroup);
    int runs = cutIntoRuns(only == null ? Math.max(1, ROWS / headsPerGroup) : 1);
    groups = runs * keys.heads() * headParts;
    spanItems = groups < workers.pieces() ? listSpans() : 0;
    if (spanItems > groups) {
      int rows = spanItems * ROWS;
      partMax = Scratch.atLeast(partMax, rows);
      partSum = Scratch.atLeast(partSum, rows);
      partValues = Scratch.atLeast(partValues, rows * valueWidth);
      workers.run(spans, spanItems, 1);
      workers.run(merge, groups, 1);
    } else {
      workers.run(whole, groups, grain());
    }
  }

  /**
   * Groups that are worth a wake-up together: decode over a short context is done before a thread
   * has woken.
   */
  private int grain() {
    long work = (long) Math.max(1, high(q.rows() - 1)) * headsPerGroup * (keyWidth + valueWidth);
    return (int) Math.clamp(64 * 1024 / work, 1, 1024);
  }

  /** Runs of at most {@code most} neighbouring tokens of one sequence. */
  private int cutIntoRuns(int most) {
    int rows = q.rows();
    firstRow = Scratch.atLeast(firstRow, rows);
    rowCount = Scratch.atLeast(rowCount, rows);
    int runs = 0;
    for (int row = 0; row < rows; runs++) {
      int sequence = batch.sequenceOf[token(row)];
      int end = row + 1;
      while (end < rows && end - row < most && batch.sequenceOf[token(end)] == sequence) {
        end++;
      }
      firstRow[runs] = row;
      rowCount[runs] = end - row;
      row = end;
    }
    return runs;
  }

  private int listSpans() {
    int n = 0;
    firstSpan = Scratch.atLeast(firstSpan, groups + 1);
    for (int g = 0; g < groups; g++) {
      int run = run(g);
      firstSpan[g] = n;
      int end = high(firstRow[run] + rowCount[run] - 1);
      for (int span = low(firstRow[run]) / SoftmaxRows.SPAN;
          span * SoftmaxRows.SPAN < end;
          span++, n++) {
        spanGroup = grow(spanGroup, n);
        spanOf = grow(spanOf, n);
        spanGroup[n] = g;
        spanOf[n] = span;
      }
    }
    firstSpan[groups] = n;
    return n;
  }

  private static int[] grow(int[] a, int at) {
    return at < a.length ? a : java.util.Arrays.copyOf(a, 2 * at + 16);
  }

  private int token(int row) {
    return q.extent().first() + row;
  }

  private int run(int group) {
    return group / (keys.heads() * headParts);
  }

  private int keyHead(int group) {
    return group / headParts % keys.heads();
  }

  /** First query head of a group. */
  private int firstHead(int group) {
    return keyHead(group) * headsPerKey + group % headParts * headsPerGroup;
  }

  private int groupHeads(int group) {
    return Math.min(headsPerGroup, headsPerKey - group % headParts * headsPerGroup);
  }

  /** First list place a row sees. */
  private int low(int row) {
    return window == 0 ? 0 : Math.max(0, batch.positions[token(row)] - window + 1);
  }

  /** List places a row sees end here. */
  private int high(int row) {
    CpuSelection chosen = only;
    return chosen == null ? batch.positions[token(row)] + 1 : chosen.counts[token(row)];
  }

  private void whole(int from, int to, int worker) {
    SoftmaxRows rows = scratch[worker].rows;
    for (int g = from; g < to; g++) {
      int run = run(g);
      int end = high(firstRow[run] + rowCount[run] - 1);
      begin(scratch[worker], g);
      for (int span = low(firstRow[run]) / SoftmaxRows.SPAN;
          span * SoftmaxRows.SPAN < end;
          span++) {
        span(scratch[worker], g, span);
        rows.endSpan();
      }
      finish(rows, g);
    }
  }

  private void spans(int from, int to, int worker) {
    SoftmaxRows rows = scratch[worker].rows;
    for (int item = from; item < to; item++) {
      begin(scratch[worker], spanGroup[item]);
      span(scratch[worker], spanGroup[item], spanOf[item]);
      int at = item * ROWS;
      System.arraycopy(rows.max, 0, partMax, at, rows.rows);
      System.arraycopy(rows.sum, 0, partSum, at, rows.rows);
      System.arraycopy(rows.values, 0, partValues, at * valueWidth, rows.rows * valueWidth);
    }
  }

  private void merge(int from, int to, int worker) {
    SoftmaxRows rows = scratch[worker].rows;
    for (int g = from; g < to; g++) {
      rows.begin(rowCount[run(g)] * groupHeads(g), q.dim(), out.dim());
      for (int item = firstSpan[g]; item < firstSpan[g + 1]; item++) {
        for (int r = 0; r < rows.rows; r++) {
          int at = item * ROWS + r;
          rows.merge(r, partMax[at], partSum[at], partValues, at * valueWidth);
        }
      }
      finish(rows, g);
    }
  }

  private @Nullable TileRows tiles(Scratch s, int group) {
    boolean prompt = token(firstRow[run(group)]) >= batch.generated();
    return TileRows.rounds(prompt, headsPerKey, keys, values) ? s.tiles : null;
  }

  /** Loads a group's queries. */
  private void begin(Scratch s, int group) {
    SoftmaxRows rows = s.rows;
    int heads = groupHeads(group);
    int run = run(group);
    rows.begin(rowCount[run] * heads, q.dim(), out.dim());
    TileRows tiles = tiles(s, group);
    if (tiles != null) {
      tiles.begin(rows.rows, q.dim(), out.dim());
    }
    for (int r = 0; r < rows.rows; r++) {
      int row = firstRow[run] + r / heads;
      int head = firstHead(group) + r % heads;
      if (tiles != null) {
        tiles.query(r, q, row, head);
      } else {
        Rows.packHead(q, row, head, rows.queries, r * keyWidth, keyWidth);
      }
      rows.low[r] = low(row);
      rows.high[r] = high(row);
    }
    if (tiles != null) {
      tiles.pack(rows.rows);
    }
  }

  private void finish(SoftmaxRows rows, int group) {
    int heads = groupHeads(group);
    int run = run(group);
    for (int r = 0; r < rows.rows; r++) {
      Rows.unpackHead(
          out,
          firstRow[run] + r / heads,
          firstHead(group) + r % heads,
          0,
          rows.finish(r),
          r * valueWidth,
          out.dim());
    }
  }

  private void span(Scratch s, int group, int span) {
    int run = run(group);
    int last = firstRow[run] + rowCount[run] - 1;
    int start =
        Math.max(low(firstRow[run]), span * SoftmaxRows.SPAN)
            / SoftmaxRows.BLOCK
            * SoftmaxRows.BLOCK;
    int end = Math.min(high(last), (span + 1) * SoftmaxRows.SPAN);
    TileRows tiles = tiles(s, group);
    if (tiles != null) {
      span(tiles, s.rows, group, span);
      return;
    }
    boolean shared =
        values.buffer().equals(keys.buffer())
            && values.offset() == keys.offset()
            && values.rowStride() == keys.rowStride()
            && values.headStride() == keys.headStride();
    MachineAttention machine = s.rows.machine;
    boolean listed = machine != null && machine.lists(keys, values, s.rows.rows);
    s.keys = Scratch.atLeast(s.keys, SoftmaxRows.BLOCK * keyWidth);
    if (!shared) {
      s.values = Scratch.atLeast(s.values, SoftmaxRows.BLOCK * valueWidth);
    }
    s.rows.beginSpan();
    for (int first = start; first < end; first += SoftmaxRows.BLOCK) {
      int n = Math.min(SoftmaxRows.BLOCK, end - first);
      int skip =
          Math.max(0, low(firstRow[run]) - first); // places no row sees: their pages may be gone
      if (machine != null && listed) {
        list(s, machine, group, first, skip, n);
      } else {
        load(s, group, first, skip, n, shared);
      }
      s.rows.block(
          s.keys,
          keyWidth,
          shared ? s.keys : s.values,
          shared ? keyWidth : valueWidth,
          first,
          n,
          scale,
          s.lanes);
    }
  }

  private void span(TileRows tiles, SoftmaxRows rows, int group, int span) {
    int first = firstRow[run(group)];
    int low = low(first);
    int end = Math.min(high(first + rowCount[run(group)] - 1), (span + 1) * SoftmaxRows.SPAN);
    tiles.beginSpan();
    for (int at = Math.max(low, span * SoftmaxRows.SPAN) / TileRows.BLOCK * TileRows.BLOCK;
        at < end;
        at += TileRows.BLOCK) {
      int n = Math.min(TileRows.BLOCK, end - at);
      int skip = Math.max(0, low - at);
      tiles.block(
          rows, keys, values, keyHead(group), batch, token(first), only, at, skip, n, end, scale);
    }
    tiles.endSpan(rows);
  }

  /** Widens the keys and values at places {@code first + skip .. first + n}. */
  private void load(Scratch s, int group, int first, int skip, int n, boolean shared) {
    int head = keyHead(group);
    Slots.seen(batch, token(firstRow[run(group)]), only, first, skip, n, s.slots);
    for (int j = skip; j < n; j++) {
      Rows.cached(keys, s.slots[j], head, s.keys, j * keyWidth, keyWidth);
      if (!shared) {
        Rows.cached(values, s.slots[j], head, s.values, j * valueWidth, valueWidth);
      }
    }
  }

  /** Says where the keys and values at those places lie, instead. */
  private void list(Scratch s, MachineAttention machine, int group, int first, int skip, int n) {
    int head = keyHead(group);
    Slots.seen(batch, token(firstRow[run(group)]), only, first, skip, n, s.slots);
    long keyBase = CpuBuffer.of(keys).address() + CpuBuffer.cachedAt(keys, 0, head);
    long valueBase = CpuBuffer.of(values).address() + CpuBuffer.cachedAt(values, 0, head);
    long keyStride = keys.dtype().bytes(keys.rowStride());
    long valueStride = values.dtype().bytes(values.rowStride());
    for (int j = skip; j < n; j++) {
      machine.list(j, keyBase + s.slots[j] * keyStride, valueBase + s.slots[j] * valueStride);
    }
    machine.fillBefore(skip);
  }
}
