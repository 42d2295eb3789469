package dev.akvavit.format;

import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Mapped bytes as a stream; nothing is copied but what a reader asks for. */
final class SegmentInputStream extends InputStream {
  private final MemorySegment bytes;
  private long position;

  SegmentInputStream(MemorySegment bytes) {
    this.bytes = bytes;
  }

  @Override
  public int read() {
    if (position == bytes.byteSize()) {
      return -1;
    }
    return bytes.get(ValueLayout.JAVA_BYTE, position++) & 0xFF;
  }

  @Override
  public int read(byte[] into, int offset, int length) {
    int count = (int) Math.min(length, bytes.byteSize() - position);
    if (count == 0) {
      return length == 0 ? 0 : -1;
    }
    MemorySegment.copy(bytes, ValueLayout.JAVA_BYTE, position, into, offset, count);
    position += count;
    return count;
  }
}
