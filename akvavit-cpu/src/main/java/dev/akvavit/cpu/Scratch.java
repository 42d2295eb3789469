package dev.akvavit.cpu;

import dev.akvavit.cpu.machine.DotCall;
import dev.akvavit.cpu.machine.ElementCall;
import dev.akvavit.cpu.machine.PanelCall;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * One worker's memory for an operation in progress; arrays grow to the largest step seen and stay.
 */
final class Scratch {
  final float[] lanes = new float[16 * 16];
  final long[] offsets = new long[8];
  final @Nullable DotCall machine;
  final FloatInputs vectors = new FloatInputs();
  final MemorySegment panels = PanelRows.room();
  final @Nullable PanelCall panelCall;
  final @Nullable PairRows pairs;
  final @Nullable ElementCall elements;
  final @Nullable DecodedRows decoded;
  float[] kept = {};
  float[] weights = {};
  float[] results = {};
  float[] more = {};
  float[] keys = {};
  float[] values = {};
  float[] column = {};
  final int[] slots = new int[TileRows.BLOCK];
  final SoftmaxRows rows;
  final @Nullable TileRows tiles;
  final HeadRows headKeys = new HeadRows();
  final HeadRows headValues = new HeadRows();

  private Scratch(boolean machineCode, RoundingRule rounding) {
    machine = MachineRows.call(machineCode);
    panelCall = PanelRows.call(machineCode);
    elements = machineCode && MachineRows.isReady() ? ByteInputs.elements() : null;
    pairs = PairRows.wanted(machineCode);
    decoded = DecodedRows.wanted(machineCode);
    rows = new SoftmaxRows(MachineAttention.of(machineCode));
    tiles = TileRows.of(machineCode && rounding.roundsAttention());
  }

  /**
   * @param machineCode whether machine code may run, where it can
   */
  static Scratch[] of(int workers, boolean machineCode, RoundingRule rounding) {
    Scratch[] all = new Scratch[workers];
    for (int i = 0; i < workers; i++) {
      all[i] = new Scratch(machineCode, rounding);
    }
    return all;
  }

  static float[] atLeast(float[] a, int n) {
    return a.length >= n ? a : new float[grown(a.length, n)];
  }

  static int[] atLeast(int[] a, int n) {
    return a.length >= n ? a : new int[grown(a.length, n)];
  }

  /** Half as much again, so that steps that grow by one row seldom allocate. */
  private static int grown(int from, int to) {
    return Math.max(to, from + (from >> 1));
  }
}
