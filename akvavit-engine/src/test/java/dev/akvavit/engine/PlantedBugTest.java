package dev.akvavit.engine;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.akvavit.core.Batch;
import dev.akvavit.core.Model;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
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

  private static DynamicTest caught(String bug, String complaint, Parts parts) {
    return DynamicTest.dynamicTest(
        bug,
        () ->
            assertThatThrownBy(() -> new Simulation(parts).run(1, STEPS))
                .isInstanceOf(AssertionError.class)
                .hasMessageStartingWith("seed ")
                .hasMessageContaining(complaint));
  }

  @TestFactory
  Stream<DynamicTest> ofScheduling() {
    return Stream.of(
        caught(
            "cancels looked for in every other step only",
            "cancelled request",
            scheduler((l, p, m, e, c) ->
                new Scheduler(l, p, m, e, c) {
                  private boolean look;

                  @Override
                  void dropEnded() {
                    look = !look;
                    if (look) {
                      super.dropEnded();
                    }
                  }
                })),
        caught(
            "cancels of waiting requests forgotten",
            "outlived",
            scheduler((l, p, m, e, c) ->
                new Scheduler(l, p, m, e, c) {
                  @Override
                  void dropEnded() {
                    List<Sequence> hidden = new ArrayList<>(waiting);
                    waiting.clear();
                    super.dropEnded();
                    waiting.addAll(hidden);
                  }
                })),
        caught(
            "a preempted sequence sent to the end of the queue",
            "",
            scheduler((l, p, m, e, c) ->
                new Scheduler(l, p, m, e, c) {
                  @Override
                  void preempt(Sequence s) {
                    super.preempt(s);
                    waiting.addLast(waiting.removeFirst());
                  }
                })),
        caught(
            "a page table not cleared at preemption",
            "",
            scheduler((l, p, m, e, c) ->
                new Scheduler(l, p, m, e, c) {
                  @Override
                  void preempt(Sequence s) {
                    int count = s.pageCount;
                    super.preempt(s);
                    s.pageCount = count;
                  }
                })),
        caught(
            "a chunk one token longer than the budget",
            "",
            scheduler((l, p, m, e, c) ->
                new Scheduler(l, p, m, e, c) {
                  @Override
                  int chunk(Sequence s, int budget) {
                    return super.chunk(s, budget + 1);
                  }
                })),
        caught(
            "a chunk of prompt and generated tokens",
            "",
            scheduler((l, p, m, e, c) ->
                new Scheduler(l, p, m, e, c) {
                  @Override
                  int chunk(Sequence s, int budget) {
                    return Math.min(budget, s.length - s.cached);
                  }
                })),
        caught(
            "a token skipped between two chunks",
            "",
            scheduler((l, p, m, e, c) ->
                new Scheduler(l, p, m, e, c) {
                  @Override
                  int chunk(Sequence s, int budget) {
                    int count = super.chunk(s, budget);
                    boolean later = s.cached > 0 && s.cached < s.promptLength && count > 1;
                    s.cached += later ? 1 : 0;
                    return later ? count - 1 : count;
                  }
                })));
  }

  @TestFactory
  Stream<DynamicTest> ofPages() {
    return Stream.of(
        caught(
            "a page published before its rows are computed",
            "",
            model((model, scheduler) ->
                new Seen(model) {
                  @Override
                  public void forward(Batch batch) {
                    publish(scheduler);
                    super.forward(batch);
                  }
                })),
        caught(
            "a page published before its logits are seen to be finite",
            "not finite",
            model((model, scheduler) ->
                new Seen(model) {
                  @Override
                  public void forward(Batch batch) {
                    super.forward(batch);
                    publish(scheduler);
                  }
                })),
        caught(
            "a page still found after it was taken anew",
            "",
            cache(pool ->
                new PrefixCache(pool) {
                  @Override
                  int take() {
                    return pool.take();
                  }
                })),
        caught(
            "a hit that takes no reference",
            "",
            cache(pool ->
                new PrefixCache(pool) {
                  @Override
                  int find(long[] chain, int at) {
                    int page = super.find(chain, at);
                    if (page >= 0) {
                      pool.release(page, true);
                    }
                    return page;
                  }
                })),
        caught(
            "a hit that leaves no token to compute",
            "",
            tables((size, cache, share) ->
                new PageTables(size, cache, share) {
                  @Override
                  int reusable(Sequence s) {
                    return s.promptLength;
                  }
                })),
        caught(
            "pages kept by a cancelled request",
            "",
            tables((size, cache, share) ->
                new PageTables(size, cache, share) {
                  @Override
                  void release(Sequence s) {
                    if (!s.ended()) {
                      super.release(s);
                    }
                  }
                })),
        caught(
            "pages given back, their rows still counted as cached",
            "",
            tables((size, cache, share) ->
                new PageTables(size, cache, share) {
                  @Override
                  void release(Sequence s) {
                    int cached = s.cached;
                    super.release(s);
                    s.cached = cached;
                  }
                })),
        caught(
            "generated pages shared though a prompt's rows differ",
            "another token",
            tables((size, cache, share) -> new PageTables(size, cache, true))),
        caught(
            "tenants that share pages",
            "another token",
            new Parts() {
              @Override
              String salt(CacheScope scope) {
                return "";
              }
            }));
  }

  @TestFactory
  Stream<DynamicTest> ofSampling() {
    return Stream.of(
        caught(
            "logits of the neighbour's row",
            "another token",
            sampler(model ->
                new Sampler(model) {
                  @Override
                  int sample(Sequence s, int row) {
                    return super.sample(s, Math.max(0, row - 1));
                  }
                })),
        caught(
            "noise that depends on the row in the batch",
            "another token",
            sampler(model ->
                new Sampler(model) {
                  @Override
                  int sample(Sequence s, int row) {
                    int length = s.length;
                    s.length = length - Math.min(row, s.generated()); // the length names the noise
                    try {
                      return super.sample(s, row);
                    } finally {
                      s.length = length;
                    }
                  }
                })));
  }

  private static void publish(Scheduler scheduler) {
    for (Sequence s : scheduler.inStep) {
      s.cached += s.chunk;
      scheduler.tables.publish(s);
      s.cached -= s.chunk;
    }
  }

  private interface Schedulers {
    Scheduler make(
        EngineLimits limits,
        PageTables tables,
        Mailbox mailbox,
        EngineEvents events,
        LongSupplier clock);
  }

  private interface Tables {
    PageTables make(int pageSize, PrefixCache cache, boolean shareGenerated);
  }

  private interface Models {
    Model make(Model model, Scheduler scheduler);
  }

  private static Parts scheduler(Schedulers making) {
    return new Parts() {
      @Override
      Scheduler scheduler(
          EngineLimits limits,
          PageTables tables,
          Mailbox mailbox,
          EngineEvents events,
          LongSupplier clock) {
        return making.make(limits, tables, mailbox, events, clock);
      }
    };
  }

  private static Parts tables(Tables making) {
    return new Parts() {
      @Override
      PageTables tables(int pageSize, PrefixCache cache, boolean shareGenerated) {
        return making.make(pageSize, cache, shareGenerated);
      }
    };
  }

  private static Parts cache(Function<PagePool, PrefixCache> making) {
    return new Parts() {
      @Override
      PrefixCache cache(PagePool pool) {
        return making.apply(pool);
      }
    };
  }

  private static Parts model(Models making) {
    return new Parts() {
      @Override
      Model model(FaultyModel model, Scheduler scheduler) {
        return making.make(model, scheduler);
      }
    };
  }

  private static Parts sampler(Function<Model, Sampler> making) {
    return new Parts() {
      @Override
      Sampler sampler(Model model) {
        return making.apply(model);
      }
    };
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
}
