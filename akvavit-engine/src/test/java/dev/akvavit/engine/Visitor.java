package dev.akvavit.engine;

import dev.akvavit.core.Batch;
import dev.akvavit.core.Model;
import dev.akvavit.core.Sampling;
import dev.akvavit.core.TokenConstraint;
import java.util.Arrays;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * A simulated request that knows what it would get alone, and compares every token and its end with
 * that.
 */
final class Visitor implements TokenSink {
  /** What a sink does at its last token, besides taking it. */
  enum Habit {
    TAKE_ALL,
    ENOUGH,
    CANCEL,
    THROW
  }

  final int tenant;
  final Request request;
  private final Request twin; // with a constraint of its own
  private final Habit habit;
  private final int habitAt;
  private final int[] expected;
  private final float[] expectedLogProbs;
  private int expectedCount;
  private FinishReason expectedEnd = FinishReason.LENGTH;
  Sequence sequence;
  int delivered;
  boolean cancelled; // from outside, before a step: it must end within that step
  FinishReason asked = FinishReason.CANCELLED; // what it was cancelled for
  boolean finished;
  private final FaultyModel model;

  Visitor(SplittableRandom random, int[][] prefixes, int answer, Parts parts, FaultyModel model) {
    this.model = model;
    tenant = random.nextInt(3);
    habit = random.nextInt(4) > 0 ? Habit.TAKE_ALL : Habit.values()[random.nextInt(4)];
    habitAt = 1 + random.nextInt(8);
    int[] prompt = prompt(random, prefixes[random.nextInt(prefixes.length)]);
    int[] stops = random.ints(random.nextInt(3), 0, HashModel.VOCABULARY).toArray();
    Map<Integer, Float> bias =
        random.nextInt(4) > 0 ? Map.of() : Map.of(random.nextInt(HashModel.VOCABULARY), 3f);
    int logProbs = random.nextInt(3) > 0 ? Request.NO_LOG_PROBS : random.nextInt(4);
    long mood = random.nextLong();
    CacheScope scope =
        new CacheScope(parts.salt(new CacheScope(tenant == 0 ? "" : "tenant " + tenant)));
    int maxTokens = 1 + random.nextInt(answer);
    Sampling sampling = sampling(random);
    request =
        new Request(
            prompt, maxTokens, stops, sampling, bias, logProbs, scope, Mood.constraint(mood));
    expected = new int[maxTokens];
    expectedLogProbs = new float[maxTokens];
    twin =
        new Request(
            prompt, maxTokens, stops, sampling, bias, logProbs, scope, Mood.constraint(mood));
  }

  private static int[] prompt(SplittableRandom random, int[] prefix) {
    int shared = random.nextInt(prefix.length + 1);
    int[] prompt = Arrays.copyOf(prefix, Math.max(1, shared + random.nextInt(6)));
    for (int i = shared; i < prompt.length; i++) {
      prompt[i] = random.nextInt(FaultyModel.POISON);
    }
    if (random.nextInt(40) == 0) {
      prompt[random.nextInt(prompt.length)] = FaultyModel.POISON;
    }
    return prompt;
  }

  private static Sampling sampling(SplittableRandom random) {
    if (random.nextInt(5) < 3) {
      return Sampling.GREEDY;
    }
    boolean penalised = random.nextInt(4) == 0;
    return new Sampling(
        0.2f + random.nextInt(4),
        random.nextBoolean() ? 0 : 1 + random.nextInt(40),
        random.nextBoolean() ? 1 : 0.3f + random.nextInt(3) * 0.3f,
        random.nextInt(4) > 0 ? 0 : 0.1f,
        random.nextLong(),
        penalised ? 1.3f : 1,
        penalised ? 0.5f : 0,
        penalised ? 0.25f : 0);
  }

  /** Runs the request alone: a digest over its rows, a sampler that has never seen another. */
  void expect(Alone alone) {
    Sequence s = alone.sequence(twin);
    int position = 0;
    for (; position < s.length; position++) {
      if (s.tokens[position] == FaultyModel.POISON) {
        expectedEnd = FinishReason.FAILED;
        return;
      }
    }
    alone.digest = 0;
    for (int i = 0; i < s.length; i++) {
      alone.digest = HashModel.next(alone.digest, model.row(s.tokens[i], i, false, tenant));
    }
    while (s.length < s.tokens.length) {
      int token;
      try {
        token = alone.sampler.sample(s, 0);
        s.constraint.accept(token);
        s.append(token, 0);
      } catch (RuntimeException e) {
        expectedEnd = FinishReason.FAILED;
        return;
      }
      expectedLogProbs[expectedCount] = alone.sampler.logProbs().chosen();
      expected[expectedCount++] = token;
      boolean last = habit == Habit.THROW || habit == Habit.ENOUGH;
      if (last && expectedCount == habitAt || s.stopsAt(token)) {
        boolean thrown = habit == Habit.THROW && expectedCount == habitAt;
        expectedEnd = thrown ? FinishReason.FAILED : FinishReason.STOP;
        return;
      }
      alone.digest = HashModel.next(alone.digest, model.row(token, s.length - 1, true, tenant));
    }
  }

  @Override
  public boolean token(int id, LogProbs logProbs) {
    require(!finished, "a token after the end");
    require(!cancelled, "a token after the step in which a cancelled request had to end");
    require(delivered < expectedCount, "more tokens than alone");
    require(id == expected[delivered], "another token than alone");
    boolean asked = request.logProbs() != Request.NO_LOG_PROBS;
    require(logProbs.isEmpty() != asked, "log probabilities of a neighbour");
    require(
        !asked || logProbs.chosen() == expectedLogProbs[delivered],
        "another log probability than alone");
    require(
        !asked || logProbs.alternatives() == request.logProbs(), "another count of alternatives");
    delivered++;
    if (delivered == habitAt) {
      switch (habit) {
        case ENOUGH -> {
          return false;
        }
        case CANCEL -> sequence.cancel();
        case THROW -> throw new IllegalStateException("a planted fault of a sink");
        case TAKE_ALL -> {}
      }
    }
    return true;
  }

  @Override
  public void finished(FinishReason reason, String detail, GenerationStats stats) {
    require(!finished, "ended twice");
    finished = true;
    boolean asAlone = reason == expectedEnd && delivered == expectedCount;
    boolean asAsked =
        cancelled
            ? reason == asked
            : reason == FinishReason.CANCELLED && habit == Habit.CANCEL && delivered == habitAt;
    boolean asSpoiled = reason == FinishReason.FAILED && model.spoiled.contains(sequence);
    require(
        asAlone || asAsked || asSpoiled,
        "ended " + reason + " (" + detail + "), alone " + expectedEnd);
    require(!cancelled || reason == asked, "to end " + asked + ", yet ended " + reason);
    require(
        detail.isEmpty() != (reason == FinishReason.FAILED),
        "a failure says what failed, and nothing else does");
    require(stats.generatedTokens() == delivered, "another count of tokens than delivered");
    require(stats.promptTokens() == request.prompt().length, "another count of prompt tokens");
    require(stats.cachedTokens() < stats.promptTokens(), "a hit that left nothing to compute");
    require(
        stats.queued().plus(stats.prefill()).equals(stats.firstToken())
            && !stats.decode().isNegative(),
        "durations that do not add up");
  }

  private void require(boolean holds, String otherwise) {
    model.complaints.require(holds, otherwise);
  }

  /** The model and sampler of one who is alone. */
  static final class Alone implements Model {
    private static final EngineLimits LIMITS = new EngineLimits(64, 64, 64, 64, 1, 1, 64);
    private final PageKeys keys = new PageKeys(LIMITS.pageSize());
    final Sampler sampler = new Sampler(this);
    long digest;

    Sequence sequence(Request request) {
      return new Sequence(request, new Collected(), LIMITS, keys, "alone", () -> {});
    }

    @Override
    public void forward(Batch batch) {
      throw new UnsupportedOperationException("alone, a digest takes the place of a step");
    }

    @Override
    public void logits(int row, float[] out) {
      HashModel.fill(digest, out);
    }

    @Override
    public int vocabulary() {
      return HashModel.VOCABULARY;
    }

    @Override
    public boolean generatedRowsMatchPrompt() {
      return true;
    }
  }

  /** Constraints of all tempers: most allow everything, some follow what was drawn, some fail. */
  private static final class Mood implements TokenConstraint {
    private final int kind;
    private final int failsAt;
    private int accepted;
    private int sum;

    private Mood(int kind, int failsAt) {
      this.kind = kind;
      this.failsAt = failsAt;
    }

    static TokenConstraint constraint(long mood) {
      int kind = (int) (mood >>> 60);
      return kind > 3 ? TokenConstraint.NONE : new Mood(kind, 2 + (int) (mood & 7));
    }

    @Override
    public void mask(long[] allowed) {
      if (kind == 2 && accepted == failsAt) {
        return; // allows nothing
      }
      allowed[0] = 0x5555_5555_5555_5555L << (sum & 1) | 1L << (sum & 31);
    }

    @Override
    public void accept(int token) {
      accepted++;
      sum += token;
      if (kind == 3 && accepted == failsAt) {
        throw new IllegalStateException("a planted fault of a constraint");
      }
    }
  }
}
