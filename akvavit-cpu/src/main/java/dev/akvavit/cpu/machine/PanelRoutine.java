package dev.akvavit.cpu.machine;

import static dev.akvavit.cpu.machine.Address.argument;
import static dev.akvavit.cpu.machine.Assembler.Arithmetic.ADD;
import static dev.akvavit.cpu.machine.Assembler.Arithmetic.SUB;
import static dev.akvavit.cpu.machine.Register.R14;
import static dev.akvavit.cpu.machine.Register.R15;
import static dev.akvavit.cpu.machine.Register.R8;
import static dev.akvavit.cpu.machine.Register.RBX;
import static dev.akvavit.cpu.machine.Register.RCX;
import static dev.akvavit.cpu.machine.Register.RDX;

import dev.akvavit.core.DType;
import dev.akvavit.cpu.machine.Assembler.Label;
import dev.akvavit.cpu.machine.SixteenRows.Asking;

/**
 * Emits the decoding of quantised rows, sixteen at a time, into panels of codes or tiles of BF16
 * weights; or, with nothing stored between, their product with one vector of codes; or a copy of
 * the rows, interleaved.
 *
 * <p>{@link SixteenRows} are transposed as they are loaded, so that four columns of all rows make
 * one vector; then nibbles and bits become codes, sixteen rows at a time. What the bytes mean is
 * told in {@link dev.akvavit.core.QuantBlocks}.
 *
 * <p>Registers, beside those of the rows: RDI arguments, RDX the panel or the results, R8 the
 * vector's records, RBX blocks left, R14 the first row, R15 panels left. Vectors 8 to 11 are free
 * when rows are transposed; 12 to 24 keep what a type knows of a stored block, factors in 24. Codes
 * of tiles are signed, others have 128 added.
 *
 * <p>Long for a reason: each type has a short method of its own, and all share the registers.
 */
final class PanelRoutine {
  /** What becomes of the rows. */
  enum Target {
    CODES,
    TILES,
    PRODUCT,
    /** The same where {@link RowProductRoutine} gives it. */
    PRODUCT_OF_PAIRS,
    INTERLEAVED
  }

  /** The most panels of interleaved rows that are multiplied at once, each a stream from memory. */
  static final int SIDE_BY_SIDE = 8;

  // Places of the arguments, in longs.
  static final int WEIGHTS = 0;
  static final int STRIDE = 1;
  static final int BLOCKS = 2; // stored ones, of a row
  static final int PANELS = 3;
  static final int PANEL = 4;
  static final int AHEAD = 5; // bytes from what is read to what is prefetched
  static final int STEPS = 6; // two longs: a byte for each nibble
  static final int VECTOR = 8;
  static final int RESULTS = 9; // bytes from where y begins
  static final int FIFTH_BITS = 10; // eight longs: four bytes for each four bits
  static final int ORDER = 18; // of words in a line of a tile: eight longs
  static final int ARGUMENTS = 26;

  private static final int LINE = 64;
  private static final int TILE = 16 * LINE;

  private static final int CODE = 8;
  private static final int MORE = 9;
  private static final int SUM = 10; // of a block's products, or of its halves
  private static final int LATER = 29; // the same for a block that has to wait
  private static final int ODD = 29; // of every second vector, where a block has one sum
  private static final int ONE_WEIGHT = 10; // of tiles: they need no sums
  private static final int NEXT_WEIGHT = 11;
  private static final int WORDS = 29;
  private static final int FLIP = 30; // for a moment
  private static final int KEPT = 12;
  private static final int MINIMUM = 23;
  private static final int FACTOR = 24;
  private static final int NIBBLE = 25;
  private static final int PAIR = 26; // bits 4 and 5
  private static final int CONSTANT = 27;
  private static final int RESULT = 28;
  private static final int LATER_RESULTS = KEPT + 4; // of sixteens beside the first
  private static final int STEP_TABLE = 31;
  private static final int UPPER = 31; // nibbles, where they are not looked up

  private final Assembler a = new Assembler();
  private final DType type;
  private final PanelForm form;
  private final Target target;
  private final boolean multiplies;
  private final SixteenRows rows;
  private final int sideBySide;
  private int result = RESULT; // of the sixteen at hand

  private PanelRoutine(
      DType type,
      PanelForm form,
      Target target,
      boolean interleaved,
      int sideBySide,
      Asking asking) {
    this.type = type;
    this.form = form;
    this.target = target;
    multiplies = target == Target.PRODUCT;
    this.sideBySide = sideBySide;
    rows = new SixteenRows(a, type, interleaved, asking);
  }

  static boolean decodes(DType type) {
    return switch (type) {
      case Q8_0, Q4_0, Q5_0, IQ4_NL, MXFP4, Q4_K, Q6_K -> true;
      default -> false;
    };
  }

  /**
   * Whether products may take up to {@link #SIDE_BY_SIDE} sixteens at once: if registers suffice.
   */
  static boolean goesSideBySide(DType type) {
    return form(type) == PanelForm.WHOLE;
  }

  private static PanelForm form(DType type) {
    return switch (type) {
      case Q4_K -> PanelForm.WHOLE_MINIMA;
      case Q6_K -> PanelForm.HALVES;
      default -> PanelForm.WHOLE;
    };
  }

  /** Words of two columns, sixteen rows each, become pairs. */
  static void prepare(long[] arguments) {
    for (int i = 0; i < 32; i++) {
      arguments[ORDER + i / 4] |= (i / 2 + i % 2 * 16L) << i % 4 * 16;
    }
  }

  /**
   * @param interleaved as {@link SixteenRows} has it
   * @param amd whether for a processor of AMD's
   */
  static byte[] of(DType type, Target target, boolean interleaved, boolean amd) {
    if (target == Target.PRODUCT_OF_PAIRS) {
      return RowProductRoutine.of(amd ? Asking.PASSING : Asking.EACH_BLOCK);
    }
    boolean near = target == Target.PRODUCT && interleaved; // what is asked for, to what is read
    Asking asking = !amd ? Asking.ONCE : near ? Asking.PASSING : Asking.EACH_BLOCK;
    PanelRoutine routine = new PanelRoutine(type, form(type), target, interleaved, 1, asking);
    routine.emit();
    return routine.a.bytes();
  }

  /** Products of interleaved rows, so many panels at once. */
  static byte[] sideBySide(DType type, int panels) {
    PanelRoutine routine =
        new PanelRoutine(type, form(type), Target.PRODUCT, true, panels, Asking.ONCE);
    routine.emit();
    return routine.a.bytes();
  }

  private void emit() {
    a.enter();
    a.move(RDX, argument(PANEL));
    if (multiplies) {
      a.move(RDX, RCX);
      a.compute(ADD, RDX, argument(RESULTS));
    }
    rows.strides(argument(STRIDE));
    a.move(R14, argument(WEIGHTS));
    a.move(R15, argument(PANELS));
    constants();
    Label panel = a.here();
    panel();
    rows.advance(R14, sideBySide);
    a.compute(SUB, R15, sideBySide);
    a.jump(Assembler.Condition.NOT_EQUAL, panel);
    a.leave();
  }

  private void panel() {
    rows.begin(R14, argument(AHEAD));
    a.move(RBX, argument(BLOCKS));
    if (multiplies) {
      a.move(R8, argument(VECTOR));
      for (int sixteen = 0; sixteen < sideBySide; sixteen++) {
        int r = resultOf(sixteen);
        a.vector(VectorOp.VPXORD, r, r, r);
      }
    }
    Label block = a.here();
    for (int sixteen = 0; sixteen < sideBySide; sixteen++) {
      rows.beginBlock(sixteen);
      result = resultOf(sixteen);
      block();
    }
    rows.endBlock();
    int blocks = type.blockElements() / PanelForm.COLUMNS;
    if (multiplies) {
      a.compute(ADD, R8, blocks * PanelProductRoutine.RECORD);
    } else {
      a.compute(ADD, RDX, bytes());
    }
    a.compute(SUB, RBX, 1);
    a.jump(Assembler.Condition.NOT_EQUAL, block);
    if (multiplies) {
      for (int sixteen = 0; sixteen < sideBySide; sixteen++) {
        a.vector(VectorOp.VMOVUPS_STORE, resultOf(sixteen), Address.at(RDX, LINE * sixteen));
      }
      a.compute(ADD, RDX, LINE * sideBySide);
    }
  }

  private static int resultOf(int sixteen) {
    return sixteen == 0 ? RESULT : LATER_RESULTS + sixteen;
  }

  /** What sixteen rows' stored blocks become, where they are kept. */
  private int bytes() {
    int blocks = type.blockElements() / PanelForm.COLUMNS;
    return switch (target) {
      case TILES -> blocks * TILE;
      case INTERLEAVED -> PanelForm.ROWS * type.blockBytes();
      default -> blocks * form.bytes();
    };
  }

  private void block() {
    if (target == Target.INTERLEAVED) {
      rows.interleave(RDX);
      return;
    }
    switch (type) {
      case Q8_0 -> q8();
      case Q4_0, IQ4_NL -> nibbles(2);
      case MXFP4 -> nibbles(1);
      case Q5_0 -> nibbles(6);
      case Q4_K -> q4k();
      case Q6_K -> q6k();
      default -> throw new IllegalArgumentException(type + " is not decoded by machine code");
    }
  }

  // ---- where codes and factors go

  /**
   * Whether a product takes nibbles as they are: upper ones where they lie, sixteen times too
   * large, until their sum is shifted.
   */
  private boolean takesNibbles() {
    return multiplies && (type == DType.Q4_0 || type == DType.Q4_K);
  }

  /** Whether a block has nibbles of both kinds, and each kind a sum. */
  private boolean upperApart() {
    return takesNibbles() && type == DType.Q4_0;
  }

  /** A block's codes are about to come. */
  private void open(int block, int sum) {
    if (upperApart()) {
      // Nibbles are 8 too large, and upper ones count sixteenfold: their sum begins with 128's bias
      a.vector(VectorOp.VPXORD, sum, sum, sum);
      a.vector(VectorOp.VBROADCASTSS, ODD, fact(block, PanelProductRoutine.BIAS, 0));
      return;
    }
    if (multiplies && form.parts() == 1) {
      a.vector(VectorOp.VPXORD, ODD, ODD, ODD);
    }
    for (int part = 0; part < form.parts() && multiplies; part++) {
      if (form.hasMinima()) {
        a.vector(VectorOp.VPXORD, sum + part, sum + part, sum + part);
      } else {
        a.vector(VectorOp.VBROADCASTSS, sum + part, fact(block, PanelProductRoutine.BIAS, part));
      }
    }
  }

  /** Codes of columns {@code 4 line ..}. */
  private void codes(int block, int line, int from, int sum) {
    rows.prefetchSome();
    if (target == Target.TILES) {
      for (int c = 0; c < 4; c++) {
        int to = weight(c);
        int highest = c == 3 ? from : to;
        if (c < 3) {
          a.shift(VectorOp.VPSLLD, to, from, 24 - 8 * c);
        }
        a.shift(VectorOp.VPSRAD, to, highest, 24);
        a.vector(VectorOp.VCVTDQ2PS, to, to);
        scaled(block, 4 * line + c);
      }
    } else if (multiplies) {
      Address inputs = Address.at(R8, block * PanelProductRoutine.RECORD + 4 * line);
      boolean odd = form.parts() == 1 && (upperApart() ? line >= 4 : line % 2 == 1);
      a.broadcasting(VectorOp.VPDPBUSD, odd ? ODD : sum + line * form.parts() / 8, from, inputs);
    } else {
      a.vector(VectorOp.VMOVUPS_STORE, from, Address.at(RDX, block * form.bytes() + line * LINE));
    }
  }

  /** The same where four bits stand for steps, which tiles look up as numbers. */
  private void steps(int block, int line, int from, int nibble) {
    if (target == Target.TILES && type != DType.Q5_0) {
      rows.prefetchSome();
      for (int c = 0; c < 4; c++) {
        int to = weight(c);
        int right = 8 * c + nibble;
        if (right > 0) {
          a.shift(VectorOp.VPSRLD, to, from, right);
        }
        a.vector(VectorOp.VPERMPS, to, right > 0 ? to : from, STEP_TABLE); // by four bits
        scaled(block, 4 * line + c);
      }
      return;
    }
    if (takesNibbles()) {
      a.vector(VectorOp.VPANDD, CODE, from, nibble > 0 ? UPPER : NIBBLE);
      codes(block, line, CODE, SUM);
      return;
    }
    if (nibble > 0) {
      a.shift(VectorOp.VPSRLW, CODE, from, nibble);
    }
    a.vector(VectorOp.VPANDD, CODE, nibble > 0 ? CODE : from, NIBBLE);
    if (type != DType.Q4_K) {
      a.vector(VectorOp.VPSHUFB, CODE, STEP_TABLE, CODE);
    }
    fifthBits(line, CODE);
    codes(block, line, CODE, SUM);
  }

  private static int weight(int column) {
    return column % 2 == 0 ? ONE_WEIGHT : NEXT_WEIGHT;
  }

  /** A column's numbers become weights; those of two columns are stored. */
  private void scaled(int block, int column) {
    int to = weight(column);
    if (form.hasMinima()) {
      a.vector(VectorOp.VFMSUB213PS, to, FACTOR, MINIMUM);
    } else {
      a.vector(VectorOp.VMULPS, to, to, FACTOR);
    }
    if (column % 2 == 1) {
      a.vector(VectorOp.VCVTNE2PS2BF16, to, NEXT_WEIGHT, ONE_WEIGHT);
      a.vector(VectorOp.VPERMW, to, WORDS, to);
      a.vector(VectorOp.VMOVUPS_STORE, to, Address.at(RDX, block * TILE + column / 2 * LINE));
    }
  }

  /** The factors of a part, after its codes. */
  private void factors(int block, int part, int sum) {
    int from = FACTOR;
    if (multiplies) {
      Address factor =
          Address.at(R8, block * PanelProductRoutine.RECORD + PanelProductRoutine.FACTOR);
      a.broadcasting(VectorOp.VMULPS, from, from, factor);
      if (form.parts() == 1) {
        if (upperApart()) {
          a.shift(VectorOp.VPSRAD, ODD, ODD, 4);
        }
        a.vector(VectorOp.VPADDD, sum, sum, ODD);
        if (takesNibbles() && !upperApart() && block % 2 == 1) {
          a.shift(VectorOp.VPSRAD, sum, sum, 4);
        }
      }
      a.vector(VectorOp.VCVTDQ2PS, sum + part, sum + part);
      a.vector(VectorOp.VFMADD231PS, result, sum + part, from);
    } else if (target == Target.CODES) {
      int place = block * form.bytes() + PanelForm.FACTORS + part * LINE;
      a.vector(VectorOp.VMOVUPS_STORE, from, Address.at(RDX, place));
    }
  }

  /** The minima of a block that has no parts, after its factors. */
  private void minima(int block) {
    if (multiplies) {
      a.broadcasting(
          VectorOp.VFMADD231PS, result, MINIMUM, fact(block, PanelProductRoutine.MINIMUM, 0));
    } else if (target == Target.CODES) {
      a.vector(
          VectorOp.VMOVUPS_STORE, MINIMUM, Address.at(RDX, block * form.bytes() + form.minima()));
    }
  }

  private Address fact(int block, int fact, int part) {
    int place = form.parts() == 1 ? 0 : 4 * (part + 1);
    return Address.at(R8, block * PanelProductRoutine.RECORD + fact + place);
  }

  // ---- types

  private void fill(int to, int bits) {
    a.move(RBX, bits);
    a.broadcast(to, RBX);
  }

  private void constants() {
    int flip = target == Target.TILES ? 0x8080_8080 : 0;
    fill(NIBBLE, 0x0F0F_0F0F);
    fill(PAIR, 0x3030_3030);
    switch (type) {
      case Q8_0 -> fill(CONSTANT, 0x8080_8080 ^ flip);
      case MXFP4 -> {
        fill(CONSTANT, 1 << 22);
        fill(KEPT + 1, Float.floatToRawIntBits(0.5f));
      }
      case Q5_0 -> a.vector(VectorOp.VMOVUPS, SIXTEENS, argument(FIFTH_BITS));
      case Q4_K -> fill(CONSTANT, 0xFF);
      case Q6_K -> fill(CONSTANT, 0x6060_6060 ^ flip); // 128 - 32
      default -> {}
    }
    a.vector(VectorOp.VBROADCASTF32X4, STEP_TABLE, argument(STEPS));
    fill(FLIP, flip);
    a.vector(VectorOp.VPXORD, STEP_TABLE, STEP_TABLE, FLIP);
    if (takesNibbles()) {
      fill(UPPER, 0xF0F0_F0F0);
    }
    if (target == Target.TILES) {
      a.vector(VectorOp.VMOVUPS, WORDS, argument(ORDER));
    }
    if (target == Target.TILES && type != DType.Q5_0) {
      a.vector(VectorOp.VPMOVSXBD, STEP_TABLE, STEP_TABLE);
      a.vector(VectorOp.VCVTDQ2PS, STEP_TABLE, STEP_TABLE);
    }
  }

  private void q8() {
    rows.halfPrecision(FACTOR, 0);
    rows.transpose32(2);
    open(0, SUM);
    for (int j = 0; j < 8; j++) {
      a.vector(VectorOp.VPXORD, j, j, CONSTANT);
      codes(0, j, j, SUM);
    }
    factors(0, 0, SUM);
  }

  /** A factor, then 16 bytes of nibbles that stand for steps. */
  private void nibbles(int from) {
    if (type == DType.MXFP4) {
      powers(FACTOR);
    } else {
      rows.halfPrecision(FACTOR, 0);
    }
    if (type == DType.Q5_0) {
      rows.transpose16(2);
      a.vector(VectorOp.VMOVUPS, FIFTHS, 0);
    }
    rows.transpose16(from);
    open(0, SUM);
    for (int j = 0; j < 4; j++) {
      steps(0, j, j, 0);
      steps(0, 4 + j, j, 4);
    }
    factors(0, 0, SUM);
  }

  private static final int FIFTHS = KEPT + 1; // of 32 columns, a bit each
  private static final int SIXTEENS = KEPT + 2;
  private static final int FOUR_BITS = KEPT + 3;

  /** Adds 16 to those of four columns that have a fifth bit, where the type has such. */
  private void fifthBits(int line, int to) {
    if (type == DType.Q5_0) {
      a.shift(VectorOp.VPSRLD, FOUR_BITS, FIFTHS, 4 * line);
      a.vector(VectorOp.VPERMPS, FOUR_BITS, FOUR_BITS, SIXTEENS); // looks at four bits only
      a.vector(VectorOp.VPADDB, to, to, FOUR_BITS);
    }
  }

  /** {@code 2^(code - 128)} of all rows' first bytes. */
  private void powers(int to) {
    rows.bytes(0, 0);
    a.shift(VectorOp.VPSLLD, 0, 0, 23);
    a.vector(VectorOp.VPMAXUD, 0, 0, CONSTANT);
    a.vector(VectorOp.VMULPS, to, 0, KEPT + 1);
  }

  /** Six-bit scales and minima of eight blocks, then nibbles of two blocks in 32 bytes. */
  private void q4k() {
    int d = KEPT; // factors of scales and minima
    int low = KEPT + 2; // scales and minima of the first four blocks
    int high = KEPT + 4; // and of the last four
    rows.transpose16(0);
    a.lowHalves(d, 0);
    a.vector(VectorOp.VCVTPH2PS, d, d);
    a.shift(VectorOp.VPSRLD, 0, 0, 16);
    a.lowHalves(d + 1, 0);
    a.vector(VectorOp.VCVTPH2PS, d + 1, d + 1);
    for (int kind = 0; kind < 2; kind++) {
      a.shift(VectorOp.VPSRLW, CODE, 1 + kind, 2);
      a.vector(VectorOp.VPANDD, CODE, CODE, PAIR);
      a.vector(VectorOp.VPANDD, MORE, 1 + kind, NIBBLE);
      a.vector(VectorOp.VPANDD, low + kind, 1 + kind, PAIR);
      a.vector(VectorOp.VPORD, low + kind, low + kind, MORE);
      a.shift(VectorOp.VPSRLW, MORE, 3, 4 * kind);
      a.vector(VectorOp.VPANDD, MORE, MORE, NIBBLE);
      a.vector(VectorOp.VPORD, high + kind, CODE, MORE);
    }
    for (int block = 0; block < 8; block++) {
      if (block % 2 == 0) {
        rows.transpose32(16 + 16 * block);
      }
      for (int kind = 0; kind < 2; kind++) {
        int to = kind == 0 ? FACTOR : MINIMUM;
        a.shift(VectorOp.VPSRLD, to, (block < 4 ? low : high) + kind, block % 4 * 8);
        a.vector(VectorOp.VPANDD, to, to, CONSTANT);
        a.vector(VectorOp.VCVTDQ2PS, to, to);
        a.vector(VectorOp.VMULPS, to, to, d + kind);
      }
      open(block, SUM);
      for (int j = 0; j < 8; j++) {
        steps(block, j, j, block % 2 * 4);
      }
      factors(block, 0, SUM);
      minima(block);
    }
  }

  /**
   * Upper pairs of four blocks in 32 bytes, nibbles of two blocks, one after the next, in 32 bytes;
   * a signed scale for every half block.
   */
  private void q6k() {
    rows.halfPrecision(SIX_BIT_FACTOR, 208);
    rows.transpose16(192);
    for (int i = 0; i < 4; i++) {
      a.vector(VectorOp.VMOVUPS, SIX_BIT_SCALES + i, i);
    }
    for (int first = 0; first < 8; first += 4) {
      rows.transpose32(128 + 8 * first);
      for (int j = 0; j < 8; j++) {
        a.vector(VectorOp.VMOVUPS, KEPT + j, j);
      }
      rows.transpose32(16 * first);
      sixBits(first, 0, SUM);
      sixBitFactors(first, SUM);
      sixBits(first + 2, 4, LATER);
      rows.transpose32(16 * first + 32);
      sixBits(first + 1, 0, SUM);
      sixBitFactors(first + 1, SUM);
      sixBitFactors(first + 2, LATER);
      sixBits(first + 3, 4, SUM);
      sixBitFactors(first + 3, SUM);
    }
  }

  private static final int SIX_BIT_SCALES = 20; // and three more
  private static final int SIX_BIT_FACTOR = 31; // there are no steps

  private void sixBits(int block, int nibble, int sum) {
    open(block, sum);
    int up = 4 - block % 4 * 2; // its pair of bits is to become bits 4 and 5
    for (int j = 0; j < 8; j++) {
      if (target == Target.TILES && j % 4 == 0) {
        sixBitFactor(2 * block + j / 4);
      }
      a.shift(up < 0 ? VectorOp.VPSRLW : VectorOp.VPSLLW, MORE, KEPT + j, Math.abs(up));
      a.vector(VectorOp.VPANDD, MORE, MORE, PAIR);
      a.shift(VectorOp.VPSRLW, CODE, j, nibble);
      a.vector(VectorOp.VPANDD, CODE, CODE, NIBBLE);
      a.vector(VectorOp.VPORD, CODE, CODE, MORE);
      a.vector(VectorOp.VPADDB, CODE, CODE, CONSTANT);
      codes(block, j, CODE, sum);
    }
  }

  private void sixBitFactors(int block, int sum) {
    for (int part = 0; part < 2 && target != Target.TILES; part++) {
      sixBitFactor(2 * block + part);
      factors(block, part, sum);
    }
  }

  private void sixBitFactor(int i) {
    a.shift(VectorOp.VPSLLD, FACTOR, SIX_BIT_SCALES + i / 4, 24 - i % 4 * 8);
    a.shift(VectorOp.VPSRAD, FACTOR, FACTOR, 24);
    a.vector(VectorOp.VCVTDQ2PS, FACTOR, FACTOR);
    a.vector(VectorOp.VMULPS, FACTOR, FACTOR, SIX_BIT_FACTOR);
  }
}
