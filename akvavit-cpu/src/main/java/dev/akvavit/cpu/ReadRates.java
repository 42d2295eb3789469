package dev.akvavit.cpu;

import dev.akvavit.core.Backend;
import dev.akvavit.cpu.machine.ReadLoop;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The rate at which a team together reads memory, whatever is in it, by the fastest of several
 * loops: machine code, or the Vector API where that is all there is. Goes round the memory, so that
 * nothing is in a cache when its turn comes again.
 */
final class ReadRates implements Backend.ReadProbe {
  private static final Kernels K = Lanes.KERNELS;
  private static final int PIECE = ReadLoop.PIECE;

  /** Where the system does not say how large its last-level cache is. */
  private static final long USUAL_CACHE = 128L << 20;

  private static final long LEAST = 256L << 20;

  /** Pieces of a round, as far as there are so many: some milliseconds' work. */
  private static final int ROUND = 128;

  private static final int TRIALS = 3;

  private final Workers workers;
  private final Arena arena = Arena.ofShared();
  private final List<ReadLoop> loops;
  private final MemorySegment[] pieces;
  private final String memory;
  private final Workers.Task task = this::read;
  private Consumer<MemorySegment> reading = piece -> K.read(piece, PIECE);
  private @Nullable ReadLoop best;
  private int next;

  /**
   * @param least bytes that are read, see {@link #least()}
   */
  ReadRates(Workers workers, boolean machineCode, List<MemorySegment> given, long least) {
    this.workers = workers;
    List<MemorySegment> cut = cut(given);
    boolean enough = (long) cut.size() * PIECE >= least;
    if (!enough) {
      MemorySegment own = arena.allocate(least, PIECE);
      own.fill((byte) 1); // pages that nobody wrote to may all be one
      cut = cut(List.of(own));
    }
    pieces = cut.toArray(MemorySegment[]::new);
    memory =
        "%,d MiB of %s"
            .formatted(
                (long) pieces.length * PIECE >> 20,
                enough ? "the weights where they lie" : "memory");
    loops = machineCode ? ReadLoop.here() : List.of();
    run(pieces.length); // pages are looked up from now on
    choose();
  }

  /** Bytes that no cache of this machine holds. */
  static long least() {
    return Math.max(LEAST, 2 * lastLevelCache());
  }

  private static List<MemorySegment> cut(List<MemorySegment> memory) {
    List<MemorySegment> pieces = new ArrayList<>();
    for (MemorySegment segment : memory) {
      for (long at = 0; at + PIECE <= segment.byteSize(); at += PIECE) {
        pieces.add(segment.asSlice(at, PIECE));
      }
    }
    return pieces;
  }

  private static long lastLevelCache() {
    try {
      String size =
          Files.readString(Path.of("/sys/devices/system/cpu/cpu0/cache/index3/size")).strip();
      return size.endsWith("K")
          ? Long.parseLong(size.substring(0, size.length() - 1)) << 10
          : USUAL_CACHE;
    } catch (IOException | NumberFormatException e) {
      return USUAL_CACHE;
    }
  }

  /** The loop that is fastest in the best of a few rounds, tried in turn. */
  private void choose() {
    long least = Long.MAX_VALUE;
    for (int trial = 0; trial < TRIALS; trial++) {
      for (ReadLoop loop : loops) {
        reading = loop::run;
        long taken = run(ROUND);
        if (taken < least) {
          least = taken;
          best = loop;
        }
      }
    }
    if (best != null) {
      reading = best::run;
    }
  }

  private void read(int from, int to, int worker) {
    for (int i = from; i < to; i++) {
      reading.accept(pieces[(next + i) % pieces.length]);
    }
  }

  /** Nanoseconds that so many pieces took. */
  private long run(int count) {
    long start = System.nanoTime();
    workers.run(task, count, 1);
    next = (next + count) % pieces.length;
    return System.nanoTime() - start;
  }

  @Override
  public double bytesPerSecond(Duration time) {
    long bytes = 0;
    long taken = 0;
    do {
      int count = Math.min(ROUND, pieces.length);
      taken += run(count);
      bytes += (long) count * PIECE;
    } while (taken < time.toNanos());
    return bytes / (taken / 1e9);
  }

  @Override
  public String description() {
    String how = best == null ? K.description() : best.description();
    return memory + ", " + how + ", " + workers.threads() + " threads";
  }

  @Override
  public void close() {
    loops.forEach(ReadLoop::close);
    arena.close();
  }
}
