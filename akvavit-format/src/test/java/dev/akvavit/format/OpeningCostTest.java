package dev.akvavit.format;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.akvavit.core.Limits;
import dev.akvavit.core.MalformedFileException;
import java.io.ByteArrayInputStream;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** A file of 1.5 KB costs at most 1 MB of allocation, whatever it claims to hold. */
class OpeningCostTest {
  private static final int FILE_BYTES = 1_536;
  private static final long MOST = 1_000_000;

  private final ThreadMXBean thread = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  @Test
  void hostileSafetensors() {
    List<byte[]> files = new ArrayList<>();
    for (MalformedSafetensors kind : MalformedSafetensors.values()) {
      for (long seed = 0; seed < 20; seed++) {
        files.add(kind.make(seed));
      }
    }
    SafetensorsDraft draft = new SafetensorsDraft(new Random(0));
    for (long length : new long[] {100_000_000, Integer.MAX_VALUE, 1L << 40, Long.MAX_VALUE, -1}) {
      files.add(draft.bytes(length, draft.header().getBytes()));
    }
    for (String size : List.of("100000000", "2147483647", "9223372036854775807")) {
      draft.any(new Random(1)).shape = "[" + size + "]";
      draft.any(new Random(1)).offsets = "[0, " + size + "]";
      files.add(draft.bytes());
    }
    assertCheap(
        files, bytes -> Safetensors.read(MemorySegment.ofArray(bytes), "f", Limits.DEFAULT));
  }

  @Test
  void hostileGguf() {
    List<byte[]> files = new ArrayList<>();
    for (MalformedGguf kind : MalformedGguf.values()) {
      for (long seed = 0; seed < 20; seed++) {
        files.add(kind.make(seed));
      }
    }
    assertCheap(files, bytes -> Gguf.read(MemorySegment.ofArray(bytes), "f", Limits.DEFAULT));
  }

  @Test
  void hostileJson() {
    List<byte[]> files = new ArrayList<>();
    for (MalformedJson kind : MalformedJson.values()) {
      for (long seed = 0; seed < 20; seed++) {
        files.add(kind.make(seed));
      }
    }
    for (String piece : List.of("[", "{\"a\":", "[],", "0,", "\"\",", "{},", "\\u0000")) {
      files.add(("[" + piece.repeat(FILE_BYTES / piece.length() - 1)).getBytes());
      files.add(("{\"a\": [" + piece.repeat(1_400 / piece.length()) + "0]}").getBytes());
      files.add(("\"" + piece.repeat(1_400 / piece.length()) + "\"").getBytes());
    }
    files.add("1e999999999".getBytes());
    files.add(("[" + "9".repeat(1_500) + "]").getBytes());
    assertCheap(
        files, bytes -> JsonConfig.read(new ByteArrayInputStream(bytes), "f", Limits.DEFAULT));
  }

  private interface Opening {
    Object open(byte[] bytes);
  }

  private void assertCheap(List<byte[]> files, Opening opening) {
    List<byte[]> small = files.stream().filter(file -> file.length <= FILE_BYTES).toList();
    assertThat(small).hasSizeGreaterThan(500);
    small.forEach(file -> allocated(file, opening)); // classes are loaded once, not for each file
    for (byte[] file : small) {
      assertThat(allocated(file, opening)).as(() -> new String(file)).isLessThan(MOST);
    }
  }

  private long allocated(byte[] file, Opening opening) {
    long before = thread.getCurrentThreadAllocatedBytes();
    try {
      opening.open(file);
    } catch (MalformedFileException e) {
      // What an error costs counts too.
    }
    return thread.getCurrentThreadAllocatedBytes() - before;
  }
}
