package dev.akvavit.bench;

import dev.akvavit.core.Backend;
import dev.akvavit.core.Batch;
import dev.akvavit.core.DType;
import dev.akvavit.core.KvCache;
import dev.akvavit.core.KvLayout;
import dev.akvavit.core.Selection;
import dev.akvavit.core.Tensor;
import dev.akvavit.core.Workspace;
import java.util.List;
import java.util.ServiceLoader;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** One generated token of one layer against a cache of some depth: what grows with context. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(
    value = 1,
    jvmArgsAppend = {"--add-modules", "jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED"})
public class DecodeAttentionBenchmark {
  private static final int PAGE_SIZE = 32;
  private static final int HEADS = 16;
  private static final int LATENT = 512;
  private static final int ROPE = 64;
  private static final int INDEX_HEADS = 64;
  private static final int INDEX_DIM = 128;
  private static final int TOP_K = 2048;

  /** Tokens in the cache. */
  @Param({"2048", "4096", "16384"})
  int depth;

  /** Type of cached rows. */
  @Param({"F32", "BF16"})
  DType cacheType;

  private Backend backend;
  private Batch batch;
  private Tensor latentQuery;
  private Tensor latentOut;
  private Tensor latents;
  private Tensor groupedQuery;
  private Tensor groupedOut;
  private Tensor keys;
  private Tensor values;
  private Tensor indexQuery;
  private Tensor indexWeights;
  private Tensor indexKeys;
  private Selection selection;

  /** Widths of DeepSeek-V2-Lite (MLA), Llama-3.2-1B (32 heads over 8) and V3.2's indexer. */
  @Setup
  public void open() {
    backend = ServiceLoader.load(Backend.Provider.class).findFirst().orElseThrow().open(0);
    int pages = Math.ceilDiv(depth, PAGE_SIZE);
    KvLayout layout =
        KvLayout.of(
            new KvLayout.Plane("latent", 1, LATENT + ROPE, cacheType),
            new KvLayout.Plane("keys", 8, 64, cacheType),
            new KvLayout.Plane("values", 8, 64, cacheType),
            new KvLayout.Plane("index keys", 1, INDEX_DIM, cacheType));
    KvCache cache = new KvCache(backend, List.of(layout), pages, PAGE_SIZE);
    batch = new Batch(1, 1, pages, PAGE_SIZE);
    int[] table = IntStream.range(0, pages).map(i -> pages - 1 - i).toArray();
    batch.add(new int[depth], depth - 1, 1, depth - 1, table, false, Batch.Logits.NONE);
    Workspace space = new Workspace(backend, 1, 1);
    latentQuery = space.tensor("q", HEADS, LATENT + ROPE);
    latentOut = space.tensor("o", HEADS, LATENT);
    latents = cache.plane(0, 0);
    groupedQuery = space.tensor("q grouped", 32, 64);
    groupedOut = space.tensor("o grouped", 32, 64);
    keys = cache.plane(0, 1);
    values = cache.plane(0, 2);
    indexQuery = space.tensor("q index", INDEX_HEADS, INDEX_DIM);
    indexWeights = space.tensor("w index", 1, INDEX_HEADS);
    indexKeys = cache.plane(0, 3);
    selection = backend.selection(space.tokens, TOP_K);
    space.begin(batch);
  }

  @TearDown
  public void close() {
    backend.close();
  }

  @Benchmark
  public void multiHeadLatent() {
    backend.ops().attend(latentOut, latentQuery, latents, latents.slice(0, LATENT), batch, 0.1f, 0);
  }

  @Benchmark
  public void groupedQuery() {
    backend.ops().attend(groupedOut, groupedQuery, keys, values, batch, 0.125f, 0);
  }

  /** Index scores, the choice of 2048, and attention over them. */
  @Benchmark
  public void sparse() {
    backend.ops().select(selection, indexQuery, indexWeights, indexKeys, null, batch);
    backend
        .ops()
        .attend(latentOut, latentQuery, latents, latents.slice(0, LATENT), batch, 0.1f, selection);
  }
}
