package dev.akvavit.cpu.machine;

import dev.akvavit.core.DType;
import dev.akvavit.cpu.machine.PanelRoutine.Target;
import java.lang.foreign.MemorySegment;

/**
 * Calls of machine code that decode quantised rows into panels and multiply panels by vectors of
 * 8-bit codes; one thread's own, filled in anew each time.
 */
public final class PanelCall {
  /** The most vectors of one product. */
  public static final int MOST_VECTORS = PanelProductRoutine.MOST_VECTORS;

  /** The next panel's rows are prefetched while these are read, if they leave room in a cache. */
  private static final int NEAR = 512 * 1024;

  private static final int WITHIN_ROW = 1024;

  /** What is prefetched of interleaved rows that are multiplied as they lie. */
  private static final int INTERLEAVED_AHEAD = MachineCode.here().isAmd() ? 4096 : 2048;

  /** The same of each sixteen that is read beside others. */
  private static final int AHEAD_OF_EACH = 1024;

  // What a nibble stands for, 128 added, lowest first.
  private static final long[] PLAIN_STEPS = {0x8786_8584_8382_8180L, 0x8F8E_8D8C_8B8A_8988L};
  private static final long[] Q4_STEPS = {0x7F7E_7D7C_7B7A_7978L, 0x8786_8584_8382_8180L};
  private static final long[] Q5_STEPS = {0x7776_7574_7372_7170L, 0x7F7E_7D7C_7B7A_7978L};
  private static final long[] IQ4_NL_STEPS = {0x766A_5D4F_3F2D_1801L, 0xF1D9_C5B5_A699_8D81L};
  private static final long[] MXFP4_STEPS = {0x8C88_8684_8382_8180L, 0x7478_7A7C_7D7E_7F80L};

  private final long[] rows = new long[PanelRoutine.ARGUMENTS];
  private final MemorySegment rowArguments = MemorySegment.ofArray(rows);
  private final long[] product = new long[PanelProductRoutine.ARGUMENTS];
  private final MemorySegment productArguments = MemorySegment.ofArray(product);
  private final ArrayViews views = new ArrayViews();
  private final MachineCode code = MachineCode.here();
  private boolean interleaved;

  public PanelCall() {
    PanelRoutine.prepare(rows);
    for (int i = 0; i < 8; i++) {
      rows[PanelRoutine.FIFTH_BITS + i] = sixteens(2 * i) | (long) sixteens(2 * i + 1) << 32;
    }
  }

  /** A byte of 16 for each of four bits that is set. */
  private static int sixteens(int bits) {
    return (bits & 1 | (bits & 2) << 7 | (bits & 4) << 14 | (bits & 8) << 21) << 4;
  }

  /** Whether rows of a type are decoded. */
  public static boolean decodes(DType type) {
    return PanelRoutine.decodes(type);
  }

  /**
   * Rows of {@code blocks} stored blocks, {@code panels} times sixteen of them.
   *
   * @param address where the first row's blocks begin
   * @param stride bytes of a row, and from row to row where they lie apart
   * @param interleaved whether each sixteen of them are
   */
  public void rows(
      DType type, long address, long stride, int blocks, int panels, boolean interleaved) {
    this.interleaved = interleaved;
    rows[PanelRoutine.WEIGHTS] = address;
    rows[PanelRoutine.STRIDE] = interleaved ? PanelForm.ROWS * stride : stride;
    rows[PanelRoutine.BLOCKS] = blocks;
    rows[PanelRoutine.PANELS] = panels;
    long next = PanelForm.ROWS * stride;
    rows[PanelRoutine.AHEAD] = next <= NEAR ? next : WITHIN_ROW;
    long[] steps =
        switch (type) {
          case Q4_K -> PLAIN_STEPS;
          case Q5_0 -> Q5_STEPS;
          case IQ4_NL -> IQ4_NL_STEPS;
          case MXFP4 -> MXFP4_STEPS;
          default -> Q4_STEPS;
        };
    rows[PanelRoutine.STEPS] = steps[0];
    rows[PanelRoutine.STEPS + 1] = steps[1];
  }

  /** Decodes those rows into panels from an address on. */
  public void decode(DType type, long panel) {
    rows[PanelRoutine.PANEL] = panel;
    run(code.panels(type, Target.CODES, interleaved), rowArguments, MemorySegment.NULL);
  }

  /**
   * Decodes those rows to BF16, to nearest even, into a tile for 32 columns of sixteen rows: {@code
   * [column / 2][row][column % 2]}.
   */
  public void weightTiles(DType type, long to) {
    rows[PanelRoutine.PANEL] = to;
    run(code.panels(type, Target.TILES, interleaved), rowArguments, MemorySegment.NULL);
  }

  /** Copies those rows, which lie apart, to an address, each sixteen of them interleaved. */
  public void interleave(DType type, long to) {
    rows[PanelRoutine.PANEL] = to;
    run(code.panels(type, Target.INTERLEAVED, interleaved), rowArguments, MemorySegment.NULL);
  }

  /** Multiplies those rows by the vector whose records begin at an address. */
  public void multiply(DType type, long vector, float[] y, int at) {
    multiply(type, vector, y, at, panelsAtOnce(type));
  }

  /**
   * The same, up to so many panels of interleaved rows at once, which changes no bit: a power of 2.
   */
  void multiply(DType type, long vector, float[] y, int at, int most) {
    rows[PanelRoutine.VECTOR] = vector;
    rows[PanelRoutine.RESULTS] = 4L * at;
    long left = rows[PanelRoutine.PANELS];
    for (int some = interleaved ? most : 1; some > 1; some /= 2) {
      long panels = left / some * some;
      if (panels > 0) {
        rows[PanelRoutine.PANELS] = panels;
        rows[PanelRoutine.AHEAD] = AHEAD_OF_EACH;
        run(code.panelsSideBySide(type, some), rowArguments, views.of(y));
        rows[PanelRoutine.WEIGHTS] += panels * rows[PanelRoutine.STRIDE];
        rows[PanelRoutine.RESULTS] += panels * PanelForm.ROWS * Float.BYTES;
        left -= panels;
      }
    }
    if (left > 0) {
      rows[PanelRoutine.PANELS] = left;
      if (interleaved) {
        rows[PanelRoutine.AHEAD] = INTERLEAVED_AHEAD;
      }
      boolean pairs = !interleaved && RowProductRoutine.multiplies(type, rows[PanelRoutine.BLOCKS]);
      Target target = pairs ? Target.PRODUCT_OF_PAIRS : Target.PRODUCT;
      run(code.panels(type, target, interleaved), rowArguments, views.of(y));
    }
  }

  /**
   * Panels of interleaved rows that are best multiplied at once. Intel's processors prefetch from
   * each of several streams, and only so far ahead of one; on AMD's four cost a tenth.
   */
  public static int panelsAtOnce(DType type) {
    boolean manyStreams = !MachineCode.here().isAmd() && PanelRoutine.goesSideBySide(type);
    return manyStreams ? PanelRoutine.SIDE_BY_SIDE : 1;
  }

  /** So many rows in panels that follow one another, of so many blocks of columns. */
  public void panels(long address, int rows, int blocks) {
    int panels = Math.ceilDiv(rows, PanelForm.ROWS);
    product[PanelProductRoutine.PANEL] = address;
    product[PanelProductRoutine.PANELS] = panels;
    product[PanelProductRoutine.BLOCKS] = blocks;
    product[PanelProductRoutine.LAST_ROWS] = 0xFFFF >> panels * PanelForm.ROWS - rows;
  }

  /** The records of vector {@code i} begin at an address. */
  public void vector(int i, long address) {
    product[PanelProductRoutine.VECTOR + i] = address;
  }

  /**
   * Multiplies: results of vector {@code i} begin at {@code y[at + i * stride]}.
   *
   * @param goesOn whether they are added to what is there
   */
  public void multiply(PanelForm form, int vectors, boolean goesOn, float[] y, int at, int stride) {
    product[PanelProductRoutine.RESULTS] = 4L * at;
    product[PanelProductRoutine.RESULT_STRIDE] = 4L * stride;
    product[PanelProductRoutine.GOES_ON] = goesOn ? 1 : 0;
    product[PanelProductRoutine.PANEL_BYTES] = product[PanelProductRoutine.BLOCKS] * form.bytes();
    run(code.panelProducts(form, vectors), productArguments, views.of(y));
  }

  private static void run(MemorySegment routine, MemorySegment arguments, MemorySegment y) {
    Downcall.run(routine, arguments, MemorySegment.NULL, MemorySegment.NULL, y, MemorySegment.NULL);
  }
}
