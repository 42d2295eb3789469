package dev.akvavit.claims;

import dev.akvavit.claims.Finding.Case;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/** Latents instead of keys and values, and what that asks of positions. */
final class LatentClaims {
  private LatentClaims() {}

  static List<Claim> all() {
    return List.of(
        new Claim(
            "absorption",
            Topic.LATENT,
            "Absorbing W_UK and W_UV changes nothing but the order of sums",
            "DeepSeek-V2, section 2.1.2",
            "keys and values expanded for every head",
            Published.atMost(1e-4, " of the largest logit", "exact"),
            lab ->
                Finding.measured(
                    AbsorptionTrial.TOKENS
                        + " tokens as a prompt (expanded) and as generated ones (absorbed), "
                        + AbsorptionTrial.LAYERS
                        + " layers of deepseek-v3's MLA, random F32 weights",
                    AbsorptionTrial.of(lab).difference())),
        new Claim(
            "rope-apart",
            Topic.LATENT,
            "Keys that are rotated cannot be absorbed; position must be apart",
            "DeepSeek-V2, section 2.1.3",
            "keys that are not rotated",
            Published.atLeast(10, " % missed", "incompatible"),
            lab -> {
              RotationTrial trial = RotationTrial.of(lab);
              return Finding.measured(
                  String.format(
                      Locale.ROOT,
                      "share of the scores that the best absorbed query misses; without rotation"
                          + " %.0e",
                      trial.plain()),
                  100 * trial.rotated());
            }),
        new Claim(
            "low-rank",
            Topic.LATENT,
            "A trained key-value projection keeps most of its energy in half its rank",
            "low-rank factorisation, as explained by others",
            "all of the energy at its whole rank",
            Published.atLeast(90, " %", "most"),
            lab -> {
              SpectrumTrial trial = SpectrumTrial.of(lab);
              return Finding.measured(
                  String.format(
                      Locale.ROOT,
                      "singular values of kv_b_proj [%d x %d] of the shipped model, mean of its"
                          + " layers; a random matrix keeps %.0f %% in half its rank",
                      trial.outputs(),
                      trial.rank(),
                      100 * trial.random()[trial.rank() / 2]),
                  IntStream.of(2, 4, 6)
                      .map(eighths -> trial.rank() * eighths / 8)
                      .mapToObj(r -> new Case(r + " of " + trial.rank(), 100 * trial.kept()[r]))
                      .toArray(Case[]::new));
            }));
  }
}
