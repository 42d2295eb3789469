package dev.akvavit.format;

import dev.akvavit.core.Limits;
import dev.akvavit.core.MalformedFileException;
import dev.akvavit.format.SafetensorsHeader.Entry;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * One safetensors file: eight bytes of length, a JSON header padded with spaces, then the tensors'
 * bytes.
 *
 * <p>Reading costs the header; the data is not touched. Non-finite weights are therefore no error
 * here.
 */
final class Safetensors {
  private static final ValueLayout.OfLong LENGTH =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private Safetensors() {}

  /**
   * Checks a whole file and finds its tensors.
   *
   * @param bytes the file, mapped
   * @param file its name, for messages
   * @return tensors by name, in the order of their bytes; their segments are slices of {@code
   *     bytes}
   * @throws MalformedFileException when a rule of the format or a limit is broken
   */
  static Map<String, MappedTensor> read(MemorySegment bytes, String file, Limits limits) {
    long size = bytes.byteSize();
    if (size < Long.BYTES + 2) {
      throw new MalformedFileException(
          file, "length", size + " bytes", "at least 10: the header's length and {}");
    }
    long headerBytes = bytes.get(LENGTH, 0);
    long most = Math.min(limits.headerBytes(), size - Long.BYTES);
    if (headerBytes < 2 || headerBytes > most) {
      throw new MalformedFileException(
          file, "header length", Long.toUnsignedString(headerBytes), "2 to " + most + " bytes");
    }
    MemorySegment header = bytes.asSlice(Long.BYTES, headerBytes);
    byte first = header.get(ValueLayout.JAVA_BYTE, 0);
    if (first != '{') {
      throw new MalformedFileException(
          file,
          "first byte of the header",
          String.format("0x%02X", first),
          "0x7B, an opening brace");
    }
    checkPadding(header, file);
    long dataStart = Long.BYTES + headerBytes;
    Map<String, MappedTensor> tensors = new LinkedHashMap<>();
    for (Entry entry :
        SafetensorsHeader.read(new SegmentInputStream(header), size - dataStart, file, limits)
            .values()) {
      MemorySegment data = bytes.asSlice(dataStart + entry.begin(), entry.end() - entry.begin());
      StoredType type = entry.type();
      tensors.put(
          entry.name(),
          new MappedTensor(
              entry.name(), type.name(), type.dtype(), entry.shape(), false, data, file));
    }
    return tensors;
  }

  /** JSON would also let tabs and line feeds pass; the format allows spaces only. */
  private static void checkPadding(MemorySegment header, String file) {
    long last = header.byteSize() - 1;
    while (last > 0 && header.get(ValueLayout.JAVA_BYTE, last) == ' ') {
      last--;
    }
    byte found = header.get(ValueLayout.JAVA_BYTE, last);
    if (found != '}') {
      throw new MalformedFileException(
          file,
          "end of the header",
          String.format("0x%02X", found),
          "0x7D, a closing brace, and spaces after it");
    }
  }
}
