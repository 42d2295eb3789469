package dev.akvavit.cpu;

import dev.akvavit.core.DType;
import dev.akvavit.core.Weight;
import dev.akvavit.cpu.machine.InstructionSet;
import dev.akvavit.cpu.machine.MachineCode;
import dev.akvavit.cpu.machine.PanelCall;
import dev.akvavit.cpu.machine.PanelForm;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Quantised rows times vectors of 8-bit codes: rows are decoded sixteen at a time into panels that
 * stay in a near cache, and each panel serves all vectors.
 *
 * <p>Within a block of columns products of codes are summed as integers, exactly; blocks are added
 * to a result in ascending order, by one fused multiply-add each. So a result has the same bits
 * whatever shares the step, however rows and columns are cut, and on every path.
 */
final class PanelRows {
  private static final Kernels K = Lanes.KERNELS;
  private static final int ROWS = PanelForm.ROWS;

  /** Weights that are decoded at a time: with a vector's codes they fill a first-level cache. */
  private static final int WEIGHTS = 32 * 1024;

  /** Rows that share a pass over the vectors. */
  static final int MOST_ROWS = 64;

  private PanelRows() {}

  /** Room for the panels of a worker. */
  static MemorySegment room() {
    int blocks = WEIGHTS / (ROWS * PanelForm.COLUMNS);
    return Arena.ofAuto().allocate((long) blocks * PanelForm.HALVES_MINIMA.bytes(), 64);
  }

  /** A worker's own calls; null where the loops of {@link Kernels} run. */
  static @Nullable PanelCall call(boolean wanted) {
    return wanted && isFast() ? new PanelCall() : null;
  }

  /** Whether this machine multiplies bytes four at a time, about as fast as memory gives them. */
  static boolean isFast() {
    return MachineCode.here().isReady() && MachineCode.here().has(InstructionSet.VNNI);
  }

  /** As {@link RowBlock#multiply}. */
  static void multiply(
      Weight w,
      int head,
      int from,
      int to,
      ByteInputs x,
      int[] order,
      int first,
      int n,
      Scratch s,
      float[] y,
      int stride) {
    int together = n == 1 ? ROWS : MOST_ROWS;
    int chunk = WEIGHTS / together;
    int row = from;
    if (n == 1) {
      row += alone(w, head * w.out() + from, to - from, x, x.at(order[first], head), s, y);
    }
    for (; row < to; row += together) {
      int rows = Math.min(together, to - row);
      for (int column = 0; column < w.in(); column += chunk) {
        int columns = Math.min(chunk, w.in() - column);
        decode(w, head * w.out() + row, rows, column, columns, s);
        PanelForm form = PanelCodes.form(w.dtype());
        int at = row - from;
        PanelCall call = s.panelCall;
        if (call != null) {
          call.panels(s.panels.address(), rows, columns / PanelForm.COLUMNS);
          products(call, form, x, head, column, order, first, n, y, at, stride);
        } else {
          products(form, rows, x, head, column, columns, order, first, n, s, y, at, stride);
        }
      }
    }
  }

  /** Whether one vector is best multiplied by many rows at once, each sixteen a stream. */
  static boolean goesSideBySide(Weight w) {
    return w.data() instanceof CpuBuffer data
        && data.interleaved() != null
        && PanelCall.panelsAtOnce(w.dtype()) > 1;
  }

  /** One vector needs no panels: whole ones are multiplied as they are decoded. How many rows. */
  private static int alone(
      Weight w, int stored, int rows, ByteInputs x, long vector, Scratch s, float[] y) {
    PanelCall call = s.panelCall;
    if (call == null || !PanelCall.decodes(w.dtype())) {
      return 0;
    }
    int done = 0;
    while (done < rows) {
      int panels = whole(w, stored + done, rows - done);
      if (panels == 0) {
        return done;
      }
      rows(call, w, stored + done, 0, w.in(), panels);
      call.multiply(w.dtype(), x.records.address() + vector, y, done);
      done += panels * ROWS;
    }
    return done;
  }

  /** Panels from row {@code stored} on whose rows are all there, a stride apart. */
  private static int whole(Weight w, int stored, int rows) {
    return Math.min(rows, w.run() - stored % w.run()) / ROWS;
  }

  private static void rows(PanelCall call, Weight w, int stored, int column, int columns, int n) {
    DType type = w.dtype();
    CpuBuffer data = (CpuBuffer) w.data();
    MemorySegment copy = data.interleaved();
    boolean interleaved = copy != null && w.storedRow(stored) % ROWS == 0;
    long address =
        interleaved && copy != null
            ? copy.address() + Rows.offset(w, stored, 0) + ROWS * type.bytes(column)
            : data.bytes().address() + Rows.offset(w, stored, column);
    long row = type.bytes(w.columns());
    call.rows(type, address, row, columns / type.blockElements(), n, interleaved);
  }

  // ---- decoding

  /** Rows from {@code stored} on into panels that follow one another, {@link #WEIGHTS} at most. */
  static void decode(Weight w, int stored, int rows, int column, int columns, Scratch s) {
    PanelCall call = s.panelCall;
    boolean fast = call != null && PanelCall.decodes(w.dtype());
    long panel = (long) columns / PanelForm.COLUMNS * PanelCodes.form(w.dtype()).bytes();
    for (int r = 0; r < rows; r += ROWS) {
      int row = stored + r;
      long to = r / ROWS * panel;
      if (fast && call != null && whole(w, row, rows - r) > 0) {
        rows(call, w, row, column, columns, 1);
        call.decode(w.dtype(), s.panels.address() + to);
      } else {
        decode(w, row, Math.min(ROWS, rows - r), column, columns, s.panels, to);
      }
    }
  }

  /**
   * Rows from {@code stored} on as BF16 tiles that follow one another: a type that machine code
   * decodes. Rows that make no sixteen are copied first, {@link #WEIGHTS} at most.
   */
  static void decodeTiles(
      Weight w, int stored, int rows, int column, int columns, Scratch s, long to) {
    PanelCall call = Objects.requireNonNull(s.panelCall, "tiles, without machine code");
    DType type = w.dtype();
    long panel = (long) Short.BYTES * ROWS * columns;
    int panels;
    for (int r = 0; r < rows; r += panels * ROWS) {
      panels = whole(w, stored + r, rows - r);
      if (panels > 0) {
        rows(call, w, stored + r, column, columns, panels);
      } else {
        panels = 1;
        long stride = type.bytes(columns);
        for (int i = 0; i < Math.min(ROWS, rows - r); i++) {
          long from = Rows.offset(w, stored + r + i, column);
          MemorySegment.copy(CpuBuffer.of(w.data()), from, s.panels, i * stride, stride);
        }
        call.rows(type, s.panels.address(), stride, columns / type.blockElements(), 1, false);
      }
      call.weightTiles(type, to + r / ROWS * panel);
    }
  }

  private static void decode(
      Weight w, int stored, int rows, int column, int columns, MemorySegment panels, long at) {
    DType type = w.dtype();
    MemorySegment data = CpuBuffer.of(w.data());
    int block = type.blockElements();
    long blockBytes = (long) block / PanelForm.COLUMNS * PanelCodes.form(type).bytes();
    for (int r = 0; r < ROWS; r++) {
      int row = stored + Math.min(r, rows - 1); // the last stands for those that are not there
      long from = Rows.offset(w, row, column);
      long to = at;
      for (int k = 0; k < columns; k += block) {
        PanelCodes.decode(type, data, from, panels, to, r);
        from += type.blockBytes();
        to += blockBytes;
      }
    }
  }

  // ---- products

  private static void products(
      PanelCall call,
      PanelForm form,
      ByteInputs x,
      int head,
      int column,
      int[] order,
      int first,
      int n,
      float[] y,
      int at,
      int stride) {
    long records = x.records.address();
    int tile = Math.ceilDiv(n, Math.max(1, Math.ceilDiv(n, PanelCall.MOST_VECTORS)));
    for (int i = 0; i < n; i += tile) {
      int vectors = Math.min(tile, n - i);
      for (int v = 0; v < vectors; v++) {
        call.vector(v, records + x.at(order[first + i + v], head, column));
      }
      call.multiply(form, vectors, column > 0, y, at + i * stride, stride);
    }
  }

  private static void products(
      PanelForm form,
      int rows,
      ByteInputs x,
      int head,
      int column,
      int columns,
      int[] order,
      int first,
      int n,
      Scratch s,
      float[] y,
      int at,
      int stride) {
    int blocks = columns / PanelForm.COLUMNS;
    float[] sums = s.lanes;
    for (int r = 0; r < rows; r += ROWS) {
      int count = Math.min(ROWS, rows - r);
      long panel = (long) r / ROWS * blocks * form.bytes();
      for (int i = 0; i < n; i++) {
        int to = at + i * stride + r;
        for (int row = 0; row < count; row++) {
          sums[row] = column > 0 ? y[to + row] : 0;
        }
        long records = x.at(order[first + i], head, column);
        K.addPanel(form, s.panels, panel, blocks, x.records, records, sums);
        System.arraycopy(sums, 0, y, to, count);
      }
    }
  }
}
