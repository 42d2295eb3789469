package dev.akvavit;

import dev.akvavit.core.Backend;
import dev.akvavit.core.Batch;
import dev.akvavit.core.ConfigSource;
import dev.akvavit.core.DType;
import dev.akvavit.core.Extent;
import dev.akvavit.core.IndexPrecision;
import dev.akvavit.core.KvCache;
import dev.akvavit.core.KvLayout;
import dev.akvavit.core.ModelConfig;
import dev.akvavit.core.Selection;
import dev.akvavit.core.Tensor;
import dev.akvavit.core.Weights;
import dev.akvavit.core.Workspace;
import dev.akvavit.format.Checkpoint;
import dev.akvavit.format.PlacedWeights;
import dev.akvavit.model.Decoder;
import dev.akvavit.model.DecoderBuilder;
import dev.akvavit.model.Observer;
import dev.akvavit.model.WeightNames;
import dev.akvavit.model.arch.Architectures;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Function;
import java.util.stream.IntStream;

/**
 * A decoder that is stepped by hand, without an engine: for measurements and experiments. Each
 * sequence owns its part of the cache; a step may begin at any position of it, also at one it has
 * computed before. For one thread.
 */
public final class Workbench implements AutoCloseable {

  /**
   * How much a bench can hold.
   *
   * @param sequences each with its own part of the cache
   * @param context tokens of each
   * @param stepTokens tokens in one step, over all sequences
   */
  public record Room(int sequences, int context, int stepTokens) {}

  /**
   * Tokens of one sequence that a step computes.
   *
   * @param position of the first; the cache must hold what comes before
   * @param prompt whether they count as a prompt; chunks of generated tokens come first in a step
   */
  public record Chunk(int sequence, int[] ids, int position, boolean prompt) {}

  private static final int PAGE = ModelRunner.PAGE_SIZE;

  private final ModelConfig config;
  private final Room room;
  private final Backend backend;
  private final Weights weights;
  private final List<KvLayout> layouts;
  private final KvCache cache;
  private final Decoder decoder;
  private final Batch batch;
  private final int[][] pages;
  private final AutoCloseable below;

  private Workbench(
      ModelConfig config,
      WeightNames names,
      Function<Backend, Weights> weights,
      AutoCloseable below,
      DType cached,
      Room room) {
    this.config = config;
    this.room = room;
    this.below = below;
    int each = Math.ceilDiv(room.context(), PAGE);
    int all = Math.multiplyExact(room.sequences(), each);
    int chunks = Math.max(room.sequences(), Math.ceilDiv(room.stepTokens(), PAGE));
    pages = new int[room.sequences()][];
    for (int s = 0; s < pages.length; s++) {
      pages[s] = IntStream.range(s * each, (s + 1) * each).toArray();
    }
    requireMemory(config, cached, all);
    backend = Backends.open(ModelOptions.DEFAULT);
    try {
      layouts = config.kvLayouts(cached);
      cache = new KvCache(backend, layouts, all, PAGE);
      this.weights = weights.apply(backend);
      Workspace space = new Workspace(backend, room.stepTokens(), chunks);
      decoder = DecoderBuilder.build(config, names, this.weights, backend, cache, space);
      batch = new Batch(room.stepTokens(), chunks, each, PAGE);
    } catch (Throwable e) {
      backend.close();
      throw e;
    }
  }

  /**
   * One with random weights and an F32 cache.
   *
   * @throws CapacityException when memory cannot hold the cache
   */
  public static Workbench random(ModelConfig config, DType weights, Room room) {
    return random(config, weights, DType.F32, room);
  }

  /**
   * One with random weights, whose cache keeps rows as {@code cached}.
   *
   * @throws CapacityException when memory cannot hold the cache
   */
  public static Workbench random(ModelConfig config, DType weights, DType cached, Room room) {
    RandomWeights[] made = new RandomWeights[1];
    return new Workbench(
        config,
        new WeightNames() {}, // whatever the family: these weights answer to any name
        backend -> made[0] = new RandomWeights(backend, weights),
        () -> made[0].close(),
        cached,
        room);
  }

  /**
   * One with a checkpoint's weights.
   *
   * @throws CapacityException when memory cannot hold the cache
   */
  public static Workbench open(Path folder, IndexPrecision precision, Room room) {
    Checkpoint checkpoint = Checkpoint.open(folder);
    try {
      ConfigSource source = checkpoint.config();
      return new Workbench(
          Architectures.configure(source, precision),
          Architectures.of(source),
          backend -> new PlacedWeights(checkpoint, backend),
          checkpoint,
          DType.F32,
          room);
    } catch (Throwable e) {
      checkpoint.close();
      throw e;
    }
  }

  private static void requireMemory(ModelConfig config, DType cached, int pages) {
    long needed =
        Math.multiplyExact(config.kvBytesPerToken(cached), Math.multiplyExact((long) pages, PAGE));
    if (needed > Memory.availableBytes()) {
      throw new CapacityException(
          "the KV cache needs "
              + Memory.show(needed)
              + ", "
              + Memory.show(Memory.availableBytes())
              + " are available; choose fewer sequences or a shorter context");
    }
  }

  public ModelConfig config() {
    return config;
  }

  /** Who computes: its operations can be tried alone. */
  public Backend backend() {
    return backend;
  }

  /** Bytes of the cache as allocated. */
  public long cacheBytes() {
    return cache.bytes();
  }

  /** Computes one step; the logits of each chunk's last token can be read after it. */
  public void step(List<Chunk> chunks) {
    batch.clear();
    for (Chunk c : chunks) {
      batch.add(
          c.ids(),
          0,
          c.ids().length,
          c.position(),
          pages[c.sequence()],
          c.prompt(),
          Batch.Logits.LAST);
    }
    decoder.forward(batch);
  }

  /** What the last step says of the token that follows its chunk {@code chunk}. */
  public float[] logits(int chunk) {
    float[] out = new float[decoder.vocabulary()];
    decoder.logits(chunk, out);
    return out;
  }

  /** Computes one step; what each layer selected, {@code [layer][token][]}, empty where dense. */
  public int[][][] selections(List<Chunk> chunks) {
    int[][][] found = new int[config.layers().size()][][];
    Arrays.fill(found, new int[0][]);
    decoder.observe(
        new Observer() {
          @Override
          public void selection(int layer, Selection selection, Batch b) {
            found[layer] =
                IntStream.range(0, b.tokens()).mapToObj(selection::positions).toArray(int[][]::new);
          }
        });
    step(chunks);
    decoder.observe(Observer.NONE);
    return found;
  }

  /**
   * Fills a sequence's cache with rows of random tokens, each page computed as a text of its own:
   * content to measure on, without the quadratic price of a real prompt.
   */
  public void fill(int sequence, SplittableRandom random) {
    int perStep = Math.max(1, room.stepTokens() / PAGE);
    int length = Math.min(PAGE, room.stepTokens());
    int[] table = pages[sequence];
    for (int from = 0; from < table.length; from += perStep) {
      batch.clear();
      for (int p = from; p < Math.min(table.length, from + perStep); p++) {
        int[] ids = random.ints(length, 0, config.vocabulary()).toArray();
        batch.add(ids, 0, length, 0, new int[] {table[p]}, true, Batch.Logits.NONE);
      }
      decoder.forward(batch);
    }
  }

  /**
   * Fills a sequence's cache with random rows that no model computed: speed does not depend on
   * them, and an indexer's choice among them is scattered, as its worst is. Takes seconds where a
   * prompt would take minutes.
   */
  public void scatter(int sequence, SplittableRandom random) {
    new CacheNoise(backend, PAGE, random).fill(cache, layouts, pages[sequence]);
  }

  /**
   * A matrix as the kernels read it, by its products with unit vectors: {@code [in][out]}.
   *
   * @throws dev.akvavit.core.MalformedFileException when the checkpoint has no such matrix
   */
  public float[][] columns(String name, int out, int in) {
    try (Arena arena = Arena.ofShared()) {
      MemorySegment units = arena.allocate(DType.F32.bytes((long) in * in), 64);
      for (long i = 0; i < in; i++) {
        units.setAtIndex(ValueLayout.JAVA_FLOAT, i * in + i, 1);
      }
      Extent rows = new Extent(in);
      Tensor x = new Tensor(backend.place(units), DType.F32, rows, 0, in, 1, in, in);
      Tensor y =
          new Tensor(
              backend.place(arena.allocate(DType.F32.bytes((long) in * out), 64)),
              DType.F32,
              rows,
              0,
              out,
              1,
              out,
              out);
      backend.ops().matmul(y, x, weights.matrix(name, out, in));
      float[][] columns = new float[in][out];
      for (int i = 0; i < in; i++) {
        backend.read(y, i, columns[i]);
      }
      return columns;
    }
  }

  /** Tokens each routed expert has served: {@code [layer][expert]}, empty rows for dense layers. */
  public long[][] expertLoad() {
    return decoder.expertLoad();
  }

  @Override
  public void close() {
    cache.close();
    backend.close();
    try {
      below.close();
    } catch (RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }
}
