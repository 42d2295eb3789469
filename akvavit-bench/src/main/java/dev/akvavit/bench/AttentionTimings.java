package dev.akvavit.bench;

import dev.akvavit.core.ActivationPrecision;
import dev.akvavit.core.Backend;
import dev.akvavit.core.Batch;
import dev.akvavit.core.Buffer;
import dev.akvavit.core.DType;
import dev.akvavit.core.Extent;
import dev.akvavit.core.Selection;
import dev.akvavit.core.Tensor;
import dev.akvavit.core.Weight;
import java.io.PrintStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Locale;
import java.util.Random;
import java.util.ServiceLoader;
import java.util.stream.IntStream;

/**
 * One layer's attention against a cache of some depth, in F32 and rounded to BF16 in turn, A B A B
 * in one process: medians of rounds, and their ratio.
 *
 * <pre>
 * java --add-modules jdk.incubator.vector --enable-native-access=ALL-UNNAMED -XX:+UseSerialGC
 *   -cp … dev.akvavit.bench.AttentionTimings 2
 * </pre>
 */
public final class AttentionTimings {
  private static final int ROUNDS = 7;
  private static final double SECONDS = 0.2;
  private static final int PAGE = 32;
  private static final ActivationPrecision[] SIDES = {
    ActivationPrecision.F32, ActivationPrecision.BF16
  };

  private final Backend[] backends = new Backend[SIDES.length];
  private final PrintStream out = System.out;

  private AttentionTimings(int threads) {
    for (int i = 0; i < SIDES.length; i++) {
      backends[i] =
          ServiceLoader.load(Backend.Provider.class)
              .findFirst()
              .orElseThrow()
              .open(new Backend.Settings(threads, true, SIDES[i]));
    }
  }

  /** Makes what one side repeats. */
  private interface Side {
    Runnable on(Backend backend);
  }

  /**
   * @param args threads
   */
  public static void main(String[] args) {
    AttentionTimings timings = new AttentionTimings(Integer.parseInt(args[0]));
    for (int depth : new int[] {2048, 4096, 8192, 32768}) {
      timings.attend("MLA", 16, 1, 576, 512, depth, 1);
    }
    timings.attend("MLA", 128, 1, 576, 512, 4096, 1);
    for (int depth : new int[] {2048, 8192}) {
      timings.attend("GQA", 32, 8, 64, 64, depth, 1);
    }
    timings.attend("GQA", 32, 8, 128, 128, 4096, 1);
    timings.attend("MQA", 16, 1, 128, 128, 4096, 1);
    for (int depth : new int[] {4096, 16384, 32768}) {
      timings.sparse(depth);
    }
    timings.attend("GQA prompt", 32, 8, 64, 64, 2048, 256);
    timings.attend("MLA prompt", 16, 1, 576, 512, 2048, 64);
    timings.expand(512, 512);
    timings.expand(2048, 2048);
    timings.expand(8192, 512);
    Arrays.stream(timings.backends).forEach(Backend::close);
  }

  private void attend(String name, int heads, int kv, int keys, int values, int depth, int n) {
    double pairs = (double) n * depth - n * (n - 1) / 2.0;
    String shape = "%s %d/%d, %d/%d, %d, %d".formatted(name, heads, kv, keys, values, depth, n);
    compare(
        shape,
        2 * pairs * heads * (keys + values),
        backend -> {
          Batch batch = batch(depth, n);
          Extent rows = extent(n);
          Tensor q = activations(backend, rows, heads, keys);
          Tensor o = activations(backend, rows, heads, values);
          Tensor k = plane(backend, depth, kv, keys, DType.BF16);
          Tensor v =
              keys == values ? plane(backend, depth, kv, values, DType.BF16) : k.slice(0, values);
          float scale = (float) (1 / Math.sqrt(keys));
          return () -> backend.ops().attend(o, q, k, v, batch, scale, 0);
        });
  }

  /** A prompt's last {@code n} tokens by MLA in its expanded form, V2-Lite's widths. */
  private void expand(int depth, int n) {
    double pairs = (double) n * depth - n * (n - 1) / 2.0;
    compare(
        "MLA prompt, expanded 16, 192/128, " + depth + ", " + n,
        2.0 * 16 * (pairs * (192 + 128) + depth * 512.0 * 256),
        backend -> {
          Batch batch = batch(depth, n);
          Extent rows = extent(n);
          Tensor q = activations(backend, rows, 16, 192);
          Tensor o = activations(backend, rows, 16, 128);
          Tensor latents = plane(backend, depth, 1, 576, DType.BF16);
          Buffer weights = plane(backend, 16 * 256, 1, 512, DType.BF16).buffer();
          Weight w = Weight.dense("kv_b", DType.BF16, 16 * 256, 512, weights, null).split(16);
          Weight keys = w.rows(0, 128);
          Weight values = w.rows(128, 128);
          return () -> backend.ops().attendExpanded(o, q, latents, keys, values, batch, 0.003f);
        });
  }

  /** V3.2's indexer chooses 2048 positions, MLA of 16 heads attends to them. */
  private void sparse(int depth) {
    compare(
        "DSA 64 x 128, top 2048, then MLA 16, " + depth,
        2.0 * 64 * 128 * depth + 2.0 * 2048 * 16 * (576 + 512),
        backend -> {
          Batch batch = batch(depth, 1);
          Extent rows = extent(1);
          Tensor q = activations(backend, rows, 16, 576);
          Tensor o = activations(backend, rows, 16, 512);
          Tensor indexQ = activations(backend, rows, 64, 128);
          Tensor weights = activations(backend, rows, 1, 64);
          Tensor k = plane(backend, depth, 1, 576, DType.BF16);
          Tensor indexKeys = plane(backend, depth, 1, 128, DType.F8_E4M3);
          Tensor factors = plane(backend, depth, 1, 1, DType.F32);
          Selection chosen = backend.selection(rows, 2048);
          return () -> {
            backend.ops().select(chosen, indexQ, weights, indexKeys, factors, batch);
            backend.ops().attend(o, q, k, k.slice(0, 512), batch, 0.04f, chosen);
          };
        });
  }

  private void compare(String name, double operations, Side side) {
    double[][] millis = new double[SIDES.length][ROUNDS + 2];
    Runnable[] bodies = new Runnable[SIDES.length];
    for (int i = 0; i < SIDES.length; i++) {
      bodies[i] = side.on(backends[i]);
    }
    for (int round = 0; round < ROUNDS + 2; round++) { // two to warm up
      for (int i = 0; i < SIDES.length; i++) {
        millis[i][round] = repeat(bodies[i]);
      }
    }
    StringBuilder line = new StringBuilder(String.format(Locale.ROOT, "%-44s", name));
    double first = 0;
    for (int i = 0; i < SIDES.length; i++) {
      double[] kept = Arrays.copyOfRange(millis[i], 2, ROUNDS + 2);
      Arrays.sort(kept);
      double median = kept[ROUNDS / 2];
      first = i == 0 ? median : first;
      line.append(
          String.format(
              Locale.ROOT,
              "  %s %.3f ms, %.0f GFLOP/s, %.2f",
              SIDES[i],
              median,
              operations / median * 1e-6,
              first / median));
    }
    out.println(line);
  }

  private static double repeat(Runnable body) {
    long start = System.nanoTime();
    long now = start;
    int n = 0;
    for (; now - start < SECONDS * 1e9; now = System.nanoTime(), n++) {
      body.run();
    }
    return (now - start) * 1e-6 / n;
  }

  /** The last {@code n} of {@code depth} tokens, in pages that lie backwards. */
  private static Batch batch(int depth, int n) {
    int pages = Math.ceilDiv(depth, PAGE);
    Batch batch = new Batch(n, 1, pages, PAGE);
    int[] table = IntStream.range(0, pages).map(i -> pages - 1 - i).toArray();
    batch.add(new int[depth], depth - n, n, depth - n, table, n > 1, Batch.Logits.NONE);
    return batch;
  }

  private static Extent extent(int rows) {
    Extent extent = new Extent(rows);
    extent.set(0, rows);
    return extent;
  }

  private static Tensor activations(Backend backend, Extent rows, int heads, int dim) {
    return filled(backend, DType.F32, rows, heads, dim);
  }

  private static Tensor plane(Backend backend, int depth, int heads, int dim, DType type) {
    return filled(backend, type, extent(Math.ceilDiv(depth, PAGE) * PAGE), heads, dim);
  }

  private static Tensor filled(Backend backend, DType type, Extent rows, int heads, int dim) {
    Random random = new Random(7);
    long n = (long) rows.capacity() * heads * dim;
    MemorySegment bytes = Arena.ofAuto().allocate(type.bytes(n), 64);
    for (long i = 0; i < n; i++) {
      float value = (float) random.nextGaussian();
      switch (type) {
        case F32 -> bytes.setAtIndex(ValueLayout.JAVA_FLOAT, i, value);
        case BF16 ->
            bytes.setAtIndex(
                ValueLayout.JAVA_SHORT, i, (short) (Float.floatToIntBits(value) >> 16));
        default -> bytes.set(ValueLayout.JAVA_BYTE, i, (byte) (random.nextInt(256) & 0xBF));
      }
    }
    Buffer placed = backend.place(bytes);
    return new Tensor(placed, type, rows, 0, heads * dim, heads, dim, dim);
  }
}
