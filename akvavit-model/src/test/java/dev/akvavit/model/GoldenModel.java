package dev.akvavit.model;

import dev.akvavit.core.Backend;
import dev.akvavit.core.Batch;
import dev.akvavit.core.CacheTypes;
import dev.akvavit.core.DType;
import dev.akvavit.core.IndexPrecision;
import dev.akvavit.core.KvCache;
import dev.akvavit.core.Limits;
import dev.akvavit.core.ModelConfig;
import dev.akvavit.core.Selection;
import dev.akvavit.core.Tensor;
import dev.akvavit.core.Weights;
import dev.akvavit.core.Workspace;
import dev.akvavit.format.Checkpoint;
import dev.akvavit.format.PlacedWeights;
import dev.akvavit.format.StoredTensor;
import dev.akvavit.model.arch.Architecture;
import dev.akvavit.model.arch.Architectures;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.UnaryOperator;

/**
 * A golden checkpoint ready to be fed: one decoder, scattered pages, everything it computed kept by
 * position.
 */
final class GoldenModel implements AutoCloseable {
  static final List<String> NAMES =
      List.of(
          "llama-mha",
          "llama-mqa",
          "llama-gqa",
          "mistral-gqa-window",
          "qwen2-gqa",
          "qwen3-gqa",
          "qwen3-moe",
          "falcon-mqa",
          "falcon-gqa",
          "gpt2-mha",
          "starcoder-mqa",
          "deepseek-v2-lite",
          "deepseek-v2",
          "deepseek-v3",
          "deepseek-v3-noyarn",
          "deepseek-v3-fp8",
          "deepseek-v3.2",
          "glm-moe-dsa",
          "mistral4-mla");

  static List<String> names() {
    return NAMES;
  }

  private static final int PAGE = 16;
  private static final int PAGES = 96;

  final ModelConfig config;
  final Decoder decoder;
  final Checkpoint checkpoint;
  private final Backend backend;
  private final PlacedWeights weights;
  private final KvCache cache;
  private final Batch batch = new Batch(512, 32, PAGES, PAGE);
  private final List<Integer> freePages = new ArrayList<>();

  /** What one sequence has seen and what the model made of it. */
  static final class Sequence {
    final int[] ids;
    final int[] pages = new int[PAGES];
    int pageCount;
    int cached;
    final Map<Integer, float[]> logits = new TreeMap<>(); // by position
    final Map<Integer, Map<Integer, float[]>> hidden = new TreeMap<>(); // by layer, by position
    final Map<Integer, Map<Integer, int[]>> selected = new TreeMap<>(); // by layer, by position

    Sequence(int... ids) {
      this.ids = ids;
    }
  }

  /** The next {@code count} tokens of a sequence, as prompt or as generated tokens. */
  record Chunk(Sequence sequence, int count, boolean prompt) {}

  static Path folder(
      String name) { // by path: as a resource it would lie in a jar, which cannot be mapped
    return Path.of("../akvavit-testkit/src/main/resources/golden", name);
  }

  GoldenModel(
      Path folder, String configName, Backend backend, IndexPrecision precision, long seed) {
    this(
        folder,
        configName,
        backend,
        precision,
        CacheTypes.of(DType.F32),
        seed,
        UnaryOperator.identity());
  }

  GoldenModel(
      Path folder,
      String configName,
      Backend backend,
      IndexPrecision precision,
      CacheTypes cacheTypes,
      long seed,
      UnaryOperator<ModelConfig> change) {
    this.backend = backend;
    checkpoint = Checkpoint.open(folder, Limits.DEFAULT, configName);
    Architecture names = Architectures.of(checkpoint.config());
    config = change.apply(Architectures.configure(checkpoint.config(), precision));
    weights = new PlacedWeights(checkpoint, backend);
    cache = new KvCache(backend, config.kvLayouts(cacheTypes), PAGES, PAGE);
    decoder =
        DecoderBuilder.build(
            config, names, (Weights) weights, backend, cache, new Workspace(backend, 512, 512));
    for (int i = 0; i < PAGES; i++) {
      freePages.add(i);
    }
    java.util.Collections.shuffle(freePages, new Random(seed));
  }

  /** Runs one step and files its results; generated chunks go first, as the batch demands. */
  void step(List<Chunk> chunks) {
    batch.clear();
    List<Chunk> order = new ArrayList<>(chunks);
    order.sort((a, b) -> Boolean.compare(a.prompt(), b.prompt()));
    for (Chunk c : order) {
      Sequence s = c.sequence();
      while (s.pageCount * PAGE < s.cached + c.count()) {
        s.pages[s.pageCount++] = freePages.removeLast();
      }
      batch.add(s.ids, s.cached, c.count(), s.cached, s.pages, c.prompt(), Batch.Logits.ALL);
    }
    decoder.observe(recorder(order));
    decoder.forward(batch);
    for (int row = 0; row < batch.logits(); row++) {
      int token = batch.logitToken[row];
      float[] logits = new float[decoder.vocabulary()];
      decoder.logits(row, logits);
      order.get(batch.sequenceOf[token]).sequence().logits.put(batch.positions[token], logits);
    }
    for (Chunk c : order) {
      c.sequence().cached += c.count();
    }
  }

  private Observer recorder(List<Chunk> order) {
    return new Observer() {
      @Override
      public void hidden(int layer, Tensor x, Batch b) {
        file(layer, x, b);
      }

      @Override
      public void output(Tensor last, Batch b) {
        file(config.layers().size(), last, b);
      }

      private void file(int layer, Tensor x, Batch b) {
        for (int t = 0; t < b.tokens(); t++) {
          float[] row = new float[x.heads() * x.dim()];
          backend.read(x, t, row);
          order
              .get(b.sequenceOf[t])
              .sequence()
              .hidden
              .computeIfAbsent(layer, k -> new TreeMap<>())
              .put(b.positions[t], row);
        }
      }

      @Override
      public void selection(int layer, Selection selection, Batch b) {
        for (int t = 0; t < b.tokens(); t++) {
          order
              .get(b.sequenceOf[t])
              .sequence()
              .selected
              .computeIfAbsent(layer, k -> new TreeMap<>())
              .put(b.positions[t], selection.positions(t));
        }
      }
    };
  }

  void release(Sequence s) {
    while (s.pageCount > 0) {
      freePages.add(s.pages[--s.pageCount]);
    }
    s.cached = 0;
  }

  /** Greedy continuation: prompt in one chunk, then one generated token a step. */
  Sequence greedy(int[] prompt, int count) {
    Sequence s = new Sequence(Arrays.copyOf(prompt, prompt.length + count));
    step(List.of(new Chunk(s, prompt.length, true)));
    for (int i = prompt.length; i < s.ids.length; i++) {
      s.ids[i] = argmax(s.logits.get(i - 1));
      step(List.of(new Chunk(s, 1, false)));
    }
    return s;
  }

  static int argmax(float[] logits) {
    int best = 0;
    for (int i = 1; i < logits.length; i++) {
      if (logits[i] > logits[best]) {
        best = i;
      }
    }
    return best;
  }

  @Override
  public void close() {
    weights.close();
    cache.close();
    checkpoint.close();
  }

  /** The reference values beside a checkpoint. */
  static final class Golden implements AutoCloseable {
    private final Checkpoint file;

    Golden(Path folder) {
      Path path = folder.resolve("golden.safetensors");
      if (!Files.exists(path)) {
        throw new UncheckedIOException(new java.io.FileNotFoundException(path.toString()));
      }
      file = Checkpoint.open(path);
    }

    boolean has(String name) {
      return file.names().contains(name);
    }

    int[] ints(String name) {
      return file.tensor(name)
          .bytes()
          .toArray(ValueLayout.JAVA_INT_UNALIGNED.withOrder(java.nio.ByteOrder.LITTLE_ENDIAN));
    }

    static String selection(int layer) {
      return "topk.model.layers." + layer + ".self_attn.indexer";
    }

    /**
     * The positions that a sparse layer selected for token {@code t} of {@code tokens}, ascending.
     */
    int[] selected(int layer, int t, int tokens) {
      int[] flat = ints(selection(layer));
      int width = flat.length / tokens;
      return Arrays.stream(flat, t * width, (t + 1) * width)
          .filter(p -> p >= 0 && p <= t)
          .sorted()
          .toArray();
    }

    /** Rows of a matrix. */
    float[][] rows(String name) {
      StoredTensor t = file.tensor(name);
      int width = Math.toIntExact(t.shape()[1]);
      MemorySegment bytes = t.bytes();
      float[][] rows = new float[Math.toIntExact(t.shape()[0])][width];
      for (int r = 0; r < rows.length; r++) {
        for (int i = 0; i < width; i++) {
          rows[r][i] = bytes.get(ValueLayout.JAVA_FLOAT_UNALIGNED, 4L * (r * width + i));
        }
      }
      return rows;
    }

    @Override
    public void close() {
      file.close();
    }
  }

  /** Largest difference of any element, relative to the row's largest reference value. */
  static double relativeError(float[] found, float[] expected) {
    double scale = 0;
    double worst = 0;
    for (int i = 0; i < expected.length; i++) {
      scale = Math.max(scale, Math.abs(expected[i]));
      double difference = Math.abs(found[i] - expected[i]);
      worst = Double.isNaN(difference) ? Double.POSITIVE_INFINITY : Math.max(worst, difference);
    }
    return worst / scale;
  }
}
