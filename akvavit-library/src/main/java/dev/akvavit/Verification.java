package dev.akvavit;

import dev.akvavit.core.ActivationPrecision;
import dev.akvavit.core.Backend;
import dev.akvavit.core.Batch;
import dev.akvavit.core.ConfigSource;
import dev.akvavit.core.DType;
import dev.akvavit.core.IndexPrecision;
import dev.akvavit.core.KvCache;
import dev.akvavit.core.Limits;
import dev.akvavit.core.MalformedFileException;
import dev.akvavit.core.ModelConfig;
import dev.akvavit.core.Selection;
import dev.akvavit.core.Tensor;
import dev.akvavit.core.Workspace;
import dev.akvavit.format.Checkpoint;
import dev.akvavit.format.PlacedWeights;
import dev.akvavit.format.StoredTensor;
import dev.akvavit.model.Decoder;
import dev.akvavit.model.DecoderBuilder;
import dev.akvavit.model.Observer;
import dev.akvavit.model.arch.Architectures;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A checkpoint held against reference values in a {@code golden.safetensors} beside it: hidden
 * states, logits, greedy tokens, and what sparse attention selected.
 *
 * <p>The file's tensors: {@code input_ids [n]}, {@code logits [n, vocabulary]}, {@code hidden.i [n,
 * hidden]} (the residual stream before layer i; the last one after the output norm), {@code
 * prompt_ids}, {@code greedy_ids} (prompt and continuation), {@code greedy_logits}, {@code
 * topk.<layer prefix>.self_attn.indexer [n, k]}; all but the first optional.
 */
public final class Verification {
  /**
   * Largest error allowed, relative to the row's largest reference value: F32 sums in another order
   * differ by less.
   */
  public static final double TOLERANCE = 2e-4;

  /**
   * One reference tensor.
   *
   * @param error largest difference relative to its row's largest value; for ids and positions the
   *     share that differs
   * @param detail where it was largest, or what differed
   */
  public record Check(String tensor, double error, double allowed, String detail) {
    public boolean passed() {
      return error <= allowed;
    }
  }

  /** All checks of one checkpoint. */
  public record Report(String modelType, String mechanism, String backend, List<Check> checks) {
    public Report {
      checks = List.copyOf(checks);
    }

    public boolean passed() {
      return checks.stream().allMatch(Check::passed);
    }
  }

  private static final int PAGE_SIZE = 32;
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfFloat FLOAT =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final Checkpoint golden;
  private final Backend backend;
  private final Decoder decoder;
  private final Batch batch;
  private final int[] pages;
  private final int layers;
  private final List<Check> checks = new ArrayList<>();

  private Verification(
      Checkpoint golden, Backend backend, Decoder decoder, int tokens, int layers) {
    this.golden = golden;
    this.backend = backend;
    this.decoder = decoder;
    this.layers = layers;
    pages = new int[Math.ceilDiv(tokens, PAGE_SIZE)];
    Arrays.setAll(pages, i -> pages.length - 1 - i); // any order must do
    batch = new Batch(tokens, 1, pages.length, PAGE_SIZE);
  }

  /**
   * Runs the checks. Inputs of products are not rounded unless the options ask for it by name: the
   * values to hold against were computed so.
   *
   * @param folder a folder, or a GGUF file with the golden values beside it
   * @param configName the config to read, {@code config.json} usually
   * @throws MalformedFileException when the folder has no golden values, or a file breaks its
   *     format
   */
  public static Report run(Path folder, String configName, ModelOptions options) {
    Path file =
        Files.isDirectory(folder)
            ? folder.resolve("golden.safetensors")
            : folder.resolveSibling("golden.safetensors");
    if (!Files.exists(file)) {
      throw new MalformedFileException(
          folder.toString(),
          "golden.safetensors",
          "no such file",
          "reference values beside the checkpoint");
    }
    try (Checkpoint golden = Checkpoint.open(file);
        Checkpoint checkpoint = Checkpoint.open(folder, Limits.DEFAULT, configName);
        Backend backend = Backends.open(exact(options))) {
      if (!golden.has("input_ids")) {
        throw new MalformedFileException(
            file.toString(), "input_ids", "absent", "the ids the values belong to");
      }
      ConfigSource source = checkpoint.config();
      ModelConfig config = Architectures.configure(source, IndexPrecision.EXACT);
      int tokens =
          Math.max(
              ids(golden, "input_ids").length,
              golden.has("greedy_ids") ? ids(golden, "greedy_ids").length : 0);
      int slots = Math.ceilDiv(tokens, PAGE_SIZE);
      try (PlacedWeights weights = Repacking.weights(checkpoint, backend, options);
          KvCache cache = new KvCache(backend, config.kvLayouts(DType.F32), slots, PAGE_SIZE)) {
        Decoder decoder =
            DecoderBuilder.build(
                config,
                Architectures.of(source),
                weights,
                backend,
                cache,
                new Workspace(backend, tokens, tokens));
        Verification v = new Verification(golden, backend, decoder, tokens, config.layers().size());
        v.prefill();
        if (golden.has("prompt_ids") && golden.has("greedy_ids")) {
          v.greedy();
        }
        String mechanism = config.layers().getFirst().attention().mechanism();
        return new Report(config.modelType(), mechanism, backend.description(), v.checks);
      }
    }
  }

  private static ModelOptions exact(ModelOptions options) {
    return options.activations() == ActivationPrecision.AUTO
        ? options.withActivations(ActivationPrecision.F32)
        : options;
  }

  /** All positions in one step, everything compared. */
  private void prefill() {
    int[] ids = ids(golden, "input_ids");
    decoder.observe(new Comparison());
    step(ids, 0, ids.length, true, Batch.Logits.ALL);
    decoder.observe(Observer.NONE);
    if (golden.has("logits")) {
      compare("logits", (row, out) -> decoder.logits(row, out), decoder.vocabulary());
    }
  }

  /** The prompt at once, then token by token, each the likeliest. */
  private void greedy() {
    int[] expected = ids(golden, "greedy_ids");
    int prompt = ids(golden, "prompt_ids").length;
    int[] ids = Arrays.copyOf(expected, expected.length);
    float[][] logits = new float[expected.length - prompt + 1][decoder.vocabulary()];
    step(ids, 0, prompt, true, Batch.Logits.LAST);
    decoder.logits(0, logits[0]);
    int same = 0;
    for (int i = prompt; i < ids.length; i++) {
      ids[i] = argmax(logits[i - prompt]);
      same += ids[i] == expected[i] && same == i - prompt ? 1 : 0;
      step(ids, i, 1, false, Batch.Logits.LAST);
      decoder.logits(0, logits[i - prompt + 1]);
    }
    int wanted = expected.length - prompt;
    checks.add(
        new Check("greedy_ids", 1 - same / (double) wanted, 0, same + " of " + wanted + " tokens"));
    if (golden.has("greedy_logits") && same == wanted) {
      compare(
          "greedy_logits",
          (row, out) -> System.arraycopy(logits[row], 0, out, 0, out.length),
          decoder.vocabulary());
    }
  }

  private void step(int[] ids, int from, int count, boolean prompt, Batch.Logits wanted) {
    batch.clear();
    batch.add(ids, from, count, from, pages, prompt, wanted);
    decoder.forward(batch);
  }

  private static int argmax(float[] values) {
    int best = 0;
    for (int i = 1; i < values.length; i++) {
      if (values[i] > values[best]) {
        best = i;
      }
    }
    return best;
  }

  private interface Rows {
    void read(int row, float[] out);
  }

  private void compare(String name, Rows found, int width) {
    StoredTensor expected = golden.tensor(name);
    int rows = Math.toIntExact(expected.shape()[0]);
    if (!expected.is(rows, width)) {
      throw new MalformedFileException(
          golden.origin(), name, Arrays.toString(expected.shape()), "[rows, " + width + "]");
    }
    float[] row = new float[width];
    double worst = 0;
    int worstRow = 0;
    for (int r = 0; r < rows; r++) {
      found.read(r, row);
      double error = relativeError(row, expected, r);
      if (!(error <= worst)) { // also NaN
        worst = Double.isNaN(error) ? Double.POSITIVE_INFINITY : error;
        worstRow = r;
      }
    }
    checks.add(new Check(name, worst, TOLERANCE, "largest in row " + worstRow + " of " + rows));
  }

  private static double relativeError(float[] found, StoredTensor expected, int row) {
    double largest = 0;
    double difference = 0;
    for (int i = 0; i < found.length; i++) {
      float e = expected.bytes().get(FLOAT, 4L * ((long) row * found.length + i));
      largest = Math.max(largest, Math.abs(e));
      difference = Math.max(difference, Math.abs(found[i] - e));
    }
    return difference / largest;
  }

  /** Compares while the step is computed: activations live no longer. */
  private final class Comparison implements Observer {
    @Override
    public void hidden(int layer, Tensor x, Batch b) {
      hidden("hidden." + layer, x);
    }

    @Override
    public void output(Tensor last, Batch b) {
      hidden("hidden." + layers, last);
    }

    private void hidden(String name, Tensor x) {
      if (golden.has(name)) {
        compare(name, (row, out) -> backend.read(x, row, out), x.dim());
      }
    }

    @Override
    public void selection(int layer, Selection selection, Batch b) {
      String name = "topk.model.layers." + layer + ".self_attn.indexer";
      if (!golden.has(name)) {
        return;
      }
      int[] flat = ids(golden, name);
      int width = flat.length / b.tokens();
      int equal = 0;
      for (int t = 0; t < b.tokens(); t++) {
        int last = b.positions[t]; // the reference pads with positions that the mask hides again
        int[] expected =
            Arrays.stream(flat, t * width, (t + 1) * width)
                .filter(p -> p >= 0 && p <= last)
                .sorted()
                .toArray();
        equal += Arrays.equals(expected, selection.positions(t)) ? 1 : 0;
      }
      checks.add(
          new Check(
              name,
              1 - equal / (double) b.tokens(),
              0,
              equal + " of " + b.tokens() + " selections equal as sets"));
    }
  }

  private static int[] ids(Checkpoint golden, String name) {
    StoredTensor t = golden.tensor(name);
    if (t.dtype() != DType.I32) {
      throw new MalformedFileException(golden.origin(), name, t.dtype().toString(), "I32");
    }
    return t.bytes().toArray(INT);
  }
}
