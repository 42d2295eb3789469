package dev.akvavit.core;

/**
 * How a mixture chooses experts. Scores are {@code softmax} or {@code sigmoid} of the router's
 * logits; groups whose score is too low are left out; the best {@code topK} of score plus bias are
 * taken; weights are the scores without bias.
 *
 * @param groups 1 when experts are not grouped
 * @param keptGroups groups that stay eligible
 * @param normalise whether the chosen weights are divided by their sum (plus 1e-20)
 * @param scale factor on the weights after that
 */
public record RouterConfig(
    int experts,
    int topK,
    Scoring scoring,
    int groups,
    int keptGroups,
    GroupScore groupScore,
    boolean normalise,
    float scale) {

  /** From logits to scores. */
  public enum Scoring {
    SOFTMAX,
    SIGMOID
  }

  /** What a group is worth. */
  public enum GroupScore {
    /** Its best score: DeepSeek-V2's group-limited greedy. */
    MAX,
    /** The sum of its two best biased scores: DeepSeek-V3. */
    TOP_TWO
  }

  public RouterConfig {
    Require.positive("n_routed_experts", experts);
    Require.that(
        topK > 0 && topK <= experts, "num_experts_per_tok " + topK + " must be 1.." + experts);
    Require.that(
        groups > 0 && experts % groups == 0,
        "n_group " + groups + " must divide " + experts + " experts");
    Require.that(
        keptGroups > 0 && keptGroups <= groups,
        "topk_group " + keptGroups + " must be 1.." + groups);
    Require.that(
        topK <= experts / groups * keptGroups,
        "num_experts_per_tok " + topK + " exceeds the experts of " + keptGroups + " groups");
    Require.that(
        groupScore == GroupScore.MAX || groups == 1 || experts / groups >= 2,
        "groups of one expert have no two best");
  }
}
