package dev.akvavit.format;

import dev.akvavit.core.MalformedFileException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * An array of GGUF metadata whose extent is checked and whose elements are decoded when somebody
 * asks: a vocabulary is a fair part of a second.
 *
 * @param type of the elements, as GGUF numbers them
 * @param bytes exactly the elements
 */
record GgufArray(String file, String key, int type, int count, MemorySegment bytes) {
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  List<String> texts() {
    require(GgufValues.STRING, "strings");
    List<String> texts = new ArrayList<>(count);
    long at = 0;
    for (int i = 0; i < count; i++) {
      long length = bytes.get(LONG, at); // checked when the header was read
      MemorySegment text = bytes.asSlice(at + 8, length);
      texts.add(GgufCursor.decoded(text, file, key + "[" + i + "]"));
      at += 8 + length;
    }
    return texts;
  }

  float[] floats() {
    require(GgufValues.FLOAT32, "32-bit floats");
    float[] floats = new float[count];
    for (int i = 0; i < count; i++) {
      floats[i] = Float.intBitsToFloat(bytes.get(INT, 4L * i));
    }
    return floats;
  }

  /** Elements of 32 bits, signed or not. */
  int[] integers() {
    if (type != GgufValues.UINT32) {
      require(GgufValues.INT32, "32-bit integers");
    }
    int[] integers = new int[count];
    for (int i = 0; i < count; i++) {
      integers[i] = bytes.get(INT, 4L * i);
    }
    return integers;
  }

  boolean[] flags() {
    require(GgufValues.BOOL, "flags");
    boolean[] flags = new boolean[count];
    for (int i = 0; i < count; i++) {
      byte code = bytes.get(ValueLayout.JAVA_BYTE, i);
      if (code != 0 && code != 1) {
        throw new MalformedFileException(file, key + "[" + i + "]", "" + code, "0 or 1");
      }
      flags[i] = code == 1;
    }
    return flags;
  }

  private void require(int required, String words) {
    if (type != required) {
      throw new MalformedFileException(
          file, key, "an array of type " + type, "an array of " + words);
    }
  }
}
