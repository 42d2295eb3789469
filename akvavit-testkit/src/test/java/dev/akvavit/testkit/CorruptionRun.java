package dev.akvavit.testkit;

import dev.akvavit.core.ConfigSource;
import dev.akvavit.core.DType;
import dev.akvavit.core.Limits;
import dev.akvavit.core.MalformedFileException;
import dev.akvavit.core.UnsupportedModelException;
import dev.akvavit.format.Checkpoint;
import dev.akvavit.format.GgufWriter;
import dev.akvavit.format.JsonConfig;
import dev.akvavit.format.SafetensorsWriter;
import dev.akvavit.format.StoredTensor;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/**
 * A process that opens damaged files until one surprises it. Run with little memory and a small
 * stack; it prints the damage that did it and ends with 1, or with {@value #HUNG} when a file takes
 * longer than {@value #HANG_SECONDS} s.
 */
final class CorruptionRun {
  static final int HUNG = 3;
  static final int HANG_SECONDS = 10;

  private static final String FILE = "damaged.file";

  /** Bytes of the tensors of the small GGUF file, padding included. */
  private static final int GGUF_DATA = 160 + 512 + 96 + 256;

  private final Path folder;
  private final byte[] tensors;
  private final byte[] config;
  private final byte[] index;
  private final byte[] gguf;
  private volatile String current = "nothing yet";
  private volatile long since = System.nanoTime();
  private long opened;
  private long refused;

  private CorruptionRun(Path folder) throws IOException {
    this.folder = folder;
    writeTensors(folder.resolve("a.safetensors"), 0);
    writeTensors(folder.resolve("b.safetensors"), 4);
    this.tensors = Files.readAllBytes(folder.resolve("a.safetensors"));
    this.config = CONFIG.getBytes(StandardCharsets.UTF_8);
    this.index = index().getBytes(StandardCharsets.UTF_8);
    Files.write(folder.resolve("config.json"), config);
    writeGguf(folder.resolve("a.gguf"));
    this.gguf = Files.readAllBytes(folder.resolve("a.gguf"));
  }

  /** Arguments: an empty folder, how many files, and the first seed. */
  public static void main(String[] arguments) throws IOException {
    long count = Long.parseLong(arguments[1]);
    long first = Long.parseLong(arguments[2]);
    CorruptionRun run = new CorruptionRun(Path.of(arguments[0]));
    Thread watch = new Thread(run::watch);
    watch.setDaemon(true);
    watch.start();
    long exhaustive = run.everyDamage();
    for (long seed = first; seed < first + count; seed++) {
      run.structured(seed);
    }
    System.out.printf(
        "%d exhaustive, %d structured from seed %d: %d opened, %d refused, 0 surprises%n",
        exhaustive, count, first, run.opened, run.refused);
  }

  private long everyDamage() {
    int header =
        8 + Math.toIntExact(ByteBuffer.wrap(tensors).order(ByteOrder.LITTLE_ENDIAN).getLong(0));
    Corruptor.everyDamage(
        tensors, header, bytes -> attempt("tensors, exhaustive", bytes, this::tensors));
    Corruptor.everyDamage(
        config, config.length, bytes -> attempt("config, exhaustive", bytes, this::config));
    int table = gguf.length - GGUF_DATA;
    Corruptor.everyDamage(gguf, table, bytes -> attempt("gguf, exhaustive", bytes, this::gguf));
    return Corruptor.everyDamageCount(tensors, header)
        + Corruptor.everyDamageCount(gguf, table)
        + Corruptor.everyDamageCount(config, config.length);
  }

  private void structured(long seed) {
    Corruptor corruptor = new Corruptor(seed);
    String name = "seed " + seed;
    switch ((int) (seed % 20)) {
      case 0 -> attempt(name, corruptor.corrupt(index), this::index);
      case 1, 2, 3, 4, 5, 6 -> attempt(name, corruptor.corrupt(config), this::config);
      case 7, 8, 9 -> attempt(name, corruptor.corrupt(tensors), this::tensors);
      case 10, 11, 12, 13, 14 -> attempt(name, corruptor.corrupt(gguf), this::gguf);
      default -> attempt(name, behindTheLength(corruptor, new Random(seed)), this::tensors);
    }
  }

  /** Damage to the header alone, with its length made right: it gets past the first check. */
  private byte[] behindTheLength(Corruptor corruptor, Random random) {
    int header = 8 + (int) ByteBuffer.wrap(tensors).order(ByteOrder.LITTLE_ENDIAN).getLong(0);
    byte[] json = corruptor.corrupt(Arrays.copyOfRange(tensors, 8, header));
    byte[] bytes = new byte[8 + json.length + tensors.length - header];
    ByteBuffer.wrap(bytes)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(json.length)
        .put(json)
        .put(tensors, header, tensors.length - header);
    return bytes;
  }

  private interface Opening {
    void open(byte[] bytes) throws IOException;
  }

  private void attempt(String name, byte[] bytes, Opening opening) {
    current = name;
    since = System.nanoTime();
    try {
      opening.open(bytes);
      opened++;
      return;
    } catch (MalformedFileException e) {
      if (!e.file().isEmpty() && !e.field().isBlank() && e.getMessage().length() < 2_000) {
        refused++;
        return;
      }
      surprise(name, bytes, e);
    } catch (UnsupportedModelException e) {
      refused++;
      return;
    } catch (Throwable e) {
      surprise(name, bytes, e);
    }
  }

  private static void surprise(String name, byte[] bytes, Throwable e) {
    System.out.println("SURPRISE at " + name + ", " + bytes.length + " bytes: " + e);
    System.out.println(
        new String(bytes, 0, Math.min(bytes.length, 2_000), StandardCharsets.ISO_8859_1));
    e.printStackTrace(System.out);
    Runtime.getRuntime().halt(1);
  }

  private void watch() {
    while (true) {
      try {
        Thread.sleep(500);
      } catch (InterruptedException e) {
        return;
      }
      if (System.nanoTime() - since > HANG_SECONDS * 1_000_000_000L) {
        System.out.println("HANG at " + current);
        Runtime.getRuntime().halt(HUNG);
      }
    }
  }

  private void tensors(byte[] bytes) {
    JsonConfig none = JsonConfig.parse("{}", FILE, Limits.DEFAULT);
    try (Checkpoint checkpoint =
        Checkpoint.of(none, MemorySegment.ofArray(bytes), FILE, Limits.DEFAULT)) {
      touch(checkpoint);
    }
  }

  private void gguf(byte[] bytes) {
    try (Checkpoint checkpoint =
        Checkpoint.of(MemorySegment.ofArray(bytes), FILE, Limits.DEFAULT)) {
      for (String key : List.of("tokenizer.ggml.tokens", "tokenizer.ggml.scores")) {
        if (checkpoint.gguf().hasArray(key)) {
          checkpoint.gguf().texts(key);
        }
      }
      touch(checkpoint);
    }
  }

  private void index(byte[] bytes) throws IOException {
    Files.write(folder.resolve("model.safetensors.index.json"), bytes);
    try (Checkpoint checkpoint = Checkpoint.open(folder)) {
      touch(checkpoint);
    }
  }

  /** Reads both ends of every tensor: an offset that lies would throw here. */
  private static void touch(Checkpoint checkpoint) {
    for (String name : checkpoint.names()) {
      StoredTensor tensor = checkpoint.tensor(name);
      MemorySegment data = tensor.bytes();
      if (data.byteSize() != tensor.dtype().bytes(tensor.elements())) {
        throw new IllegalStateException(tensor + " has " + data.byteSize() + " bytes");
      }
      data.get(ValueLayout.JAVA_BYTE, 0);
      data.get(ValueLayout.JAVA_BYTE, data.byteSize() - 1);
    }
  }

  private void config(byte[] bytes) {
    ConfigSource source = JsonConfig.read(new ByteArrayInputStream(bytes), FILE, Limits.DEFAULT);
    source.texts("architectures");
    source.integers("eos_token_id");
    source.integer("hidden_size");
    source.number("rms_norm_eps", 1e-6);
    source.flag("tie_word_embeddings", false);
    source.text("hidden_act", "silu");
    source.section("rope_scaling").number("factor");
    for (String key : source.unread()) {
      source.neutral(key);
      source.raw(key);
    }
  }

  private static void writeTensors(Path file, int from) {
    SafetensorsWriter writer = new SafetensorsWriter().metadata("format", "pt");
    DType[] types = {DType.F32, DType.BF16, DType.F8_E4M3, DType.F16};
    for (int i = from; i < from + 10; i++) {
      float[] values = new float[(i + 1) * 8];
      writer.add("model.layers." + i + "." + from + ".weight", types[i % 4], values, i + 1, 8);
    }
    writer.write(file);
  }

  /** A Llama of one layer, as far as names and settings go. */
  private static void writeGguf(Path file) {
    GgufWriter writer =
        new GgufWriter()
            .text("general.architecture", "llama")
            .integer("llama.context_length", 64)
            .integer("llama.embedding_length", 32)
            .integer("llama.block_count", 1)
            .integer("llama.feed_forward_length", 32)
            .integer("llama.attention.head_count", 2)
            .number("llama.attention.layer_norm_rms_epsilon", 1e-5)
            .flag("tokenizer.ggml.add_bos_token", true)
            .texts("tokenizer.ggml.tokens", List.of("<s>", "a", "b", "ab"))
            .integers("tokenizer.ggml.token_type", new int[] {3, 1, 1, 1});
    String[] names = {"token_embd", "output_norm", "blk.0.attn_q", "blk.0.ffn_down"};
    DType[] types = {DType.Q8_0, DType.F32, DType.Q4_0, DType.F16};
    for (int i = 0; i < names.length; i++) {
      MemorySegment bytes = MemorySegment.ofArray(new byte[(int) types[i].bytes(128)]);
      writer.add(names[i] + ".weight", types[i], bytes, 4, 32);
    }
    writer.write(file);
  }

  private static String index() {
    StringBuilder map = new StringBuilder("{\"metadata\": {\"total_size\": 1}, \"weight_map\": {");
    for (int i = 0; i < 10; i++) {
      map.append("\"model.layers.%d.0.weight\": \"a.safetensors\", ".formatted(i));
      map.append("\"model.layers.%d.4.weight\": \"b.safetensors\"".formatted(i + 4));
      map.append(i < 9 ? ", " : "}}");
    }
    return map.toString();
  }

  private static final String CONFIG =
      """
      {
        "architectures": ["DeepseekV3ForCausalLM"],
        "attention_bias": false,
        "bos_token_id": 0,
        "eos_token_id": [1, 2],
        "hidden_act": "silu",
        "hidden_size": 7168,
        "initializer_range": 0.02,
        "max_position_embeddings": 163840,
        "pad_token_id": null,
        "quantization_config": {
          "activation_scheme": "dynamic",
          "quant_method": "fp8",
          "weight_block_size": [128, 128]
        },
        "rms_norm_eps": 1e-06,
        "rope_scaling": {"beta_fast": 32, "factor": 40.0, "type": "yarn"},
        "tie_word_embeddings": false,
        "torch_dtype": "bfloat16"
      }
      """;
}
