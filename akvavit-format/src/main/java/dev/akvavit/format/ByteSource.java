package dev.akvavit.format;

import java.io.IOException;
import java.lang.foreign.MemorySegment;

/** Gives a tensor's bytes in order, piece by piece, so that no writer holds a whole one. */
@FunctionalInterface
public interface ByteSource {
  /** Takes the next bytes. */
  @FunctionalInterface
  interface Sink {
    void write(MemorySegment bytes) throws IOException;
  }

  void writeTo(Sink sink) throws IOException;
}
