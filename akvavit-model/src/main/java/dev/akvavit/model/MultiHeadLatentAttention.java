package dev.akvavit.model;

import dev.akvavit.core.AttentionConfig;
import dev.akvavit.core.Batch;
import dev.akvavit.core.Ops;
import dev.akvavit.core.Tensor;

/**
 * Multi-head latent attention (DeepSeek-V2, section 2.1): the cache holds one latent row per token
 * for all heads.
 *
 * <p>Generated tokens use the absorbed form, which reads each cached row once for all heads; prompt
 * tokens the expanded form, whose scores cost (nope + rope + value) instead of (2 kvRank + rope)
 * multiplications a pair. The two are equal in exact arithmetic. Which one a token gets depends on
 * the token alone, so batching, chunking and preemption change nothing.
 */
final class MultiHeadLatentAttention implements Attention {
  private final Ops ops;
  private final float scale;
  private final LatentProjection latent;
  private final LatentProjection.Absorbed generated;
  private final Tensor promptQuery, promptOut;

  MultiHeadLatentAttention(AttentionConfig.Latent c, LatentProjection.Parts parts, Wiring w) {
    ops = w.ops();
    scale = c.scale();
    latent = new LatentProjection(c, parts, w);
    generated = latent.absorbed(w.space().generated);
    promptQuery = latent.q.on(w.space().prompt);
    promptOut = latent.output(w.space().prompt);
  }

  @Override
  public void forward(Tensor out, Tensor x, Batch batch) {
    latent.project(x, batch);

    generated.query();
    ops.attend(generated.latentOut, generated.query, latent.keys, latent.values, batch, scale, 0);
    generated.output();

    ops.attendExpanded(
        promptOut, promptQuery, latent.keys, latent.wUK(), latent.wUV(), batch, scale);

    latent.project(out);
  }

  @Override
  public boolean attendsToPromptsApart() {
    return true;
  }
}
