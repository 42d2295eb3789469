package dev.akvavit.model;

import dev.akvavit.core.AttentionConfig;
import dev.akvavit.core.Batch;
import dev.akvavit.core.IndexPrecision;
import dev.akvavit.core.Ops;
import dev.akvavit.core.Rope;
import dev.akvavit.core.Selection;
import dev.akvavit.core.Tensor;
import dev.akvavit.core.Weight;
import org.jspecify.annotations.Nullable;

/**
 * The lightning indexer (DeepSeek-V3.2-Exp, equation 1, and its inference code).
 *
 * <pre>
 *   q_I = RoPE(W_IQ c_Q)   [heads, dim]      k_I = RoPE(LayerNorm(W_IK x))   [dim], cached      w = W_IW x   [heads]
 * </pre>
 *
 * The first elements rotate, not the last, and in V3.2 by halves where MLA interleaves. The
 * published weights w carry a factor {@code (heads · dim)^(-1/2)}; a positive constant changes no
 * choice and is left out.
 *
 * <p>In FP8 both sides pass a Hadamard transform, which spreads outliers over all elements and
 * leaves products as they were, before they are rounded.
 */
public final class LightningIndexer {
  /** LayerNorm's epsilon is 1e-6 in the reference, whatever rms_norm_eps says. */
  private static final float EPS = 1e-6f;

  /**
   * @param wIQ {@code [heads * dim, queryRank]}
   * @param wIK {@code [dim, hidden]}
   * @param wIW {@code [heads, hidden]}
   */
  public record Parts(Weight wIQ, Weight wIK, Weight wIW, Weight keyNormGain, Weight keyNormBias) {}

  private final Ops ops;
  private final Parts parts;
  private final Rope rope;
  private final Ops.Product[] ofInput; // W_IK x and W_IW x
  private final Tensor q, k, w, keys;
  private final @Nullable Tensor scales; // FP8 only

  LightningIndexer(AttentionConfig.SparseLatent c, Parts parts, Wiring wiring) {
    this.parts = parts;
    AttentionConfig.SparseLatent.Indexer indexer = c.indexer();
    ops = wiring.ops();
    rope = c.latent().rope().rope(indexer.ropeStyle(), indexer.ropeDim());
    q = wiring.space().tensor("q_index", indexer.heads(), indexer.dim());
    k = wiring.space().tensor("k_index", 1, indexer.dim());
    w = wiring.space().tensor("w_index", 1, indexer.heads());
    ofInput = new Ops.Product[] {new Ops.Product(k, parts.wIK()), new Ops.Product(w, parts.wIW())};
    keys = wiring.plane("index keys");
    scales = indexer.precision() == IndexPrecision.F8 ? wiring.plane("index scale") : null;
  }

  void select(Selection selected, Tensor x, Tensor queryLatent, Batch batch) {
    ops.matmul(q, queryLatent, parts.wIQ());
    ops.rope(q, rope, batch);

    ops.matmul(x, ofInput);
    ops.layerNorm(k, k, parts.keyNormGain(), parts.keyNormBias(), EPS);
    ops.rope(k, rope, batch);

    if (scales == null) {
      ops.store(keys, k, batch);
    } else {
      ops.hadamard(q);
      ops.roundToF8(q);
      ops.hadamard(k);
      ops.storeF8(keys, scales, k, batch);
    }
    ops.select(selected, q, w, keys, scales, batch);
  }
}
