package dev.akvavit.cpu.machine;

import static dev.akvavit.cpu.machine.Assembler.Arithmetic.ADD;
import static dev.akvavit.cpu.machine.Assembler.Arithmetic.AND;
import static dev.akvavit.cpu.machine.Assembler.Arithmetic.CMP;
import static dev.akvavit.cpu.machine.Assembler.Arithmetic.SUB;
import static dev.akvavit.cpu.machine.Register.R10;
import static dev.akvavit.cpu.machine.Register.R11;
import static dev.akvavit.cpu.machine.Register.R12;
import static dev.akvavit.cpu.machine.Register.R13;
import static dev.akvavit.cpu.machine.Register.R14;
import static dev.akvavit.cpu.machine.Register.R15;
import static dev.akvavit.cpu.machine.Register.R8;
import static dev.akvavit.cpu.machine.Register.R9;
import static dev.akvavit.cpu.machine.Register.RAX;
import static dev.akvavit.cpu.machine.Register.RBP;
import static dev.akvavit.cpu.machine.Register.RBX;
import static dev.akvavit.cpu.machine.Register.RCX;
import static dev.akvavit.cpu.machine.Register.RDI;
import static dev.akvavit.cpu.machine.Register.RDX;
import static dev.akvavit.cpu.machine.Register.RSI;

import dev.akvavit.cpu.machine.Assembler.Condition;
import dev.akvavit.cpu.machine.Assembler.Label;

/**
 * Emits the products of panels with sixteen vectors of 8-bit codes on tiles (AMX): the same numbers
 * as {@link PanelProductRoutine}, whose integers are exact and whose multiply-adds these repeat.
 *
 * <p>A tile product takes some hundred cycles from its loads to its sums in memory, and the
 * multiply-adds of a block forty; so tiles are three blocks ahead.
 *
 * <p>Registers: RDI arguments, RSI the block, RDX blocks left, RCX results, R15 panels left; R8 to
 * R11 the records of every fourth vector, R12 and R13 from one vector to the next and the third
 * next; R14 the stride of panels; RBP sums on their way, RAX and RBX which of them are written and
 * read next.
 */
final class PanelTileRoutine {
  /** Vectors. */
  static final int SIDE = 16;

  // Places of the arguments, in longs.
  static final int PANEL = 0;
  static final int PANELS = 1;
  static final int BLOCKS = 2;
  static final int RESULTS = 3;
  static final int RESULT_STRIDE = 4;
  static final int GOES_ON = 5; // results begin with what is there
  static final int LAST_ROWS = 6; // a bit for each row of the last panel
  static final int RECORDS = 7;
  static final int RECORD_STRIDE = 8; // from vector to vector
  static final int COUNT = 9; // of vectors whose results are wanted
  static final int CONFIGURATION = 10;
  static final int SUMS = 18; // from the next whole line on
  static final int ARGUMENTS = SUMS + 8 * 128 + 8;

  private static final Register[] FOURTHS = {R8, R9, R10, R11};
  private static final Register[] SAVED = {RBX, RBP, R12, R13, R14, R15};
  private static final int AHEAD = 3;
  private static final int LINE = 64;
  private static final int TILE = 1024;
  private static final int CODES = 4; // tile registers
  private static final int WEIGHTS = 6;
  private static final int WEIGHT_FACTOR = 16; // and one more
  private static final int WEIGHT_MINIMUM = 18; // and one more
  private static final int PRODUCTS = 20; // and five more
  private static final int SCALE = 26; // and five more

  private final Assembler a = new Assembler();
  private final PanelForm form;

  private PanelTileRoutine(PanelForm form) {
    this.form = form;
  }

  static byte[] of(PanelForm form) {
    PanelTileRoutine routine = new PanelTileRoutine(form);
    routine.emit();
    return routine.a.bytes();
  }

  private static Address argument(int place) {
    return Address.at(RDI, Long.BYTES * place);
  }

  /** What {@code ldtilecfg} takes: a tile's bytes a row from byte 16, its rows from byte 48. */
  static void configure(PanelForm form, long[] arguments) {
    long codes = PanelForm.COLUMNS / form.parts();
    arguments[CONFIGURATION] = 1;
    arguments[CONFIGURATION + 2] = LINE | LINE << 16; // sums
    arguments[CONFIGURATION + 3] = codes | codes << 16 | (long) LINE << 32 | (long) LINE << 48;
    long heights = SIDE | SIDE << 8 | (long) SIDE << 32 | (long) SIDE << 40;
    arguments[CONFIGURATION + 6] = heights | codes / 4 << 48 | codes / 4 << 56;
  }

  private void emit() {
    for (Register r : SAVED) {
      a.push(r);
    }
    a.address(RBP, Address.at(RDI, 8 * SUMS + LINE - 1));
    a.compute(AND, RBP, -LINE);
    a.move(R12, argument(RECORD_STRIDE));
    a.address(R13, Address.at(R12, R12, 2, 0));
    a.move(R14, LINE);
    a.move(R15, argument(PANELS));
    a.move(RSI, argument(PANEL));
    a.compute(ADD, RCX, argument(RESULTS));
    a.configureTiles(argument(CONFIGURATION));
    Label panel = a.here();
    rowsThatExist();
    begin();
    pass();
    end();
    a.compute(ADD, RCX, LINE);
    a.compute(SUB, R15, 1);
    a.jump(Condition.NOT_EQUAL, panel);
    a.releaseTiles();
    a.zeroUpper();
    for (int i = SAVED.length - 1; i >= 0; i--) {
      a.pop(SAVED[i]);
    }
    a.ret();
  }

  private void rowsThatExist() {
    Label ready = a.label();
    a.move(RAX, 0xFFFF);
    a.compute(CMP, R15, 1);
    a.jump(Condition.NOT_EQUAL, ready);
    a.move(RAX, argument(LAST_ROWS));
    a.place(ready);
    a.mask(1, RAX);
  }

  private void begin() {
    Label ready = a.label();
    for (int v = 0; v < SIDE; v++) {
      a.vector(VectorOp.VPXORD, v, v, v);
    }
    a.compute(CMP, argument(GOES_ON), 0);
    a.jump(Condition.EQUAL, ready);
    a.move(RAX, RCX);
    a.move(RBX, argument(COUNT));
    for (int v = 0; v < SIDE; v++) {
      a.load(VectorOp.VMOVUPS, v, Address.at(RAX, 0), 1);
      a.compute(ADD, RAX, argument(RESULT_STRIDE));
      a.compute(SUB, RBX, 1);
      a.jump(Condition.EQUAL, ready);
    }
    a.place(ready);
  }

  private void end() {
    Label done = a.label();
    a.move(RAX, RCX);
    a.move(RBX, argument(COUNT));
    for (int v = 0; v < SIDE; v++) {
      a.store(VectorOp.VMOVUPS_STORE, Address.at(RAX, 0), v, 1);
      a.compute(ADD, RAX, argument(RESULT_STRIDE));
      a.compute(SUB, RBX, 1);
      a.jump(Condition.EQUAL, done);
    }
    a.place(done);
  }

  /** All blocks of a panel. */
  private void pass() {
    a.move(R8, argument(RECORDS));
    for (int i = 1; i < FOURTHS.length; i++) {
      a.address(FOURTHS[i], Address.at(FOURTHS[i - 1], R12, 4, 0));
    }
    a.move(RDX, argument(BLOCKS));
    a.move(RAX, RBP);
    a.move(RBX, RBP);
    Label started = a.label();
    for (int ahead = 0; ahead < AHEAD; ahead++) {
      a.compute(CMP, RDX, ahead);
      a.jump(Condition.EQUAL, started);
      tiles(ahead);
    }
    a.place(started);
    Label block = a.here();
    Label last = a.label();
    a.compute(CMP, RDX, AHEAD);
    a.jump(Condition.BELOW_OR_EQUAL, last);
    tiles(AHEAD);
    a.place(last);
    block();
    advance(RBX);
    a.compute(ADD, RSI, form.bytes());
    for (Register r : FOURTHS) {
      a.compute(ADD, r, PanelProductRoutine.RECORD);
    }
    a.compute(SUB, RDX, 1);
    a.jump(Condition.NOT_EQUAL, block);
  }

  /** Room for four blocks' sums is used in turn. */
  private void advance(Register sums) {
    int room = 4 * form.parts() * TILE;
    Label ready = a.label();
    a.compute(ADD, sums, form.parts() * TILE);
    a.address(R14, Address.at(RBP, room));
    a.compute(CMP, sums, R14);
    a.jump(Condition.BELOW, ready);
    a.move(sums, RBP);
    a.place(ready);
    a.move(R14, LINE);
  }

  /** Integer sums of the block so many further on. */
  private void tiles(int ahead) {
    int codes = PanelForm.COLUMNS / form.parts();
    for (int part = 0; part < form.parts(); part++) {
      int record = ahead * PanelProductRoutine.RECORD + part * codes;
      int weights = ahead * form.bytes() + part * codes * PanelForm.ROWS;
      a.zeroTile(part);
      a.loadTile(CODES + part, Address.at(R8, R12, 1, record));
      a.loadTile(WEIGHTS + part, Address.at(RSI, R14, 1, weights));
      a.multiplyTiles(TileOp.TDPBSUD, part, CODES + part, WEIGHTS + part);
      a.storeTile(Address.at(RAX, R14, 1, part * TILE), part);
    }
    advance(RAX);
  }

  private void block() {
    for (int part = 0; part < form.parts(); part++) {
      int place = PanelForm.FACTORS + part * LINE;
      a.vector(VectorOp.VMOVUPS, WEIGHT_FACTOR + part, Address.at(RSI, place));
      if (form.hasMinima()) {
        place = form.minima() + part * LINE;
        a.vector(VectorOp.VMOVUPS, WEIGHT_MINIMUM + part, Address.at(RSI, place));
      }
    }
    for (int v = 0; v < SIDE; v++) {
      for (int part = 0; part < form.parts(); part++) {
        add(v, part);
      }
      for (int part = 0; part < form.parts() && form.hasMinima(); part++) {
        Address sum = record(v, PanelProductRoutine.MINIMUM + part(part));
        a.broadcasting(VectorOp.VFMADD231PS, v, WEIGHT_MINIMUM + part, sum);
      }
    }
  }

  private void add(int v, int part) {
    int x = PRODUCTS + (v + part) % 6;
    int scale = SCALE + (v + part) % 6;
    a.vector(VectorOp.VMOVUPS, x, Address.at(RBX, part * TILE + v * LINE));
    if (!form.hasMinima()) {
      Address bias = record(v, PanelProductRoutine.BIAS + part(part));
      a.broadcasting(VectorOp.VPADDD, x, x, bias);
    }
    a.vector(VectorOp.VCVTDQ2PS, x, x);
    Address factor = record(v, PanelProductRoutine.FACTOR);
    a.broadcasting(VectorOp.VMULPS, scale, WEIGHT_FACTOR + part, factor);
    a.vector(VectorOp.VFMADD231PS, v, x, scale);
  }

  /** Where a part's fact lies, after the whole's. */
  private int part(int part) {
    return form.parts() == 1 ? 0 : 4 * (part + 1);
  }

  private static Address record(int v, int place) {
    Register fourth = FOURTHS[v / 4];
    return switch (v % 4) {
      case 0 -> Address.at(fourth, place);
      case 1 -> Address.at(fourth, R12, 1, place);
      case 2 -> Address.at(fourth, R12, 2, place);
      default -> Address.at(fourth, R13, 1, place);
    };
  }
}
