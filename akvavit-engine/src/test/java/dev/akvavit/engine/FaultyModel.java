package dev.akvavit.engine;

import dev.akvavit.core.Batch;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;
import java.util.SplittableRandom;

/**
 * The hashing model with faults from a seed: steps that fail once, prompts that fail always, rows
 * that come out as not a number. A step that fails leaves garbage in the rows it was to write. Also
 * checks each batch it gets.
 */
final class FaultyModel extends HashModel {
  /** A prompt with this token fails every step that computes it. */
  static final int POISON = VOCABULARY - 1;

  private final EngineLimits limits;
  final Complaints complaints = new Complaints();
  private final SplittableRandom random;
  private final int failEvery;
  private final int spoilEvery;
  final Set<Sequence> spoiled = Collections.newSetFromMap(new IdentityHashMap<>());
  Scheduler scheduler;
  private int
      quiet; // steps without a passing fault, so that those repeated alone are not hit again
  long failures;
  long spoils;

  FaultyModel(EngineLimits limits, boolean generatedRowsMatchPrompt, SplittableRandom random) {
    super(limits, generatedRowsMatchPrompt);
    this.limits = limits;
    this.random = random;
    failEvery = 20 + random.nextInt(200);
    spoilEvery = 20 + random.nextInt(400);
  }

  @Override
  long owner(int sequence) {
    return ((Visitor) scheduler.inStep.get(sequence).sink).tenant;
  }

  @Override
  public void forward(Batch batch) {
    check(batch);
    boolean passing = quiet == 0 && random.nextInt(failEvery) == 0;
    quiet = Math.max(0, quiet - 1);
    if (passing || poisoned(batch)) {
      failures++;
      quiet = Math.max(quiet, batch.sequences());
      for (int t = 0; t < batch.tokens(); t++) {
        rows[batch.slots[t]] = random.nextLong();
      }
      throw new IllegalStateException("a planted fault of the model");
    }
    store(batch);
    if (random.nextInt(spoilEvery) == 0) {
      spoils++;
      int t = random.nextInt(batch.tokens());
      rows[batch.slots[t]] = NOT_A_NUMBER;
      spoiled.add(scheduler.inStep.get(batch.sequenceOf[t]));
    }
    digest(batch);
  }

  private static boolean poisoned(Batch batch) {
    for (int t = batch.generated(); t < batch.tokens(); t++) {
      if (batch.tokenIds[t] == POISON) {
        return true;
      }
    }
    return false;
  }

  private void check(Batch batch) {
    complaints.require(batch.tokens() <= limits.maxTokensPerStep(), "a step above its tokens");
    complaints.require(batch.sequences() <= limits.maxSequences(), "a step above its sequences");
    for (int i = 0; i < batch.sequences(); i++) {
      Sequence s = scheduler.inStep.get(i);
      int from = batch.positions[batch.queryStart[i]];
      boolean complete = from + s.chunk == s.length;
      complaints.require(from == s.cached, "a chunk that does not begin where the cache ends");
      complaints.require(s.chunk > 0 && from + s.chunk <= s.length, "a chunk of unknown tokens");
      complaints.require(
          complete == batch.lastLogit[i] >= 0, "logits wanted of a chunk that does not complete");
      boolean prompt = batch.queryStart[i] >= batch.generated();
      complaints.require(
          prompt ? from + s.chunk <= s.promptLength : from >= s.promptLength,
          "a chunk of both kinds");
    }
  }
}
