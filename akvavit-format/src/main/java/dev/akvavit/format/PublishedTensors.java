package dev.akvavit.format;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A checkpoint's tensors as published checkpoints of its family have them: one matrix an expert,
 * and what GGUF lays out otherwise put back, {@link GgufExport} the other way round.
 *
 * <ul>
 *   <li>Llama's rows of q and k, neighbours in GGUF, become the halves of every head again.
 *   <li>{@code k_b} and {@code v_b} of MLA become {@code kv_b}.
 *   <li>Falcon's q, k and v become {@code query_key_value}.
 *   <li>Mixtral's experts get their names.
 * </ul>
 */
final class PublishedTensors {
  private static final Pattern STACK = Pattern.compile("(.*\\.experts\\.)(gate_up_proj|down_proj)");
  private static final Pattern LAYER =
      Pattern.compile("(?:model\\.layers|transformer\\.h)\\.(\\d+)\\..*");
  private static final Pattern ROTATED =
      Pattern.compile(".*\\.self_attn\\.([qk])_proj\\.(weight|bias)");
  private static final Map<String, String> MIXTRAL =
      Map.of("gate_proj", "w1", "up_proj", "w3", "down_proj", "w2");

  private final Checkpoint checkpoint;
  private final TreeMap<String, PublishedTensor> tensors = new TreeMap<>();
  private final List<String> left = new ArrayList<>();

  private PublishedTensors(Checkpoint checkpoint) {
    this.checkpoint = checkpoint;
    for (String name : checkpoint.names()) {
      if (checkpoint.gguf() != null) {
        addFromGguf(name);
      } else if (!name.endsWith("_scale_inv") && !name.endsWith("_scale")) {
        addFromFolder(PublishedTensor.asItLies(checkpoint, name)); // factors go with their matrix
      }
    }
  }

  static PublishedTensors of(Checkpoint checkpoint) {
    return new PublishedTensors(checkpoint);
  }

  /** In the order of their names. */
  Iterable<PublishedTensor> inOrder() {
    return tensors.values();
  }

  /**
   * Names of tensors that no family here reads, of layers that predict further tokens above all.
   */
  List<String> left() {
    return left;
  }

  private void add(PublishedTensor tensor) {
    tensors.put(tensor.name(), tensor);
  }

  private void addFromFolder(PublishedTensor tensor) {
    Matcher stack = STACK.matcher(tensor.name());
    long[] shape = tensor.shape();
    if (!stack.matches() || shape.length != 3) {
      add(tensor);
      return;
    }
    boolean both = stack.group(2).equals("gate_up_proj");
    long rows = both ? shape[1] / 2 : shape[1];
    for (long e = 0; e < shape[0]; e++) {
      long from = e * shape[1];
      String prefix = stack.group(1) + e;
      if (both) {
        add(tensor.rows(prefix + ".gate_proj.weight", rows, r -> from + r));
        add(tensor.rows(prefix + ".up_proj.weight", rows, r -> from + rows + r));
      } else {
        add(tensor.rows(prefix + ".down_proj.weight", rows, r -> from + r));
      }
    }
  }

  private void addFromGguf(String name) {
    Matcher layer = LAYER.matcher(name);
    boolean inLayer = layer.matches();
    if (inLayer
        ? Integer.parseInt(layer.group(1)) >= number("num_hidden_layers")
        : !name.matches("(model|lm_head|transformer)\\..*")) {
      if (!name.equals("rope_freqs.weight")) { // the config says it
        left.add(name);
      }
      return;
    }
    String type = checkpoint.config().text("model_type");
    boolean neighbours = checkpoint.config().flag("rope_interleave", false);
    if (name.endsWith(".v_b_proj.weight") || name.matches(".*\\.self_attention\\.[kv]_proj.*")) {
      return; // with k_b, with q
    }
    if (name.endsWith(".k_b_proj.weight")) {
      addLatent(name.replace(".k_b_proj.weight", "."));
    } else if (name.endsWith(".self_attention.q_proj.weight")) {
      addFalcon(name.replace("q_proj.weight", ""));
    } else if (neighbours && ROTATED.matcher(name).matches()) {
      addHalves(PublishedTensor.widened(checkpoint, name));
    } else {
      String published = type.equals("mixtral") ? mixtral(name) : name;
      add(PublishedTensor.widened(checkpoint, name).named(published));
    }
  }

  /** Row {@code j d / 2 + i} of a head is row {@code 2i + j} of GGUF's. */
  private void addHalves(PublishedTensor tensor) {
    int d = number("head_dim");
    int half = d / 2;
    add(
        tensor.shape().length == 1
            ? tensor.elements(row -> neighbour(row, d, half))
            : tensor.rows(tensor.name(), tensor.shape()[0], row -> neighbour(row, d, half)));
  }

  private static long neighbour(long row, int d, int half) {
    long within = row % d;
    return row - within + 2 * (within % half) + within / half;
  }

  /** Every head's rows of W_UK, which lies transposed, then its rows of W_UV. */
  private void addLatent(String prefix) {
    if (checkpoint.has(prefix + "kv_b_proj.weight")) {
      return; // some files have both
    }
    PublishedTensor keys = PublishedTensor.widened(checkpoint, prefix + "k_b_proj.weight");
    PublishedTensor values = PublishedTensor.widened(checkpoint, prefix + "v_b_proj.weight");
    int rank = number("kv_lora_rank");
    int nope = number("qk_nope_head_dim");
    int value = number("v_head_dim");
    int head = nope + value;
    FloatRows upright = keys.rows().headsTransposed(rank, rank, nope);
    FloatRows rows =
        (row, out) -> {
          long h = row / head;
          long within = row % head;
          if (within < nope) {
            upright.read(h * nope + within, out);
          } else {
            values.rows().read(h * value + within - nope, out);
          }
        };
    long[] shape = {(long) number("num_attention_heads") * head, rank};
    add(new PublishedTensor(prefix + "kv_b_proj.weight", keys.dtype(), shape, rows, null));
  }

  /** For each key head its queries, its key, its value. */
  private void addFalcon(String prefix) {
    PublishedTensor q = PublishedTensor.widened(checkpoint, prefix + "q_proj.weight");
    PublishedTensor k = PublishedTensor.widened(checkpoint, prefix + "k_proj.weight");
    PublishedTensor v = PublishedTensor.widened(checkpoint, prefix + "v_proj.weight");
    int group = number("num_attention_heads") / number("num_kv_heads");
    long d = q.shape()[0] / number("num_attention_heads");
    FloatRows rows =
        (row, out) -> {
          long key = row / (d * (group + 2));
          long within = row % (d * (group + 2));
          if (within < d * group) {
            q.rows().read(key * group * d + within, out);
          } else {
            FloatRows of = within < d * (group + 1) ? k.rows() : v.rows();
            of.read(key * d + within % d, out);
          }
        };
    long count = q.shape()[0] + k.shape()[0] + v.shape()[0];
    long[] shape = {count, q.columns()};
    add(new PublishedTensor(prefix + "query_key_value.weight", q.dtype(), shape, rows, null));
  }

  private static String mixtral(String name) {
    String published = name.replace(".mlp.", ".block_sparse_moe.");
    for (Map.Entry<String, String> role : MIXTRAL.entrySet()) {
      published = published.replace('.' + role.getKey() + '.', '.' + role.getValue() + '.');
    }
    return published;
  }

  private int number(String key) {
    return checkpoint.config().integer(key);
  }
}
