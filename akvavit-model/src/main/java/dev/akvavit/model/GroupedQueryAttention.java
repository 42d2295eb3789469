package dev.akvavit.model;

import dev.akvavit.core.AttentionConfig;
import dev.akvavit.core.Batch;
import dev.akvavit.core.Ops;
import dev.akvavit.core.Rope;
import dev.akvavit.core.Tensor;
import dev.akvavit.core.Weight;
import org.jspecify.annotations.Nullable;

/**
 * Multi-head, multi-query and grouped-query attention (Vaswani et al. 2017, Shazeer 2019, Ainslie
 * et al. 2023).
 *
 * <pre>
 *   q = RoPE(W_Q x)   k = RoPE(W_K x)   v = W_V x        heads share kvHeads in equal groups
 *   o = softmax(q kᵀ / √d) v            out = W_O o
 * </pre>
 *
 * Qwen3 norms every head of q and k before rotating it; GPT-2 rotates nothing; Mistral sees a
 * window.
 */
public final class GroupedQueryAttention implements Attention {

  /** The projections, as a family stores them. */
  public record Parts(
      Projection projection, Linear wO, @Nullable Weight queryNorm, @Nullable Weight keyNorm) {}

  /** Three matrices, or one whose rows are q, k and v. */
  public sealed interface Projection {
    record Separate(Linear wQ, Linear wK, Linear wV) implements Projection {}

    /** {@code [q heads | k heads | v heads]}: GPT-2, StarCoder, Falcon-7B. */
    record Fused(Linear wQKV) implements Projection {}

    /** {@code [q | k | v]} head by head: StarCoder without multi-query. */
    record FusedByHead(Linear wQKV) implements Projection {}
  }

  private final Ops ops;
  private final Parts parts;
  private final JointLinear projection;
  private final @Nullable Rope rope;
  private final float scale, queryKeyNormEps;
  private final int window;
  private final boolean promptsApart;
  private final Tensor qkv, q, k, v, o, keys, values; // [tokens, heads or kvHeads, headDim]

  GroupedQueryAttention(AttentionConfig.GroupedQuery c, Parts parts, Wiring w) {
    this.parts = parts;
    ops = w.ops();
    rope = c.rope() == null ? null : c.rope().rope(c.ropeStyle(), c.ropeDim());
    scale = (float) (1 / Math.sqrt(c.headDim()));
    queryKeyNormEps = c.queryKeyNormEps();
    window = c.window();
    int d = c.headDim();
    if (parts.projection() instanceof Projection.FusedByHead) {
      qkv = w.space().tensor("qkv", c.heads(), 3 * d);
      q = qkv.slice(0, d);
      k = qkv.slice(d, d);
      v = qkv.slice(2 * d, d);
    } else {
      qkv = w.space().tensor("qkv", c.heads() + 2 * c.kvHeads(), d);
      q = qkv.heads(0, c.heads());
      k = qkv.heads(c.heads(), c.kvHeads());
      v = qkv.heads(c.heads() + c.kvHeads(), c.kvHeads());
    }
    projection = projection();
    o = w.space().tensor("o", c.heads(), d);
    keys = w.plane("keys");
    values = w.plane("values");
    promptsApart = w.backend().attendsToPromptsApart(c.heads() / c.kvHeads(), keys, values);
  }

  @Override
  public void forward(Tensor out, Tensor x, Batch batch) {
    projection.apply(ops, x);
    if (parts.queryNorm() != null && parts.keyNorm() != null) {
      ops.rmsNorm(q, q, parts.queryNorm(), queryKeyNormEps);
      ops.rmsNorm(k, k, parts.keyNorm(), queryKeyNormEps);
    }
    if (rope != null) {
      ops.rope(q, rope, batch);
      ops.rope(k, rope, batch);
    }
    ops.store(keys, k, batch);
    ops.store(values, v, batch);
    ops.attend(o, q, keys, values, batch, scale, window);
    parts.wO().apply(ops, out, o);
  }

  @Override
  public boolean attendsToPromptsApart() {
    return promptsApart;
  }

  private JointLinear projection() {
    return switch (parts.projection()) {
      case Projection.Separate p -> new JointLinear(new Tensor[] {q, k, v}, p.wQ(), p.wK(), p.wV());
      case Projection.Fused p -> new JointLinear(new Tensor[] {qkv}, p.wQKV());
      case Projection.FusedByHead p -> new JointLinear(new Tensor[] {qkv}, p.wQKV());
    };
  }
}
