package dev.akvavit.core;

import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.List;

/** Where tensors live and who computes. */
public interface Backend extends AutoCloseable {
  /** Found by {@link java.util.ServiceLoader}. */
  interface Provider {
    /** {@code cpu}, {@code cuda}, … */
    String name();

    Backend open(Settings settings);

    /** With the usual settings. */
    default Backend open(int threads) {
      return open(new Settings(threads, true, ActivationPrecision.AUTO));
    }
  }

  /**
   * How a backend computes.
   *
   * @param threads workers; 0 for as many as the machine has cores
   * @param machineCode whether it may write and run machine code of its own
   * @param activations what inputs of matrix products are rounded to
   * @param repack whether matrices of types that {@link #repacks} are copied into another order
   */
  record Settings(
      int threads, boolean machineCode, ActivationPrecision activations, boolean repack) {
    /** Weights stay as their files have them. */
    public Settings(int threads, boolean machineCode, ActivationPrecision activations) {
      this(threads, machineCode, activations, false);
    }
  }

  /** Name, device and width for people: {@code cpu (512-bit Vector API, 2 threads)}. */
  String description();

  /** Which loops run, and why not faster ones: phrases for people. */
  default List<String> paths() {
    return List.of(description());
  }

  /**
   * The most arithmetic of one kind that a device does, whatever it is for.
   *
   * @param arithmetic of its factors, as people say it: {@code F32}, {@code INT8}
   * @param operations a second; a multiplication and an addition count as two
   */
  record Peak(String arithmetic, double operations) {}

  /**
   * What the device gives this backend's workers at most, F32 first: loops that do nothing else,
   * measured for about {@code time} each. Empty where nobody knows.
   */
  default List<Peak> peaks(Duration time) {
    return List.of();
  }

  /** Reads the same memory again and again, as fast as a device can; for one thread. */
  interface ReadProbe extends AutoCloseable {
    /**
     * Bytes a second, of reading for about {@code time} and nothing else; NaN where nobody knows.
     */
    double bytesPerSecond(Duration time);

    /** Which memory, and by which loads, for people. */
    String description();

    @Override
    void close();
  }

  /**
   * A probe of what memory gives this backend's workers at most.
   *
   * @param memory to read; where it is no larger than twice the last-level cache, or empty, the
   *     probe reads memory of its own
   */
  default ReadProbe reads(List<MemorySegment> memory) {
    return new ReadProbe() {
      @Override
      public double bytesPerSecond(Duration time) {
        return Double.NaN;
      }

      @Override
      public String description() {
        return "not known";
      }

      @Override
      public void close() {
        // holds nothing
      }
    };
  }

  /**
   * Whether matrices of a type are read value by value, for want of a loop that reads many: right,
   * and several times slower than others.
   */
  default boolean isSlow(DType type) {
    return false;
  }

  /**
   * Whether a product with a matrix of a type may give a prompt's token other bits than the same
   * token when it was generated: see {@link Extent#generated}.
   */
  default boolean roundsPromptsApart(DType type) {
    return false;
  }

  /**
   * Whether attention over such planes ({@link Ops#attend}) may give a prompt's token other bits
   * than the same token when it was generated.
   *
   * @param headsPerKey query heads that share a key head
   */
  default boolean attendsToPromptsApart(int headsPerKey, Tensor keys, Tensor values) {
    return false;
  }

  Ops ops();

  /** Zeroed bytes of the backend's own, aligned to 64. */
  Buffer allocate(long bytes);

  /** Wraps host bytes without a copy where memory is shared, uploads them where it is not. */
  Buffer place(MemorySegment bytes);

  /**
   * The same for a matrix that will be multiplied, row by row: copied, too, where that was asked
   * for and helps.
   *
   * @param columns elements of a row
   */
  default Buffer placeMatrix(MemorySegment bytes, DType type, int columns) {
    return place(bytes);
  }

  /**
   * Whether {@link #placeMatrix} copies matrices of a type, since a generated token is multiplied
   * by the copy faster. The copy has the size of the matrix, whose own bytes are then only read for
   * rows that are looked up.
   */
  default boolean repacks(DType type) {
    return false;
  }

  Selection selection(Extent tokens, int limit);

  Routing routing(Extent tokens, int experts, int topK);

  /** Copies one row, all heads in order, to {@code out[0 .. heads * dim]}. */
  void read(Tensor tensor, int row, float[] out);

  @Override
  void close();
}
