package dev.akvavit.cpu;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import dev.akvavit.core.DType;
import dev.akvavit.core.QuantBlocks;
import dev.akvavit.cpu.machine.PanelForm;
import java.lang.foreign.MemorySegment;

/**
 * Quantised rows on their way into panels, one element after another: for every type, and the twin
 * of the routines that decode some of them. What the bytes mean is told in {@link QuantBlocks}.
 */
final class PanelCodes {
  private static final int OFFSET = ByteInputs.OFFSET;
  private static final byte[] IQ4_NL_STEPS = {
    -127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113
  };

  /** Twice the values of e2m1, which are then whole. */
  private static final byte[] E2M1_TWICE = {
    0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12
  };

  private PanelCodes() {}

  static PanelForm form(DType type) {
    return switch (type) {
      case Q8_0, Q4_0, Q5_0, IQ4_NL, MXFP4 -> PanelForm.WHOLE;
      case Q4_1, Q5_1, Q4_K, Q5_K -> PanelForm.WHOLE_MINIMA;
      case Q3_K, Q6_K -> PanelForm.HALVES;
      case Q2_K -> PanelForm.HALVES_MINIMA;
      default -> throw new IllegalArgumentException(type + " has no codes");
    };
  }

  /** Writes a stored block at byte {@code at} as one row of the panel's blocks from {@code to}. */
  static void decode(DType type, MemorySegment w, long at, MemorySegment panel, long to, int row) {
    PanelForm form = form(type);
    int partColumns = PanelForm.COLUMNS / form.parts();
    for (int i = 0; i < type.blockElements(); i++) {
      long block = to + (long) (i / PanelForm.COLUMNS) * form.bytes();
      int column = i % PanelForm.COLUMNS;
      long place = block + column / 4 * 64L + 4L * row + column % 4;
      panel.set(JAVA_BYTE, place, (byte) code(type, w, at, i));
      if (i % partColumns == 0) {
        long line = column / partColumns * 64L + 4L * row;
        panel.set(JAVA_FLOAT, block + PanelForm.FACTORS + line, factor(type, w, at, i));
        if (form.hasMinima()) {
          panel.set(JAVA_FLOAT, block + form.minima() + line, minimum(type, w, at, i));
        }
      }
    }
  }

  /** The unsigned code of element {@code i}. */
  private static int code(DType type, MemorySegment b, long at, int i) {
    return switch (type) {
      case Q8_0 -> b.get(JAVA_BYTE, at + 2 + i) + OFFSET;
      case Q4_0 -> nibble(b, at + 2, i) - 8 + OFFSET;
      case Q4_1 -> nibble(b, at + 4, i);
      case Q5_0 -> (nibble(b, at + 6, i) | fifth(b, at + 2, i)) - 16 + OFFSET;
      case Q5_1 -> nibble(b, at + 8, i) | fifth(b, at + 4, i);
      case IQ4_NL -> IQ4_NL_STEPS[nibble(b, at + 2, i)] + OFFSET;
      case MXFP4 -> E2M1_TWICE[nibble(b, at + 1, i)] + OFFSET;
      case Q2_K -> pair(b, at + 16, i);
      case Q3_K -> (pair(b, at + 32, i) | (u8(b, at + i % 32) >> i / 32 & 1) << 2) - 4 + OFFSET;
      case Q4_K -> group(b, at + 16, i);
      case Q5_K -> group(b, at + 48, i) | (u8(b, at + 16 + i % 32) >> i / 32 & 1) << 4;
      case Q6_K -> {
        int part = i % 128 / 32;
        int low = u8(b, at + i / 128 * 64 + i % 64) >> 4 * (part / 2) & 15;
        int high = u8(b, at + 128 + i / 128 * 32 + i % 32) >> 2 * part & 3;
        yield (low | high << 4) - 32 + OFFSET;
      }
      default -> throw new IllegalArgumentException(type + " has no codes");
    };
  }

  private static float factor(DType type, MemorySegment b, long at, int i) {
    return switch (type) {
      case MXFP4 -> halfPower(u8(b, at));
      case Q2_K -> f16(b, at + 80) * (u8(b, at + i / 16) & 15);
      case Q3_K -> f16(b, at + 108) * q3Scale(b, at + 96, i / 16);
      case Q4_K, Q5_K -> f16(b, at) * QuantBlocks.k4Scale(b, at + 4, i / 32);
      case Q6_K -> f16(b, at + 208) * b.get(JAVA_BYTE, at + 192 + i / 16);
      default -> f16(b, at);
    };
  }

  private static float minimum(DType type, MemorySegment b, long at, int i) {
    return switch (type) {
      case Q2_K -> f16(b, at + 82) * (u8(b, at + i / 16) >> 4);
      case Q4_K, Q5_K -> f16(b, at + 2) * QuantBlocks.k4Minimum(b, at + 4, i / 32);
      default -> -f16(b, at + 2);
    };
  }

  /** {@code 2^(code - 128)}; 255, which would be NaN, counts as infinite. */
  private static float halfPower(int code) {
    return Float.intBitsToFloat(Math.max(code << 23, 1 << 22)) * 0.5f;
  }

  /** In blocks of 32: low nibbles come first, as their elements do. */
  private static int nibble(MemorySegment b, long at, int i) {
    return u8(b, at + i % 16) >> 4 * (i / 16) & 15;
  }

  private static int fifth(MemorySegment b, long at, int i) {
    return (b.get(JAVA_INT_UNALIGNED, at) >>> i & 1) << 4;
  }

  /** In blocks of 256: two bits, of four elements 32 apart. */
  private static int pair(MemorySegment b, long at, int i) {
    return u8(b, at + i / 128 * 32 + i % 32) >> 2 * (i % 128 / 32) & 3;
  }

  /** In blocks of 256: four bits, of two elements 32 apart. */
  private static int group(MemorySegment b, long at, int i) {
    return u8(b, at + i / 64 * 32 + i % 32) >> 4 * (i / 32 % 2) & 15;
  }

  private static int q3Scale(MemorySegment b, long at, int i) {
    int low = u8(b, at + i % 8) >> 4 * (i / 8) & 15;
    int high = u8(b, at + 8 + i % 4) >> 2 * (i / 4) & 3;
    return (low | high << 4) - 32;
  }

  private static int u8(MemorySegment b, long at) {
    return b.get(JAVA_BYTE, at) & 0xFF;
  }

  private static float f16(MemorySegment b, long at) {
    return Float.float16ToFloat(b.get(JAVA_SHORT_UNALIGNED, at));
  }
}
