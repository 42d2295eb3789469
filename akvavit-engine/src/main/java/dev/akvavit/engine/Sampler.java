package dev.akvavit.engine;

import dev.akvavit.core.Model;
import dev.akvavit.core.Sampling;
import dev.akvavit.core.TokenConstraint;
import java.util.Arrays;

/**
 * From a row of logits to a token: penalties, bias, constraint, temperature, then min-p, top-k and
 * top-p, each over what the one before left, then the draw. The result depends on the sequence, its
 * row and its seed alone. Preallocated.
 *
 * <p>Penalties: Keskar et al. 2019 (repetition). Nucleus: Holtzman et al. 2020. Min-p: Nguyen et
 * al. 2024.
 */
class Sampler {
  /**
   * A token this many nats below the best is never in a nucleus: a whole vocabulary of them weighs
   * under 1e-11.
   */
  private static final double NEGLIGIBLE = 40;

  private static final int BINS = 1024;
  private static final byte SEEN = 1;
  private static final byte GENERATED = 2;

  private final Model model;
  private final int vocabulary;
  private final float[] logits; // [vocabulary]
  private final float[]
      original; // [vocabulary] before anything was changed, when log probabilities are wanted
  private final long[] allowed; // [ceil(vocabulary / 64)]
  private final byte[] seen; // [vocabulary]
  private final Candidates candidates;
  private final Candidates border; // those around the end of a nucleus
  private final double[] bins = new double[BINS]; // weight by distance from the best
  private final LogProbs logProbs = new LogProbs();

  Sampler(Model model) {
    this.model = model;
    vocabulary = model.vocabulary();
    logits = new float[vocabulary];
    original = new float[vocabulary];
    allowed = new long[Math.ceilDiv(vocabulary, Long.SIZE)];
    seen = new byte[vocabulary];
    candidates = new Candidates(vocabulary);
    border = new Candidates(vocabulary);
  }

  /** Of the last token drawn. */
  LogProbs logProbs() {
    return logProbs;
  }

  /**
   * Draws the next token of a sequence from row {@code row} of the step's logits.
   *
   * @throws IllegalStateException when a logit is not finite, or the constraint allows no token
   */
  int sample(Sequence s, int row) {
    model.logits(row, logits);
    requireFinite(s);
    int alternatives = s.request.logProbs();
    logProbs.empty = alternatives == Request.NO_LOG_PROBS;
    if (!logProbs.empty) {
      System.arraycopy(logits, 0, original, 0, vocabulary);
    }
    Sampling rule = s.request.sampling();
    adjust(s, rule);
    int best = best(s);
    int token = rule.greedy() ? best : draw(rule, best, Noise.stream(rule.seed(), s.length));
    if (!logProbs.empty) {
      describe(token, alternatives);
    }
    return token;
  }

  /**
   * Exponent bits all ones: infinite or not a number. An integer maximum, so that the loop is
   * vectorised.
   */
  private void requireFinite(Sequence s) {
    int highest = 0;
    for (int i = 0; i < vocabulary; i++) {
      highest = Math.max(highest, Float.floatToRawIntBits(logits[i]) & 0x7f800000);
    }
    if (highest == 0x7f800000) {
      throw new IllegalStateException(
          "the model's logits for position " + s.length + " are not finite");
    }
  }

  private void adjust(Sequence s, Sampling rule) {
    if (rule.penalised()) {
      penalise(s, rule);
    }
    for (int i = 0; i < s.biasIds.length; i++) {
      logits[s.biasIds[i]] += s.biases[i];
    }
    if (!s.constraint.equals(TokenConstraint.NONE)) {
      Arrays.fill(allowed, 0);
      s.constraint.mask(allowed);
      for (int i = 0; i < vocabulary; i++) {
        if ((allowed[i >> 6] >>> i & 1) == 0) {
          logits[i] = Float.NEGATIVE_INFINITY;
        }
      }
    }
  }

  private void penalise(Sequence s, Sampling rule) {
    for (int i = 0; i < s.length; i++) {
      int id = s.tokens[i];
      if ((seen[id] & SEEN) == 0) {
        seen[id] |= SEEN;
        logits[id] =
            logits[id] > 0
                ? logits[id] / rule.repetitionPenalty()
                : logits[id] * rule.repetitionPenalty();
      }
      if (i >= s.promptLength) {
        logits[id] -= rule.frequencyPenalty();
        if ((seen[id] & GENERATED) == 0) {
          seen[id] |= GENERATED;
          logits[id] -= rule.presencePenalty();
        }
      }
    }
    for (int i = 0; i < s.length; i++) {
      seen[s.tokens[i]] = 0;
    }
  }

  /** The likeliest token; among equals the one with the lowest id. */
  private int best(Sequence s) {
    float highest = highest();
    if (highest == Float.NEGATIVE_INFINITY) {
      throw new IllegalStateException("the constraint allows no token at position " + s.length);
    }
    int best = 0;
    while (logits[best] != highest) {
      best++;
    }
    return best;
  }

  /**
   * The largest logit, as an integer maximum of bits that are ordered like the numbers, so that the
   * loop is vectorised.
   */
  private float highest() {
    int highest = Integer.MIN_VALUE;
    for (int i = 0; i < vocabulary; i++) {
      int bits = Float.floatToRawIntBits(logits[i]);
      highest = Math.max(highest, bits ^ (bits >> 31 & Integer.MAX_VALUE));
    }
    return Float.intBitsToFloat(highest ^ (highest >> 31 & Integer.MAX_VALUE));
  }

  private int draw(Sampling rule, int best, long stream) {
    double temperature = rule.temperature();
    int winner = best;
    double highest = logits[best] / temperature + Noise.gumbel(Noise.bits(stream, best));
    boolean all = rule.topK() == 0 && rule.topP() == 1 && rule.minP() == 0;
    if (!all) {
      filter(rule, logits[best]);
    }
    int count = all ? vocabulary : candidates.size();
    for (int i = 0; i < count; i++) {
      int id = all ? i : candidates.id(i);
      double score = logits[id] / temperature;
      long bits = Noise.bits(stream, id);
      if (score + Noise.bound(bits) > highest) {
        double noisy = score + Noise.gumbel(bits);
        if (noisy > highest) {
          highest = noisy;
          winner = id;
        }
      }
    }
    return winner;
  }

  /**
   * Leaves in {@code candidates} what min-p, top-k and top-p let through; the best token always is.
   */
  private void filter(Sampling rule, float max) {
    double temperature = rule.temperature();
    double floor = -Float.MAX_VALUE;
    if (rule.minP() > 0) {
      floor = max + temperature * StrictMath.log(rule.minP());
    }
    if (rule.topP() < 1) {
      floor = Math.max(floor, max - temperature * NEGLIGIBLE);
    }
    boolean ranked = rule.topK() > 0 && rule.topK() < vocabulary;
    candidates.reset(logits);
    for (int i = 0; i < vocabulary; i++) {
      if (logits[i] >= floor) {
        if (ranked) {
          candidates.offer(i, rule.topK());
        } else {
          candidates.append(i);
        }
      }
    }
    if (rule.topP() < 1) {
      keepNucleus(rule, max);
    }
  }

  /**
   * Keeps the smallest set of the best with the wanted share. Their weights are summed in bins by
   * logit, so that only the bin in which the share is reached has to be ranked.
   */
  private void keepNucleus(Sampling rule, float max) {
    Arrays.fill(bins, 0);
    for (int i = 0; i < candidates.size(); i++) {
      int id = candidates.id(i);
      bins[bin(rule, id, max)] += weight(rule, id, max);
    }
    double wanted = 0;
    for (double mass : bins) {
      wanted += mass;
    }
    wanted *= rule.topP();
    int last = 0;
    while (last < BINS - 1 && bins[last] < wanted) {
      wanted -= bins[last++];
    }
    border.reset(logits);
    for (int i = 0; i < candidates.size(); i++) {
      if (bin(rule, candidates.id(i), max) == last) {
        border.offer(candidates.id(i), vocabulary);
      }
    }
    double kept = bins[last] - weight(rule, border.worst(), max);
    while (border.size() > 1 && kept >= wanted) {
      border.removeWorst();
      kept -= weight(rule, border.worst(), max);
    }
    candidates.retain(border.worst());
  }

  private int bin(Sampling rule, int id, float max) {
    double below = (max - (double) logits[id]) / rule.temperature();
    return Math.min(BINS - 1, (int) (below * (BINS / NEGLIGIBLE)));
  }

  private double weight(Sampling rule, int id, float max) {
    return Math.exp((logits[id] - (double) max) / rule.temperature());
  }

  private void describe(int token, int alternatives) {
    float max = Float.NEGATIVE_INFINITY;
    for (int i = 0; i < vocabulary; i++) {
      max = Math.max(max, original[i]);
    }
    double total = 0;
    for (int i = 0; i < vocabulary; i++) {
      total += Math.exp(original[i] - (double) max);
    }
    double logTotal = max + Math.log(total);
    logProbs.chosen = (float) (original[token] - logTotal);
    candidates.reset(original);
    for (int i = 0; alternatives > 0 && i < vocabulary; i++) {
      candidates.offer(i, alternatives);
    }
    logProbs.alternatives = candidates.size();
    for (int i = candidates.size() - 1; i >= 0; i--) {
      int id = candidates.removeWorst();
      logProbs.ids[i] = id;
      logProbs.values[i] = (float) (original[id] - logTotal);
    }
  }
}
