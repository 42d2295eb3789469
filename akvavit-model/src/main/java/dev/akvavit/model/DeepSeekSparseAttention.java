package dev.akvavit.model;

import dev.akvavit.core.AttentionConfig;
import dev.akvavit.core.Batch;
import dev.akvavit.core.Ops;
import dev.akvavit.core.Selection;
import dev.akvavit.core.Tensor;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * DeepSeek sparse attention (DeepSeek-V3.2-Exp, section 2.1): a cheap indexer chooses what latent
 * attention may see.
 *
 * <pre>
 *   I(t,s) = Σ_j w(t,j) · ReLU(q_I(t,j) · k_I(s))      the lightning indexer
 *   o(t)   = MLA over { s : I(t,s) among the top k }
 * </pre>
 *
 * Always in the absorbed form: a query reads at most k rows, so expanding them for it never pays.
 */
final class DeepSeekSparseAttention implements Attention {
  private final Ops ops;
  private final float scale;
  private final LatentProjection latent;
  private final LatentProjection.Absorbed absorbed;
  private final boolean promptsApart;
  private final Selection selected;
  private final @Nullable LightningIndexer
      indexer; // null when the layer shares the last one's selection

  DeepSeekSparseAttention(
      AttentionConfig.SparseLatent c,
      LatentProjection.Parts parts,
      LightningIndexer.@Nullable Parts indexerParts,
      Wiring w) {
    ops = w.ops();
    scale = c.latent().scale();
    latent = new LatentProjection(c.latent(), parts, w);
    absorbed = latent.absorbed(w.space().tokens);
    promptsApart =
        w.backend().attendsToPromptsApart(c.latent().heads(), latent.keys, latent.values);
    selected = Objects.requireNonNull(w.selection(), "a sparse layer needs the model's selection");
    indexer = indexerParts == null ? null : new LightningIndexer(c, indexerParts, w);
  }

  @Override
  public void forward(Tensor out, Tensor x, Batch batch) {
    latent.project(x, batch);
    if (indexer != null) {
      indexer.select(selected, x, latent.queryLatent(), batch);
    }
    absorbed.query();
    ops.attend(
        absorbed.latentOut, absorbed.query, latent.keys, latent.values, batch, scale, selected);
    absorbed.output();
    latent.project(out);
  }

  @Override
  public boolean attendsToPromptsApart() {
    return promptsApart;
  }

  @Override
  public Selection selection() {
    return selected;
  }
}
