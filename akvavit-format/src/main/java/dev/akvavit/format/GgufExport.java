package dev.akvavit.format;

import dev.akvavit.core.AttentionConfig;
import dev.akvavit.core.DType;
import dev.akvavit.core.FeedForwardConfig;
import dev.akvavit.core.ModelConfig;
import dev.akvavit.core.RopeConfig;
import dev.akvavit.core.RopeStyle;
import dev.akvavit.core.UnsupportedModelException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeMap;

/**
 * Writes a checkpoint of any format as one GGUF file: {@link GgufNames} and {@link GgufConfig} the
 * other way round. Tensors are read, converted and written some rows at a time.
 */
public final class GgufExport {
  /** What became of a tensor. */
  public interface Progress {
    /**
     * @param relativeError root of the squared errors over the squared values; 0 when nothing was
     *     lost
     */
    void written(String name, DType type, long bytes, double relativeError);
  }

  private final Checkpoint checkpoint;
  private final ModelConfig config;
  private final QuantRecipe recipe;
  private final Progress progress;
  private final String arch;
  private final GgufWriter out = new GgufWriter();

  private GgufExport(
      Checkpoint checkpoint, ModelConfig config, QuantRecipe recipe, Progress progress) {
    this.checkpoint = checkpoint;
    this.config = config;
    this.recipe = recipe;
    this.progress = progress;
    arch = GgufSettings.architecture(config, checkpoint.origin());
  }

  /**
   * Prepares a file: settings and tensors are announced, nothing is read yet. The caller adds
   * metadata of its own, then calls {@link GgufWriter#write(Path)}.
   *
   * @throws UnsupportedModelException for a model that GGUF has no words for
   */
  public static GgufWriter of(
      Checkpoint checkpoint, ModelConfig config, QuantRecipe recipe, Progress progress) {
    GgufExport export = new GgufExport(checkpoint, config, recipe, progress);
    GgufSettings.write(config, checkpoint.origin(), export.out);
    export.globals();
    for (int i = 0; i < config.layers().size(); i++) {
      switch (export.arch) {
        case "gpt2", "starcoder" -> export.gpt2Layer(i);
        case "falcon" -> export.falconLayer(i);
        default -> export.llamaLayer(i);
      }
    }
    return export.out;
  }

  /** What llama.cpp will compute otherwise than this model, in words for people. */
  public static List<String> notes(ModelConfig config) {
    return GgufSettings.notes(config);
  }

  private void globals() {
    switch (arch) {
      case "gpt2", "starcoder" -> {
        plain("token_embd.weight", gpt2() + "wte.weight");
        plain("position_embd.weight", gpt2() + "wpe.weight");
        pair("output_norm", gpt2() + "ln_f");
      }
      case "falcon" -> {
        plain("token_embd.weight", "transformer.word_embeddings.weight");
        pair("output_norm", "transformer.ln_f");
      }
      default -> {
        plain("token_embd.weight", "model.embed_tokens.weight");
        plain("output_norm.weight", "model.norm.weight");
      }
    }
    if (!config.tiedEmbeddings()) {
      plain("output.weight", "lm_head.weight");
    }
    if (config.layers().getFirst().attention() instanceof AttentionConfig.GroupedQuery c
        && c.rope() instanceof RopeConfig.Llama3 scaled) {
      float[] divisors = new float[c.ropeDim() / 2];
      for (int i = 0; i < divisors.length; i++) {
        double f = Math.pow(scaled.theta(), -2.0 * i / c.ropeDim());
        divisors[i] = (float) (f / scaled.scaled(f, i, c.ropeDim()));
      }
      add(
          "rope_freqs.weight",
          (row, to) -> System.arraycopy(divisors, 0, to, 0, divisors.length),
          divisors.length);
    }
  }

  private String gpt2() {
    return checkpoint.has("transformer.wte.weight") ? "transformer." : "";
  }

  private void gpt2Layer(int layer) {
    String from = gpt2() + "h." + layer + ".";
    new TreeMap<>(GgufNames.gpt2Block())
        .forEach((part, canonical) -> {
          String name = "blk." + layer + "." + part;
          String source = from + canonical + ".weight";
          long[] shape = checkpoint.tensor(source).shape();
          if (arch.equals("gpt2") && shape.length == 2) {
            add(name + ".weight", FloatRows.of(checkpoint, source, true), shape[1], shape[0]);
          } else {
            plain(name + ".weight", source);
          }
          plain(name + ".bias", from + canonical + ".bias");
        });
  }

  private void falconLayer(int layer) {
    String from = "transformer.h." + layer + ".";
    String to = "blk." + layer + ".";
    var c = (AttentionConfig.GroupedQuery) config.layers().get(layer).attention();
    new TreeMap<>(GgufNames.falconBlock())
        .forEach((part, canonical) -> {
          if (!part.equals("attn_qkv")) {
            pair(to + part, from + canonical);
          }
        });
    pair(to + "attn_norm", from + "ln_mlp");
    pair(to + "attn_norm_2", from + "ln_attn");
    String p = from + "self_attention.";
    int d = c.headDim();
    long rows = (c.heads() + 2L * c.kvHeads()) * d;
    FloatRows sorted;
    if (checkpoint.has(p + "q_proj.weight")) {
      FloatRows q = FloatRows.of(checkpoint, p + "q_proj.weight", false);
      FloatRows k = FloatRows.of(checkpoint, p + "k_proj.weight", false);
      FloatRows v = FloatRows.of(checkpoint, p + "v_proj.weight", false);
      long keys = (long) c.heads() * d;
      long values = keys + (long) c.kvHeads() * d;
      sorted =
          (row, x) -> {
            if (row < keys) {
              q.read(row, x);
            } else if (row < values) {
              k.read(row - keys, x);
            } else {
              v.read(row - values, x);
            }
          };
    } else {
      FloatRows fused = FloatRows.of(checkpoint, p + "query_key_value.weight", false);
      sorted = fused.reordered(row -> grouped(row, c));
    }
    add(to + "attn_qkv.weight", sorted, rows, config.hidden());
  }

  /**
   * Where Hugging Face's Falcon has a row: a group's queries, its key, its value, then the next.
   */
  private static long grouped(long row, AttentionConfig.GroupedQuery c) {
    int d = c.headDim();
    int group = c.heads() / c.kvHeads();
    long head = row / d;
    long place;
    if (head < c.heads()) {
      place = head / group * (group + 2) + head % group;
    } else if (head < c.heads() + c.kvHeads()) {
      place = (head - c.heads()) * (group + 2) + group;
    } else {
      place = (head - c.heads() - c.kvHeads()) * (group + 2) + group + 1;
    }
    return place * d + row % d;
  }

  private void llamaLayer(int layer) {
    String from = "model.layers." + layer + ".";
    String to = "blk." + layer + ".";
    new TreeMap<>(GgufNames.llamaBlock())
        .forEach((part, canonical) -> {
          if (arch.equals("llama") && (part.equals("attn_q") || part.equals("attn_k"))) {
            neighbours(to + part, from + canonical, layer);
          } else if (part.equals("attn_k_b") || part.equals("attn_v_b")) {
            half(part, to, from, layer);
          } else if (part.endsWith("_shexp")) {
            shared(part, to, from + canonical);
          } else if (!part.equals("attn_kv_b")) { // new files have its halves instead
            pair(to + part, from + canonical);
          }
        });
    plain(to + "ffn_gate_inp.weight", from + "block_sparse_moe.gate.weight");
    plain(to + "exp_probs_b.bias", from + "mlp.gate.e_score_correction_bias");
    if (config.layers().get(layer).feedForward() instanceof FeedForwardConfig.MixtureOfExperts c) {
      experts(to, from + "mlp.experts.", c);
    }
  }

  /**
   * The shared expert, which is called {@code shared_expert} where it is gated; a gate is a row.
   */
  private void shared(String part, String to, String several) {
    String from = several;
    if (!checkpoint.has(several + ".weight")) {
      from = several.replace("shared_experts.", "shared_expert.");
    }
    if (part.equals("ffn_gate_inp_shexp") && checkpoint.has(from + ".weight")) {
      String gate = from + ".weight";
      add(to + part + ".weight", FloatRows.of(checkpoint, gate, false), config.hidden());
    } else {
      pair(to + part, from);
    }
  }

  /** Rows of every head of q and k so that the pairs of a rotation are neighbours. */
  private void neighbours(String to, String from, int layer) {
    var c = (AttentionConfig.GroupedQuery) config.layers().get(layer).attention();
    if (c.ropeStyle() == RopeStyle.INTERLEAVED) {
      pair(to, from);
      return;
    }
    int d = c.headDim();
    long[] shape = checkpoint.tensor(from + ".weight").shape();
    FloatRows rows = FloatRows.of(checkpoint, from + ".weight", false);
    add(to + ".weight", rows.reordered(row -> halves(row, d)), shape);
    if (checkpoint.has(from + ".bias")) {
      FloatRows bias = FloatRows.of(checkpoint, from + ".bias", false);
      float[] all = new float[(int) shape[0]];
      add(
          to + ".bias",
          (row, x) -> {
            bias.read(0, all);
            for (int i = 0; i < all.length; i++) {
              x[i] = all[(int) halves(i, d)];
            }
          },
          shape[0]);
    }
  }

  /** Row {@code 2i + j} of a head is row {@code j d / 2 + i} of Hugging Face's. */
  private static long halves(long row, int d) {
    long within = row % d;
    return row - within + within % 2 * (d / 2) + within / 2;
  }

  /** W_UK, transposed, or W_UV: a stack of its own, cut out of {@code kv_b} where it is there. */
  private void half(String part, String to, String from, int layer) {
    String fused = from + "self_attn.kv_b_proj.weight";
    AttentionConfig.Latent c =
        switch (config.layers().get(layer).attention()) {
          case AttentionConfig.Latent latent -> latent;
          case AttentionConfig.SparseLatent sparse -> sparse.latent();
          case AttentionConfig.GroupedQuery _ -> null;
        };
    if (c == null || !checkpoint.has(fused)) {
      pair(to + part, from + GgufNames.llamaBlock().get(part));
      return;
    }
    int nope = c.nopeDim();
    int value = c.valueDim();
    FloatRows rows = FloatRows.of(checkpoint, fused, false);
    if (part.equals("attn_k_b")) {
      FloatRows keys = rows.headsTransposed(nope + value, nope, c.kvRank());
      add(to + part + ".weight", keys, c.heads(), c.kvRank(), nope);
    } else {
      FloatRows values = rows.reordered(row -> row / value * (nope + value) + nope + row % value);
      add(to + part + ".weight", values, c.heads(), value, c.kvRank());
    }
  }

  private void experts(String to, String from, FeedForwardConfig.MixtureOfExperts c) {
    int hidden = config.hidden();
    int width = c.width();
    int count = c.router().experts();
    String mixtral = from.replace("mlp.experts.", "block_sparse_moe.experts.");
    boolean published = checkpoint.has(mixtral + "0.w1.weight");
    String base = published ? mixtral : from;
    if (checkpoint.has(from + "gate_up_proj")) {
      FloatRows both = FloatRows.of(checkpoint, from + "gate_up_proj", false);
      FloatRows gate = both.reordered(row -> row / width * 2 * width + row % width);
      FloatRows up = both.reordered(row -> row / width * 2 * width + width + row % width);
      add(to + "ffn_gate_exps.weight", gate, count, width, hidden);
      add(to + "ffn_up_exps.weight", up, count, width, hidden);
      plain(to + "ffn_down_exps.weight", from + "down_proj");
      return;
    }
    FloatRows gate = stack(base, published ? ".w1" : ".gate_proj", count, width);
    FloatRows up = stack(base, published ? ".w3" : ".up_proj", count, width);
    FloatRows down = stack(base, published ? ".w2" : ".down_proj", count, hidden);
    add(to + "ffn_gate_exps.weight", gate, count, width, hidden);
    add(to + "ffn_up_exps.weight", up, count, width, hidden);
    add(to + "ffn_down_exps.weight", down, count, hidden, width);
  }

  private FloatRows stack(String from, String role, int count, int rows) {
    FloatRows[] parts = new FloatRows[count];
    for (int e = 0; e < count; e++) {
      parts[e] = FloatRows.of(checkpoint, from + e + role + ".weight", false);
    }
    return FloatRows.stacked(parts, rows);
  }

  private void pair(String to, String from) {
    plain(to + ".weight", from + ".weight");
    plain(to + ".bias", from + ".bias");
  }

  /** A tensor as it is, where there is one. */
  private void plain(String to, String from) {
    if (checkpoint.has(from)) {
      add(to, FloatRows.of(checkpoint, from, false), checkpoint.tensor(from).shape());
    }
  }

  private void add(String name, FloatRows rows, long... shape) {
    DType type = recipe.typeOf(name, shape);
    out.add(name, type, sink -> write(name, type, rows, shape, sink), shape);
  }

  private void write(String name, DType type, FloatRows rows, long[] shape, ByteSource.Sink sink)
      throws IOException {
    double error = EncodedRows.write(type, rows, shape, sink);
    progress.written(name, type, out.bytes(name), error);
  }
}
