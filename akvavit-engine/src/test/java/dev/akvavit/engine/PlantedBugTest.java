package dev.akvavit.engine;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.akvavit.core.Batch;
import dev.akvavit.core.Model;
import java.util.function.LongSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * The inverse of {@link SimulationTest}: each bug planted into one part is caught, or the
 * simulation guards nothing.
 */
class PlantedBugTest {
  private static final long STEPS = 200_000;

  @TestFactory
  Stream<DynamicTest> everyPlantedBugIsCaught() {
    return Stream.of(
        caught("a page published before its rows are computed", "", new PublishesEarly()),
        caught(
            "a page published though the logits are not finite",
            "not finite",
            new PublishesUnseen()),
        caught("a page still found after it was taken anew", "", new NeverForgets()),
        caught("a hit that takes no reference", "", new FindsWithoutReference()),
        caught("a hit that leaves no token to compute", "", withScheduler(HitsEverything::new)),
        caught(
            "generated pages shared though the model computes them in another form",
            "another token",
            withScheduler((l, c, share, m, e, t) -> new Scheduler(l, c, true, m, e, t))),
        caught("tenants that share pages", "another token", new IgnoresScope()),
        caught("pages kept by a cancelled request", "", withScheduler(KeepsPagesOfCancelled::new)),
        caught("a page table not cleared after preemption", "", withScheduler(KeepsPageTable::new)),
        caught(
            "pages released but still thought to be cached",
            "",
            withScheduler(KeepsCachedCount::new)),
        caught(
            "a preempted sequence sent to the end of the queue",
            "",
            withScheduler(PreemptsToTheEnd::new)),
        caught(
            "cancels looked for in every other step only",
            "outlived",
            withScheduler(CancelsLate::new)),
        caught(
            "cancels of waiting requests forgotten",
            "outlived",
            withScheduler(ForgetsWaiting::new)),
        caught("a chunk one token longer than the budget", "", withScheduler(OneTooMany::new)),
        caught("a chunk of prompt and generated tokens", "", withScheduler(MixesKinds::new)),
        caught("a chunk that skips a token", "", withScheduler(SkipsOne::new)),
        caught("logits of the neighbour's row", "another token", new NeighboursRow()),
        caught("a draw that depends on the row in the batch", "another token", new DrawsByRow()));
  }

  private static DynamicTest caught(String bug, String complaint, Parts parts) {
    return DynamicTest.dynamicTest(
        bug,
        () ->
            assertThatThrownBy(() -> new Simulation(parts).run(1, STEPS))
                .isInstanceOf(AssertionError.class)
                .hasMessageStartingWith("seed ")
                .hasMessageContaining(complaint));
  }

  private interface Making {
    Scheduler make(
        EngineLimits limits,
        PrefixCache cache,
        boolean share,
        Mailbox mailbox,
        EngineEvents events,
        LongSupplier clock);
  }

  private static Parts withScheduler(Making making) {
    return new Parts() {
      @Override
      Scheduler scheduler(
          EngineLimits limits,
          PrefixCache cache,
          boolean share,
          Mailbox mailbox,
          EngineEvents events,
          LongSupplier clock) {
        return making.make(limits, cache, share, mailbox, events, clock);
      }
    };
  }

  private static final class PublishesEarly extends Parts {
    @Override
    Model model(FaultyModel model, Scheduler scheduler) {
      return new Seen(model) {
        @Override
        public void forward(Batch batch) {
          for (Sequence s : scheduler.inStep) {
            s.cached += s.chunk;
            scheduler.publish(s);
            s.cached -= s.chunk;
          }
          super.forward(batch);
        }
      };
    }
  }

  private static final class PublishesUnseen extends Parts {
    @Override
    Model model(FaultyModel model, Scheduler scheduler) {
      return new Seen(model) {
        @Override
        public void forward(Batch batch) {
          super.forward(batch);
          for (Sequence s : scheduler.inStep) {
            s.cached += s.chunk;
            scheduler.publish(s);
            s.cached -= s.chunk;
          }
        }
      };
    }
  }

  private static final class NeverForgets extends Parts {
    @Override
    PrefixCache cache(PagePool pool) {
      return new PrefixCache(pool) {
        @Override
        int take() {
          return pool.take();
        }
      };
    }
  }

  private static final class FindsWithoutReference extends Parts {
    @Override
    PrefixCache cache(PagePool pool) {
      return new PrefixCache(pool) {
        @Override
        int find(long[] chain, int at) {
          int page = super.find(chain, at);
          if (page >= 0) {
            pool.release(page, true);
          }
          return page;
        }
      };
    }
  }

  private static final class IgnoresScope extends Parts {
    @Override
    String salt(CacheScope scope) {
      return "";
    }
  }

  private static final class NeighboursRow extends Parts {
    @Override
    Sampler sampler(Model model) {
      return new Sampler(model) {
        @Override
        int sample(Sequence s, int row) {
          return super.sample(s, Math.max(0, row - 1));
        }
      };
    }
  }

  private static final class DrawsByRow extends Parts {
    @Override
    Sampler sampler(Model model) {
      return new Sampler(model) {
        @Override
        int sample(Sequence s, int row) {
          int length = s.length;
          s.length = length - Math.min(row, s.generated()); // the position names the noise
          try {
            return super.sample(s, row);
          } finally {
            s.length = length;
          }
        }
      };
    }
  }

  /** A model as it is, to be changed in one place. */
  private abstract static class Seen implements Model {
    private final Model model;

    Seen(Model model) {
      this.model = model;
    }

    @Override
    public void forward(Batch batch) {
      model.forward(batch);
    }

    @Override
    public void logits(int row, float[] out) {
      model.logits(row, out);
    }

    @Override
    public int vocabulary() {
      return model.vocabulary();
    }

    @Override
    public boolean generatedRowsMatchPrompt() {
      return model.generatedRowsMatchPrompt();
    }
  }

  private static final class HitsEverything extends Scheduler {
    HitsEverything(
        EngineLimits l, PrefixCache c, boolean share, Mailbox m, EngineEvents e, LongSupplier t) {
      super(l, c, share, m, e, t);
    }

    @Override
    int reusable(Sequence s) {
      return s.promptLength;
    }
  }

  private static final class KeepsPagesOfCancelled extends Scheduler {
    KeepsPagesOfCancelled(
        EngineLimits l, PrefixCache c, boolean share, Mailbox m, EngineEvents e, LongSupplier t) {
      super(l, c, share, m, e, t);
    }

    @Override
    void releasePages(Sequence s) {
      if (!s.ended()) {
        super.releasePages(s);
      }
    }
  }

  private static final class KeepsPageTable extends Scheduler {
    KeepsPageTable(
        EngineLimits l, PrefixCache c, boolean share, Mailbox m, EngineEvents e, LongSupplier t) {
      super(l, c, share, m, e, t);
    }

    @Override
    void preempt(Sequence s) {
      int count = s.pageCount;
      super.preempt(s);
      s.pageCount = count;
    }
  }

  private static final class KeepsCachedCount extends Scheduler {
    KeepsCachedCount(
        EngineLimits l, PrefixCache c, boolean share, Mailbox m, EngineEvents e, LongSupplier t) {
      super(l, c, share, m, e, t);
    }

    @Override
    void preempt(Sequence s) {
      int cached = s.cached;
      super.preempt(s);
      s.cached = cached;
    }
  }

  private static final class PreemptsToTheEnd extends Scheduler {
    PreemptsToTheEnd(
        EngineLimits l, PrefixCache c, boolean share, Mailbox m, EngineEvents e, LongSupplier t) {
      super(l, c, share, m, e, t);
    }

    @Override
    void preempt(Sequence s) {
      super.preempt(s);
      waiting.addLast(waiting.removeFirst());
    }
  }

  private static final class CancelsLate extends Scheduler {
    private boolean look;

    CancelsLate(
        EngineLimits l, PrefixCache c, boolean share, Mailbox m, EngineEvents e, LongSupplier t) {
      super(l, c, share, m, e, t);
    }

    @Override
    void dropEnded() {
      look = !look;
      if (look) {
        super.dropEnded();
      }
    }
  }

  private static final class ForgetsWaiting extends Scheduler {
    ForgetsWaiting(
        EngineLimits l, PrefixCache c, boolean share, Mailbox m, EngineEvents e, LongSupplier t) {
      super(l, c, share, m, e, t);
    }

    @Override
    void dropEnded() {
      Sequence[] hidden = waiting.toArray(Sequence[]::new);
      waiting.clear();
      super.dropEnded();
      waiting.addAll(java.util.List.of(hidden));
    }
  }

  private static final class OneTooMany extends Scheduler {
    OneTooMany(
        EngineLimits l, PrefixCache c, boolean share, Mailbox m, EngineEvents e, LongSupplier t) {
      super(l, c, share, m, e, t);
    }

    @Override
    int chunk(Sequence s, int budget) {
      return super.chunk(s, budget + 1);
    }
  }

  private static final class MixesKinds extends Scheduler {
    MixesKinds(
        EngineLimits l, PrefixCache c, boolean share, Mailbox m, EngineEvents e, LongSupplier t) {
      super(l, c, share, m, e, t);
    }

    @Override
    int chunk(Sequence s, int budget) {
      return Math.min(budget, s.length - s.cached);
    }
  }

  private static final class SkipsOne extends Scheduler {
    SkipsOne(
        EngineLimits l, PrefixCache c, boolean share, Mailbox m, EngineEvents e, LongSupplier t) {
      super(l, c, share, m, e, t);
    }

    @Override
    int chunk(Sequence s, int budget) {
      int count = super.chunk(s, budget);
      boolean boundary = s.cached > 0 && s.cached < s.promptLength && count > 1;
      s.cached += boundary ? 1 : 0;
      return boundary ? count - 1 : count;
    }
  }
}
