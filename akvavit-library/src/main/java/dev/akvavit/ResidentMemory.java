package dev.akvavit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Memory of this process that is in RAM, by what it is for, as the kernel lists it mapping by
 * mapping.
 *
 * @param weights mapped files of a model, as far as they were read
 * @param allocated outside the Java heap: caches, activations, threads' stacks, class data, and
 *     what the JVM's compiler works in
 * @param heap Java's objects, garbage that was not collected yet among them
 * @param code compiled
 * @param files other mapped files: the JVM and its libraries
 */
record ResidentMemory(long weights, long allocated, long heap, long code, long files) {
  private static final Path TABLE = Path.of("/proc/self/smaps");

  /** Java's heap lies below; what the C library gives out lies above, near the top. */
  private static final long LOW = 1L << 46;

  static final ResidentMemory UNKNOWN = new ResidentMemory(0, 0, 0, 0, 0);

  /** Now; {@link #UNKNOWN} where the system does not tell. */
  static ResidentMemory read(Path model) {
    if (!Files.isReadable(TABLE)) {
      return UNKNOWN;
    }
    try {
      return parse(Files.readAllLines(TABLE), filesOf(model));
    } catch (IOException e) {
      return UNKNOWN;
    }
  }

  /**
   * Real paths, for a hub's cache is made of links; beside a file all of its folder, for it may be
   * a part of several.
   */
  private static Set<String> filesOf(Path model) {
    Path absolute = model.toAbsolutePath();
    Set<String> all = new HashSet<>();
    try (Stream<Path> files =
        Files.list(Files.isDirectory(absolute) ? absolute : absolute.getParent())) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        all.add(file.toRealPath().toString());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return all;
  }

  /**
   * A mapping begins with {@code 7f01a000-7f01b000 rw-p 00000000 08:01 1234 /a/file}; lines of its
   * sizes follow, {@code Rss: 12 kB} among them.
   */
  static ResidentMemory parse(List<String> lines, Set<String> model) {
    long[] bytes = new long[Kind.values().length];
    Kind kind = Kind.FILES;
    for (String line : lines) {
      if (line.startsWith("Rss:")) {
        bytes[kind.ordinal()] += Long.parseLong(line.replaceAll("\\D", "")) << 10;
      } else if (line.matches("[0-9a-f]+-[0-9a-f]+ .*")) {
        kind = kind(line.split(" +", 6), model);
      }
    }
    return new ResidentMemory(bytes[0], bytes[1], bytes[2], bytes[3], bytes[4]);
  }

  private enum Kind {
    WEIGHTS,
    ALLOCATED,
    HEAP,
    CODE,
    FILES
  }

  private static Kind kind(String[] mapping, Set<String> model) {
    String path = mapping.length < 6 ? "" : mapping[5].strip();
    if (model.contains(path)) {
      return Kind.WEIGHTS;
    }
    if (path.startsWith("/")) {
      return Kind.FILES;
    }
    if (mapping[1].contains("x")) {
      return Kind.CODE;
    }
    String from = mapping[0].substring(0, mapping[0].indexOf('-'));
    return Long.compareUnsigned(Long.parseUnsignedLong(from, 16), LOW) < 0
        ? Kind.HEAP
        : Kind.ALLOCATED;
  }

  /** The whole process. */
  long total() {
    return weights + allocated + heap + code + files;
  }
}
