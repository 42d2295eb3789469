package dev.akvavit.core;

/**
 * How the next token is drawn.
 *
 * @param temperature 0 is greedy
 * @param topK keep the best {@code topK}; 0 for all
 * @param topP keep the smallest set with this much probability; 1 for all
 * @param minP drop tokens less likely than {@code minP} times the likeliest; 0 for none
 * @param seed with the position, makes a draw a pure function
 * @param repetitionPenalty divides positive and multiplies negative logits of tokens seen; 1 for
 *     none (Keskar 2019)
 * @param frequencyPenalty subtracted once per occurrence among generated tokens
 * @param presencePenalty subtracted once from every token already generated
 */
public record Sampling(
    float temperature,
    int topK,
    float topP,
    float minP,
    long seed,
    float repetitionPenalty,
    float frequencyPenalty,
    float presencePenalty) {
  public static final Sampling GREEDY = new Sampling(0, 0, 1, 0, 0, 1, 0, 0);

  public Sampling {
    require(temperature >= 0 && temperature <= 100, "temperature", temperature, "0..100");
    require(topK >= 0, "top_k", topK, "0 (all) or more");
    require(topP > 0 && topP <= 1, "top_p", topP, "above 0, at most 1");
    require(minP >= 0 && minP <= 1, "min_p", minP, "0..1");
    require(
        repetitionPenalty > 0 && repetitionPenalty <= 100,
        "repetition_penalty",
        repetitionPenalty,
        "above 0, at most 100");
    require(Math.abs(frequencyPenalty) <= 2, "frequency_penalty", frequencyPenalty, "-2..2");
    require(Math.abs(presencePenalty) <= 2, "presence_penalty", presencePenalty, "-2..2");
  }

  private static void require(boolean holds, String name, Number found, String allowed) {
    if (!holds) {
      throw new IllegalArgumentException(name + ": found " + found + ", allowed: " + allowed);
    }
  }

  public boolean greedy() {
    return temperature == 0;
  }

  public boolean penalised() {
    return repetitionPenalty != 1 || frequencyPenalty != 0 || presencePenalty != 0;
  }
}
