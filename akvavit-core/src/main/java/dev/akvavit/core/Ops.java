package dev.akvavit.core;

import org.jspecify.annotations.Nullable;

/**
 * Everything a model may ask of a backend. CPU, CUDA and the scalar reference implement exactly
 * this.
 *
 * <p>The contract, for every operation:
 *
 * <ul>
 *   <li><b>Row invariance.</b> A result for one row depends on that row (and the cache rows it may
 *       see) alone, bit for bit: reduction order is fixed by the shapes of weights and by absolute
 *       positions, never by how many rows share the step, how a prompt was cut into chunks, or how
 *       many threads work. Whether the row's token {@linkplain Extent#generated was generated} or
 *       belongs to a prompt is a fact of the row, and may decide.
 *   <li><b>Rows.</b> Row {@code i} of a tensor belongs to token {@code extent.first() + i} of the
 *       batch. Tensors of one call have the same row range, except cache planes and {@link #last}.
 *       A call with no rows does nothing.
 *   <li><b>In place.</b> {@code out} may be the same view as {@code x} where the Javadoc says so,
 *       and nowhere else may arguments overlap.
 *   <li>Activations are F32; sums are at least F32. Nothing is allocated.
 * </ul>
 */
public interface Ops {
  /**
   * {@code out[i] = table[id of token i]}; {@code out} {@code [tokens, 1, hidden]}, table {@code
   * [vocabulary, hidden]}.
   */
  void embed(Tensor out, Weight table, Batch batch);

  /** {@code x[i] += table[position of token i]}: learned positions. */
  void addPositions(Tensor x, Weight table, Batch batch);

  /** Each head of each row: {@code out = gain * x / sqrt(mean(x^2) + eps)}. In place allowed. */
  void rmsNorm(Tensor out, Tensor x, Weight gain, float eps);

  /**
   * Each head of each row: {@code out = gain * (x - mean) / sqrt(variance + eps) + bias}. In place
   * allowed.
   */
  void layerNorm(Tensor out, Tensor x, Weight gain, Weight bias, float eps);

  /**
   * {@code out = w x}. With {@code w.heads() == 1} over the whole row ({@code heads * dim} elements
   * in order, on both sides); otherwise head by head, {@code w.heads() == x.heads() ==
   * out.heads()}.
   */
  void matmul(Tensor out, Tensor x, Weight w);

  /** A matrix and where its product goes. */
  record Product(Tensor out, Weight w) {}

  /**
   * Each {@code out = w x}, of matrices that read the same input: the bits of {@link
   * #matmul(Tensor, Tensor, Weight)} one after another, at the price of one start.
   */
  default void matmul(Tensor x, Product... products) {
    for (Product p : products) {
      matmul(p.out(), x, p.w());
    }
  }

  /** {@code x[i] += bias} over the whole row. */
  void addBias(Tensor x, Weight bias);

  /**
   * Rotates the first {@code rope.dim()} elements of each head. The angle is the F32 product of
   * position and frequency, as in the reference implementations; its cosine and sine are correctly
   * rounded, then times the magnitude.
   */
  void rope(Tensor x, Rope rope, Batch batch);

  /** Multiplies each row by {@code temperature.at(position)}. */
  void temper(Tensor x, Temperature temperature, Batch batch);

  /**
   * Walsh-Hadamard transform of each head in natural order, times {@code dim^(-1/2)}; {@code dim} a
   * power of two.
   */
  void hadamard(Tensor x);

  /**
   * Rounds each head to FP8 e4m3 and back: factor {@code s = 2^ceil(log2(max(amax, 1e-4) / 448))},
   * value {@code s * e4m3(clamp(x / s))} to the nearest, ties to even (DeepSeek-V3.2 act_quant with
   * ue8m0 scales).
   */
  void roundToF8(Tensor x);

  /** {@code out = x}. */
  void copy(Tensor out, Tensor x);

  /** {@code x += y}. */
  void add(Tensor x, Tensor y);

  /** {@code out = silu(gate) * up}. In place of either allowed. */
  void swiglu(Tensor out, Tensor gate, Tensor up);

  /** Applies {@code f} to every element, in place. */
  void activate(Tensor x, Activation f);

  /**
   * Writes each row into its cache slot, rounding to nearest even when the plane is narrower than
   * F32. F16 keeps 65,504 where a finite value is larger. A Q8_0 block has the F16 factor {@code d}
   * nearest to {@code max|x| / 127}, 65,504 at most, and codes {@code x / d} within -127 .. 127; a
   * block that is not all finite is NaN throughout.
   */
  void store(Tensor cache, Tensor rows, Batch batch);

  /**
   * {@link #store} into an FP8 plane: codes of {@link #roundToF8} to {@code cache}, the factor to
   * {@code scales}.
   */
  void storeF8(Tensor cache, Tensor scales, Tensor rows, Batch batch);

  /**
   * Causal attention over the pages of each sequence: {@code out = softmax(scale * q k^T) v} over
   * positions {@code max(0, t - window + 1) .. t}. Query heads share key heads in equal groups:
   * head {@code h} reads key head {@code h / (heads / keys.heads())}. {@code values.dim() ==
   * out.dim()} may differ from {@code keys.dim() == q.dim()}.
   *
   * @param window positions a query sees, itself included; 0 for all
   */
  void attend(
      Tensor out, Tensor q, Tensor keys, Tensor values, Batch batch, float scale, int window);

  /**
   * The same over the selected positions only, in ascending order; equal to the dense form bit for
   * bit when all are selected.
   */
  void attend(
      Tensor out, Tensor q, Tensor keys, Tensor values, Batch batch, float scale, Selection only);

  /**
   * MLA in its expanded form: {@code k_h(s) = [wUK_h c(s) ; k_rope(s)]}, {@code v_h(s) = wUV_h
   * c(s)} made tile by tile from the cached latents, never stored. Tiles follow absolute positions.
   *
   * @param out {@code [tokens, heads, valueDim]}
   * @param q {@code [tokens, heads, nopeDim + ropeDim]}, rotated
   * @param latents cache plane {@code [slots, 1, kvRank + ropeDim]}
   * @param wUK {@code [heads, nopeDim, kvRank]}
   * @param wUV {@code [heads, valueDim, kvRank]}
   */
  void attendExpanded(
      Tensor out, Tensor q, Tensor latents, Weight wUK, Weight wUV, Batch batch, float scale);

  /**
   * The lightning indexer: {@code I(t,s) = sum_j w(t,j) relu(q(t,j) . k(s))} for {@code s <= t};
   * keeps the {@code out.limit()} largest, ties to the lower position, in ascending order of
   * position. When the context is not longer than the limit every position is selected without
   * scoring.
   *
   * @param headWeights {@code [tokens, 1, indexHeads]}
   * @param keys cache plane {@code [slots, 1, indexDim]}
   * @param scales plane of factors when keys are FP8, else null
   */
  void select(
      Selection out,
      Tensor q,
      Tensor headWeights,
      Tensor keys,
      @Nullable Tensor scales,
      Batch batch);

  /**
   * Copies the rows whose logits are wanted: {@code out} row {@code i} is token {@code
   * batch.logitToken[i]} of {@code x}.
   */
  void last(Tensor out, Tensor x, Batch batch);

  /**
   * Chooses experts from the router's logits {@code [tokens, 1, experts]}: see {@link
   * RouterConfig}. Ties go to the lower expert.
   *
   * @param bias the selection bias, or null
   */
  void route(Routing out, Tensor logits, @Nullable Weight bias, RouterConfig rule);

  /**
   * {@code out = sum over the token's experts e, ascending, of weight_e * expert_e(x)}; both {@code
   * [tokens, 1, hidden]}.
   */
  void experts(Tensor out, Tensor x, ExpertWeights weights, Routing routing);
}
