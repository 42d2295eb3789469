package dev.akvavit.cpu.machine;

import static dev.akvavit.cpu.machine.Address.argument;
import static dev.akvavit.cpu.machine.Assembler.Arithmetic.ADD;
import static dev.akvavit.cpu.machine.Assembler.Arithmetic.CMP;
import static dev.akvavit.cpu.machine.Assembler.Arithmetic.SUB;
import static dev.akvavit.cpu.machine.BlockShape.LANES;
import static dev.akvavit.cpu.machine.BlockShape.LINE;
import static dev.akvavit.cpu.machine.Register.RAX;
import static dev.akvavit.cpu.machine.Register.RBX;
import static dev.akvavit.cpu.machine.Register.RCX;
import static dev.akvavit.cpu.machine.Register.RDX;
import static dev.akvavit.cpu.machine.Register.RSI;

import dev.akvavit.cpu.machine.Assembler.Condition;
import dev.akvavit.cpu.machine.Assembler.Label;

/**
 * Emits the step of the online softmax that turns a block's scores into weights: the maximum rises,
 * sums shrink and grow, weights are rounded to BF16. Queries are the lanes, so nothing goes across
 * but one transposition of the weights.
 *
 * <p>Four accumulators take rows {@code i % 4}, whatever the block's length; a row that is not seen
 * adds zero. The exponential is that of the loops on the Vector API but for its last step.
 */
final class SoftmaxRoutine {
  /** What all maxima begin with: above the score of a row not seen, below any other. */
  static final float LOWEST = -1e30f;

  private static final float UNSEEN = -3e38f;
  private static final int UNROLLED = 4;
  private static final int PAIR_ROWS = 32; // rows whose weights are transposed at once

  // Constants: an order of words, then floats, each for all lanes; registers 16 and above.
  private static final int WORDS = LINE;
  private static final int FIRST_CONSTANT = 16;
  private static final float[] CONSTANTS = {
    -200, // no weight is left
    1.44269504f, // 1 / ln 2
    0x1.8p23f, // rounds to an integer
    0x1.62e4p-1f, // ln 2 in two parts
    (float) (Math.log(2) - 0x1.62e4p-1),
    1 / 5040f,
    1 / 720f,
    1 / 120f,
    1 / 24f,
    1 / 6f,
    0.5f,
    1
  };
  private static final int LOW = 16;
  private static final int LOG2_E = 17;
  private static final int ROUND = 18;
  private static final int LN2_HIGH = 19;
  private static final int LN2_LOW = 20;
  private static final int FIRST_FACTOR = 21;
  private static final int ONE = 27;
  private static final int MINUS_MAX = 28;
  private static final int SCALE = 29;
  private static final int OLD_MAX = 30;
  private static final int WORD_ORDER = 31;

  private final Assembler a = new Assembler();

  private SoftmaxRoutine() {}

  static byte[] code() {
    SoftmaxRoutine routine = new SoftmaxRoutine();
    routine.emit();
    return routine.a.bytes();
  }

  /** What {@link BlockShape#CONSTANTS} leads to. */
  static byte[] constants() {
    java.nio.ByteBuffer all =
        java.nio.ByteBuffer.allocate(WORDS + Float.BYTES * (CONSTANTS.length + 1))
            .order(java.nio.ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < LANES; i++) {
      all.putShort((short) i).putShort((short) (LANES + i));
    }
    for (float constant : CONSTANTS) {
      all.putFloat(constant);
    }
    return all.putFloat(UNSEEN).array();
  }

  private static Address constant(int i) {
    return Address.at(RAX, WORDS + Float.BYTES * i);
  }

  // RSI scores, RDX weights, RBX state, RCX rows left or a row's scores

  private void emit() {
    a.enter();
    a.move(RSI, argument(BlockShape.SCORES));
    a.move(RDX, argument(BlockShape.WEIGHTS));
    a.move(RBX, argument(BlockShape.STATE));
    a.move(RAX, argument(BlockShape.TILES));
    a.move(argument(BlockShape.LEFT_TILES), RAX);
    Label tile = a.here();
    a.move(RAX, argument(BlockShape.CONSTANTS));
    Label whole = a.label();
    a.compute(CMP, argument(BlockShape.MASKED), 0);
    a.jump(Condition.EQUAL, whole);
    hideUnseen();
    a.place(whole);
    for (int i = 0; i < CONSTANTS.length; i++) {
      a.vector(VectorOp.VBROADCASTSS, FIRST_CONSTANT + i, constant(i));
    }
    a.vector(VectorOp.VBROADCASTSS, SCALE, argument(BlockShape.SCALE));
    maximum();
    weights();
    round();
    a.compute(ADD, RSI, BlockShape.SCORE_TILE);
    a.compute(ADD, RDX, BlockShape.WEIGHT_TILE);
    a.compute(ADD, RBX, BlockShape.STATE_TILE);
    a.compute(SUB, argument(BlockShape.LEFT_TILES), 1);
    a.jump(Condition.NOT_EQUAL, tile);
    a.leave();
  }

  /** Overwrites the scores that a query may not see. */
  private void hideUnseen() {
    int unseen = 16;
    int first = 17;
    int last = 18;
    int row = 19;
    int one = 20;
    a.vector(VectorOp.VBROADCASTSS, unseen, constant(CONSTANTS.length));
    a.vector(VectorOp.VMOVUPS, first, Address.at(RBX, BlockShape.FROM));
    a.vector(VectorOp.VMOVUPS, last, Address.at(RBX, BlockShape.LAST));
    a.vector(VectorOp.VPXORD, row, row, row);
    a.move(RCX, 1);
    a.broadcast(one, RCX);
    rows(
        1,
        () -> {
          a.vector(VectorOp.VPCMPGTD, 1, first, row);
          a.vector(VectorOp.VPCMPGTD, 2, row, last);
          a.store(VectorOp.VMOVUPS_STORE, Address.at(RCX, 0), unseen, 1);
          a.store(VectorOp.VMOVUPS_STORE, Address.at(RCX, 0), unseen, 2);
          a.vector(VectorOp.VPADDD, row, row, one);
        });
  }

  /** Runs {@code body} for every so many rows of the block, RCX at their scores. */
  private void rows(int step, Runnable body) {
    a.move(RCX, argument(BlockShape.ROWS));
    a.move(argument(BlockShape.LEFT), RCX);
    a.move(RCX, RSI);
    Label next = a.here();
    body.run();
    a.compute(ADD, RCX, step * LINE);
    a.compute(SUB, argument(BlockShape.LEFT), step);
    a.jump(Condition.NOT_EQUAL, next);
  }

  private void maximum() {
    a.vector(VectorOp.VMOVUPS, OLD_MAX, Address.at(RBX, BlockShape.MAX));
    for (int i = 0; i < UNROLLED; i++) {
      a.vector(VectorOp.VMOVUPS, i, OLD_MAX);
    }
    rows(
        UNROLLED,
        () -> {
          for (int i = 0; i < UNROLLED; i++) {
            a.vector(VectorOp.VMULPS, UNROLLED + i, SCALE, Address.at(RCX, i * LINE));
            a.vector(VectorOp.VMOVUPS_STORE, UNROLLED + i, Address.at(RCX, i * LINE));
            a.vector(VectorOp.VMAXPS, i, i, UNROLLED + i);
          }
        });
    a.vector(VectorOp.VMAXPS, 0, 0, 1);
    a.vector(VectorOp.VMAXPS, 2, 2, 3);
    a.vector(VectorOp.VMAXPS, 0, 0, 2);
    a.vector(VectorOp.VMOVUPS_STORE, 0, Address.at(RBX, BlockShape.MAX));
    a.vector(VectorOp.VPXORD, 1, 1, 1);
    a.vector(VectorOp.VSUBPS, MINUS_MAX, 1, 0);
    a.vector(VectorOp.VADDPS, 4, OLD_MAX, MINUS_MAX);
    exponential(4, 1, 0);
    a.vector(VectorOp.VMOVUPS_STORE, 0, Address.at(RBX, BlockShape.SHRINK));
  }

  /**
   * {@code e^x} of registers {@code x ..}, which are lost, to {@code to ..}, eight above {@code x}
   * serving.
   */
  private void exponential(int x, int count, int to) {
    int n = x + 2 * UNROLLED;
    each(count, VectorOp.VMAXPS, x, x, LOW);
    copyEach(count, n, ROUND);
    each(count, VectorOp.VFMADD231PS, n, x, LOG2_E);
    each(count, VectorOp.VSUBPS, n, n, ROUND);
    each(count, VectorOp.VFNMADD231PS, x, n, LN2_HIGH);
    each(count, VectorOp.VFNMADD231PS, x, n, LN2_LOW);
    copyEach(count, to, FIRST_FACTOR);
    for (int factor = FIRST_FACTOR + 1; factor <= ONE; factor++) {
      each(count, VectorOp.VFMADD213PS, to, x, factor);
    }
    each(count, VectorOp.VFMADD213PS, to, x, ONE);
    each(count, VectorOp.VSCALEFPS, to, to, n);
  }

  /** An instruction on registers that follow one another; a constant stays what it is. */
  private void each(int count, VectorOp op, int to, int first, int second) {
    for (int i = 0; i < count; i++) {
      a.vector(op, to + i, first + i, second < FIRST_CONSTANT ? second + i : second);
    }
  }

  private void copyEach(int count, int to, int constant) {
    for (int i = 0; i < count; i++) {
      a.vector(VectorOp.VMOVUPS, to + i, constant);
    }
  }

  private void weights() {
    int x = UNROLLED;
    int p = 2 * UNROLLED;
    each(UNROLLED, VectorOp.VPXORD, 0, 0, 0);
    rows(
        UNROLLED,
        () -> {
          for (int i = 0; i < UNROLLED; i++) {
            a.vector(VectorOp.VADDPS, x + i, MINUS_MAX, Address.at(RCX, i * LINE));
          }
          exponential(x, UNROLLED, p);
          each(UNROLLED, VectorOp.VADDPS, 0, 0, p);
          for (int i = 0; i < UNROLLED; i++) {
            a.vector(VectorOp.VMOVUPS_STORE, p + i, Address.at(RCX, i * LINE));
          }
        });
    a.vector(VectorOp.VADDPS, 0, 0, 1);
    a.vector(VectorOp.VADDPS, 2, 2, 3);
    a.vector(VectorOp.VADDPS, 0, 0, 2);
    a.vector(VectorOp.VMOVUPS, 1, Address.at(RBX, BlockShape.SUM));
    a.vector(VectorOp.VMOVUPS, 2, Address.at(RBX, BlockShape.SHRINK));
    a.vector(VectorOp.VFMADD213PS, 1, 2, 0);
    a.vector(VectorOp.VMOVUPS_STORE, 1, Address.at(RBX, BlockShape.SUM));
  }

  /** Weights of two rows of the block side by side for every query, then query by query. */
  private void round() {
    a.push(RDX);
    rows(
        PAIR_ROWS,
        () -> {
          a.vector(VectorOp.VMOVUPS, WORD_ORDER, Address.at(RAX, 0));
          for (int i = 0; i < LANES; i++) {
            a.vector(VectorOp.VMOVUPS, i, Address.at(RCX, (2 * i + 1) * LINE));
            a.vector(VectorOp.VCVTNE2PS2BF16, i, i, Address.at(RCX, 2 * i * LINE));
            a.vector(VectorOp.VPERMW, i, WORD_ORDER, i);
          }
          BlockShape.transpose(a);
          for (int i = 0; i < LANES; i++) {
            a.vector(VectorOp.VMOVUPS_STORE, i, Address.at(RDX, i * BlockShape.WEIGHT_ROW));
          }
          a.compute(ADD, RDX, 2 * PAIR_ROWS);
        });
    a.pop(RDX);
  }
}
