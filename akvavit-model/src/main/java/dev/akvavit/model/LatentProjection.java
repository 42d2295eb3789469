package dev.akvavit.model;

import dev.akvavit.core.AttentionConfig;
import dev.akvavit.core.Batch;
import dev.akvavit.core.Extent;
import dev.akvavit.core.Ops;
import dev.akvavit.core.Rope;
import dev.akvavit.core.Temperature;
import dev.akvavit.core.Tensor;
import dev.akvavit.core.Weight;
import org.jspecify.annotations.Nullable;

/**
 * The projections that MLA and DSA share (DeepSeek-V2, section 2.1; V3, section 2.1.1).
 *
 * <pre>
 *   c_Q  = norm(W_DQ x)                 [queryRank]
 *   q    = W_UQ c_Q                     [heads, nope + rope], the last rope elements rotated
 *   c_KV ; k_R = W_DKV x                [kvRank + rope], the latent normed, the key rotated: all that is cached
 *   k_h  = [W_UK,h c_KV ; k_R]          v_h = W_UV,h c_KV          out = W_O o
 * </pre>
 *
 * Absorption moves W_UK to the query and W_UV to the output: {@code q_hᵀ (W_UK c) = (W_UKᵀ q_h)ᵀ
 * c}. It needs keys whose position is apart from the latent; that is why the rotated part is
 * decoupled.
 */
public final class LatentProjection {

  /**
   * @param wDQ null when the query is projected directly
   * @param wUQ W_UQ {@code [heads * (nope + rope), queryRank]}, or W_Q over the hidden state when
   *     {@code wDQ} is null
   * @param wDKV {@code [kvRank + rope, hidden]}
   * @param wUK {@code [heads, nope, kvRank]}
   * @param wUV {@code [heads, valueDim, kvRank]}
   */
  public record Parts(
      @Nullable Weight wDQ,
      @Nullable Weight queryNorm,
      Weight wUQ,
      Weight wDKV,
      Weight kvNorm,
      Weight wUK,
      Weight wUV,
      Weight wO) {}

  private final Ops ops;
  private final Parts parts;
  private final Rope rope;
  private final @Nullable Temperature temperature;
  private final float eps;
  private final Weight wUKTransposed; // [heads, kvRank, nope], the same bytes
  private final Ops.Product[] down; // what is projected from the hidden state
  private final Tensor cQ, qNope, qRope, kv, kvLatent, kRope, absorbed, latentOut;
  private final Tensor o; // [tokens, heads, valueDim]
  final Tensor q; // [tokens, heads, nope + rope]
  final Tensor keys; // [slots, 1, kvRank + rope]
  final Tensor values; // [slots, 1, kvRank]: the latent is key and value at once

  LatentProjection(AttentionConfig.Latent c, Parts parts, Wiring w) {
    this.parts = parts;
    ops = w.ops();
    rope = c.rope().rope(c.ropeStyle(), c.ropeDim());
    temperature = c.temperature();
    eps = c.latentNormEps();
    wUKTransposed = parts.wUK().transpose();
    cQ = w.space().tensor("c_q", 1, Math.max(1, c.queryRank()));
    q = w.space().tensor("q", c.heads(), c.nopeDim() + c.ropeDim());
    qNope = q.slice(0, c.nopeDim());
    qRope = q.slice(c.nopeDim(), c.ropeDim());
    kv = w.space().tensor("kv", 1, c.kvRank() + c.ropeDim());
    Ops.Product query =
        parts.wDQ() != null && parts.queryNorm() != null
            ? new Ops.Product(cQ, parts.wDQ())
            : new Ops.Product(q, parts.wUQ());
    down = new Ops.Product[] {query, new Ops.Product(kv, parts.wDKV())};
    kvLatent = kv.slice(0, c.kvRank());
    kRope = kv.slice(c.kvRank(), c.ropeDim());
    absorbed = w.space().tensor("q_absorbed", c.heads(), c.kvRank() + c.ropeDim());
    latentOut = w.space().tensor("o_latent", c.heads(), c.kvRank());
    o = w.space().tensor("o", c.heads(), c.valueDim());
    Tensor latent = w.plane("latent");
    keys = w.hasPlane("rope") ? latent.then(w.plane("rope")) : latent;
    values = keys.slice(0, c.kvRank());
  }

  /** {@code c_Q}, which the lightning indexer reads too. */
  Tensor queryLatent() {
    return cQ;
  }

  Weight wUK() {
    return parts.wUK();
  }

  Weight wUV() {
    return parts.wUV();
  }

  /** Heads' outputs of some rows. */
  Tensor output(Extent rows) {
    return o.on(rows);
  }

  /** Computes and rotates queries; computes, rotates and caches latents. */
  void project(Tensor x, Batch batch) {
    ops.matmul(x, down);
    if (parts.wDQ() != null && parts.queryNorm() != null) {
      ops.rmsNorm(cQ, cQ, parts.queryNorm(), eps);
      ops.matmul(q, cQ, parts.wUQ());
    }
    ops.rope(qRope, rope, batch);
    if (temperature != null) {
      ops.temper(q, temperature, batch);
    }
    ops.rmsNorm(kvLatent, kvLatent, parts.kvNorm(), eps);
    ops.rope(kRope, rope, batch);
    ops.store(keys, kv, batch);
  }

  /** out = W_O o. */
  void project(Tensor out) {
    ops.matmul(out, o, parts.wO());
  }

  /** The absorbed form for some rows of the step. */
  Absorbed absorbed(Extent rows) {
    return new Absorbed(rows);
  }

  /**
   * Every head attends to the same latent row, so decoding is multi-query attention with long
   * heads.
   */
  final class Absorbed {
    private final Tensor qNopeRows, qRopeRows, queryLatent, queryRope, outRows;
    final Tensor query; // [rows, heads, kvRank + rope]
    final Tensor latentOut; // [rows, heads, kvRank]

    private Absorbed(Extent rows) {
      qNopeRows = qNope.on(rows);
      qRopeRows = qRope.on(rows);
      query = absorbed.on(rows);
      queryLatent = query.slice(0, values.dim());
      queryRope = query.slice(values.dim(), qRope.dim());
      latentOut = LatentProjection.this.latentOut.on(rows);
      outRows = o.on(rows);
    }

    /** query = [W_UKᵀ q_C ; q_R]. */
    void query() {
      ops.matmul(queryLatent, qNopeRows, wUKTransposed);
      ops.copy(queryRope, qRopeRows);
    }

    /** o = W_UV Σ p c_KV. */
    void output() {
      ops.matmul(outRows, latentOut, parts.wUV());
    }
  }
}
