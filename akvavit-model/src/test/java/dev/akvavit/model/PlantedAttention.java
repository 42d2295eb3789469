package dev.akvavit.model;

import static dev.akvavit.model.Catchers.golden;
import static dev.akvavit.model.Catchers.goldenGenerated;
import static dev.akvavit.model.Catchers.invariance;
import static dev.akvavit.model.Planted.inOps;

import dev.akvavit.core.Batch;
import dev.akvavit.core.Ops;
import dev.akvavit.core.Rope;
import dev.akvavit.core.Selection;
import dev.akvavit.core.Temperature;
import dev.akvavit.core.Tensor;
import dev.akvavit.core.Weight;
import dev.akvavit.testkit.OpsWrapper;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/** Errors of attention: masks, pages, heads, norms, latents. */
final class PlantedAttention {
  private PlantedAttention() {}

  static List<Planted> errors() {
    return List.of(
        inOps(
            "GQA: square root missing in the scale",
            golden("llama-gqa"),
            q -> new Attend(q, (s, w) -> s * s, (s, w) -> w)),
        inOps(
            "MLA: square root missing in the scale",
            golden("deepseek-v3"),
            q -> new Attend(q, (s, w) -> s * s, (s, w) -> w)),
        inOps(
            "window: one position too many",
            golden("mistral-gqa-window"),
            q -> new Attend(q, (s, w) -> s, (s, w) -> w + 1)),
        inOps(
            "window: one position too few",
            golden("mistral-gqa-window"),
            q -> new Attend(q, (s, w) -> s, (s, w) -> w - 1)),
        inOps(
            "window ignored",
            golden("mistral-gqa-window"),
            q -> new Attend(q, (s, w) -> s, (s, w) -> 0)),
        inOps("GQA: mask shows the next token", golden("llama-gqa"), q -> new Around(q, +1)),
        inOps("GQA: mask hides the token itself", golden("llama-gqa"), q -> new Around(q, -1)),
        inOps("MLA: mask shows the next token", golden("deepseek-v3"), q -> new Around(q, +1)),
        inOps(
            "MLA, absorbed: mask shows the next token",
            goldenGenerated("deepseek-v3"),
            q -> new Around(q, +1)),
        inOps("NaN beyond the context read", invariance("GQA"), q -> new Around(q, +1)),
        inOps("stale page", golden("llama-mqa"), q -> new Pages(q, 0, 0)),
        inOps("page order swapped", golden("llama-mqa"), q -> new Pages(q, 1, 0)),
        inOps("page order swapped, latents", golden("deepseek-v2-lite"), q -> new Pages(q, 1, 0)),
        inOps("slot off by one", golden("llama-mha"), SlotOffByOne::new),
        inOps("heads share keys in turn, not in groups", golden("llama-gqa"), HeadsInTurn::new),
        inOps("latent norm skipped", golden("deepseek-v3"), skipNorm("kv_a_layernorm")),
        inOps("rotated key normed too", golden("deepseek-v3"), NormOfWholeRow::new),
        inOps("query's latent norm skipped", golden("deepseek-v3"), skipNorm("q_a_layernorm")),
        inOps("query and key normed after their rotation", golden("qwen3-gqa"), NormAfterRope::new),
        inOps("query and key not normed", golden("qwen3-gqa"), skipNorm("self_attn")),
        inOps("bias dropped", golden("qwen2-gqa"), BiasDropped::new),
        inOps("bias added after the rotation", golden("qwen2-gqa"), BiasAfterRope::new),
        inOps("W_UK and W_UV exchanged", golden("deepseek-v3"), KeysAndValuesExchanged::new),
        inOps("values cut at the rotated key", golden("deepseek-v3.2"), ValuesFromTheEnd::new),
        inOps(
            "values cut at the rotated key, absorbed MLA",
            goldenGenerated("deepseek-v3"),
            ValuesFromTheEnd::new),
        inOps("temperature missing", golden("mistral4-mla"), NoTemperature::new));
  }

  /** The same elements moved within their rows. */
  static Tensor moved(Tensor t, int by) {
    return new Tensor(
        t.buffer(),
        t.dtype(),
        t.extent(),
        t.offset() + by,
        t.rowStride(),
        t.heads(),
        t.headStride(),
        t.dim());
  }

  static UnaryOperator<Ops> skipNorm(String name) {
    return ops ->
        new OpsWrapper(ops) {
          @Override
          public void rmsNorm(Tensor out, Tensor x, Weight gain, float eps) {
            if (!gain.name().contains(name)) {
              super.rmsNorm(out, x, gain, eps);
            }
          }
        };
  }

  private interface ScaleChange {
    float of(float scale, int window);
  }

  private interface WindowChange {
    int of(float scale, int window);
  }

  private static final class Attend extends OpsWrapper {
    private final ScaleChange scales;
    private final WindowChange windows;

    Attend(Ops ops, ScaleChange scales, WindowChange windows) {
      super(ops);
      this.scales = scales;
      this.windows = windows;
    }

    @Override
    public void attend(
        Tensor out, Tensor q, Tensor keys, Tensor values, Batch b, float scale, int window) {
      super.attend(out, q, keys, values, b, scales.of(scale, window), windows.of(scale, window));
    }

    @Override
    public void attendExpanded(
        Tensor out, Tensor q, Tensor latents, Weight wUK, Weight wUV, Batch b, float scale) {
      super.attendExpanded(out, q, latents, wUK, wUV, b, scales.of(scale, 0));
    }
  }

  /** Attention as seen from a neighbouring position. */
  private static final class Around extends OpsWrapper {
    private final int by;

    Around(Ops ops, int by) {
      super(ops);
      this.by = by;
    }

    @Override
    public void attend(
        Tensor out, Tensor q, Tensor keys, Tensor values, Batch b, float scale, int window) {
      Planted.withPositions(
          b, p -> p + by, () -> super.attend(out, q, keys, values, b, scale, window));
    }

    @Override
    public void attendExpanded(
        Tensor out, Tensor q, Tensor latents, Weight wUK, Weight wUV, Batch b, float scale) {
      Planted.withPositions(
          b, p -> p + by, () -> super.attendExpanded(out, q, latents, wUK, wUV, b, scale));
    }
  }

  /** Attention over a damaged page table. */
  private static final class Pages extends OpsWrapper {
    private final int first;
    private final int second;

    Pages(Ops ops, int first, int second) {
      super(ops);
      this.first = first;
      this.second = second;
    }

    @Override
    public void attend(
        Tensor out, Tensor q, Tensor keys, Tensor values, Batch b, float scale, int window) {
      Planted.withPages(
          b, first, second, () -> super.attend(out, q, keys, values, b, scale, window));
    }

    @Override
    public void attendExpanded(
        Tensor out, Tensor q, Tensor latents, Weight wUK, Weight wUV, Batch b, float scale) {
      Planted.withPages(
          b, first, second, () -> super.attendExpanded(out, q, latents, wUK, wUV, b, scale));
    }
  }

  private static final class SlotOffByOne extends OpsWrapper {
    SlotOffByOne(Ops ops) {
      super(ops);
    }

    @Override
    public void store(Tensor cache, Tensor rows, Batch b) {
      int[] saved = b.slots.clone();
      for (int t = 0; t < b.tokens(); t++) {
        b.slots[t] = (saved[t] + 1) % cache.extent().capacity();
      }
      super.store(cache, rows, b);
      System.arraycopy(saved, 0, b.slots, 0, saved.length);
    }
  }

  /** Head h reads key head h mod kvHeads. */
  private static final class HeadsInTurn extends OpsWrapper {
    HeadsInTurn(Ops ops) {
      super(ops);
    }

    @Override
    public void attend(
        Tensor out, Tensor q, Tensor keys, Tensor values, Batch b, float scale, int window) {
      for (int h = 0; h < q.heads(); h++) {
        int g = h % keys.heads();
        super.attend(
            out.heads(h, 1), q.heads(h, 1), keys.heads(g, 1), values.heads(g, 1), b, scale, window);
      }
    }
  }

  private static final class NormOfWholeRow extends OpsWrapper {
    NormOfWholeRow(Ops ops) {
      super(ops);
    }

    @Override
    public void rmsNorm(Tensor out, Tensor x, Weight gain, float eps) {
      super.rmsNorm(out, x, gain, eps);
      if (gain.name().contains("kv_a_layernorm")) {
        Tensor rotated =
            new Tensor(
                x.buffer(),
                x.dtype(),
                x.extent(),
                x.offset() + x.dim(),
                x.rowStride(),
                1,
                x.headStride(),
                x.headStride() - x.dim());
        super.rmsNorm(rotated, rotated, gain, eps);
      }
    }
  }

  private static final class NormAfterRope extends OpsWrapper {
    private record Norm(Weight gain, float eps) {}

    private final Map<Tensor, Norm> waiting = new HashMap<>();

    NormAfterRope(Ops ops) {
      super(ops);
    }

    @Override
    public void rmsNorm(Tensor out, Tensor x, Weight gain, float eps) {
      if (gain.name().contains("self_attn")) {
        waiting.put(x, new Norm(gain, eps));
      } else {
        super.rmsNorm(out, x, gain, eps);
      }
    }

    @Override
    public void rope(Tensor x, Rope rope, Batch b) {
      super.rope(x, rope, b);
      Norm norm = waiting.get(x);
      super.rmsNorm(x, x, norm.gain(), norm.eps());
    }
  }

  private static final class BiasDropped extends OpsWrapper {
    BiasDropped(Ops ops) {
      super(ops);
    }

    @Override
    public void addBias(Tensor x, Weight bias) {}
  }

  private static final class BiasAfterRope extends OpsWrapper {
    private final Map<Tensor, Weight> waiting = new HashMap<>();

    BiasAfterRope(Ops ops) {
      super(ops);
    }

    @Override
    public void addBias(Tensor x, Weight bias) {
      if (bias.name().contains("v_proj")) {
        super.addBias(x, bias);
      } else {
        waiting.put(x, bias);
      }
    }

    @Override
    public void rope(Tensor x, Rope rope, Batch b) {
      super.rope(x, rope, b);
      super.addBias(x, waiting.get(x));
    }
  }

  private static final class KeysAndValuesExchanged extends OpsWrapper {
    KeysAndValuesExchanged(Ops ops) {
      super(ops);
    }

    @Override
    public void attendExpanded(
        Tensor out, Tensor q, Tensor latents, Weight wUK, Weight wUV, Batch b, float scale) {
      super.attendExpanded(out, q, latents, wUV, wUK, b, scale);
    }
  }

  /** The last kvRank elements of a cached row instead of the first. */
  private static final class ValuesFromTheEnd extends OpsWrapper {
    ValuesFromTheEnd(Ops ops) {
      super(ops);
    }

    @Override
    public void attend(
        Tensor out, Tensor q, Tensor keys, Tensor values, Batch b, float scale, int window) {
      super.attend(out, q, keys, moved(values, keys.dim() - values.dim()), b, scale, window);
    }

    @Override
    public void attend(
        Tensor out, Tensor q, Tensor keys, Tensor values, Batch b, float scale, Selection only) {
      super.attend(out, q, keys, moved(values, keys.dim() - values.dim()), b, scale, only);
    }
  }

  private static final class NoTemperature extends OpsWrapper {
    NoTemperature(Ops ops) {
      super(ops);
    }

    @Override
    public void temper(Tensor x, Temperature temperature, Batch b) {}
  }
}
