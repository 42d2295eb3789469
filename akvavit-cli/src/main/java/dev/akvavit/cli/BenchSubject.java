package dev.akvavit.cli;

import dev.akvavit.LanguageModel;
import dev.akvavit.ModelSummary;
import dev.akvavit.RandomModel;
import dev.akvavit.core.Backend;
import dev.akvavit.core.ModelConfig;
import dev.akvavit.engine.Engine;
import java.time.Duration;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * What is measured: an engine, and the figures its speed is judged by.
 *
 * @param decodeWeightBytes that one generated token reads
 * @param peaks measures the arithmetic that the machine gives at most
 * @param reads measures what its memory gives at most
 */
record BenchSubject(
    String name,
    Engine engine,
    ModelConfig config,
    ModelSummary summary,
    String backend,
    long weightBytes,
    double decodeWeightBytes,
    Function<Duration, List<Backend.Peak>> peaks,
    Supplier<Backend.ReadProbe> reads,
    Runnable closing)
    implements AutoCloseable {

  static BenchSubject of(String name, LanguageModel m) {
    return new BenchSubject(
        name,
        m.engine(),
        m.config(),
        m.summary(),
        m.backend(),
        m.weights().bytes(),
        m.weights().bytesAToken(),
        m::peaks,
        () -> m.weights().reads(),
        m::close);
  }

  static BenchSubject of(String name, RandomModel m) {
    return new BenchSubject(
        "random " + name,
        m.engine(),
        m.config(),
        m.summary(),
        m.backend(),
        m.weightBytes(),
        m.decodeWeightBytes(),
        m::peaks,
        m::reads,
        m::close);
  }

  @Override
  public void close() {
    closing.run();
  }
}
