package dev.akvavit.cli;

import dev.akvavit.LanguageModel;
import dev.akvavit.ModelSummary;
import dev.akvavit.RandomModel;
import dev.akvavit.core.ModelConfig;
import dev.akvavit.engine.Engine;

/** What is measured: an engine, and the figures its speed is judged by. */
record BenchSubject(
    String name,
    Engine engine,
    ModelConfig config,
    ModelSummary summary,
    String backend,
    long weightBytes,
    Runnable closing)
    implements AutoCloseable {

  static BenchSubject of(String name, LanguageModel m) {
    return new BenchSubject(
        name, m.engine(), m.config(), m.summary(), m.backend(), m.weightBytes(), m::close);
  }

  static BenchSubject of(String name, RandomModel m) {
    return new BenchSubject(
        "random " + name,
        m.engine(),
        m.config(),
        m.summary(),
        m.backend(),
        m.weightBytes(),
        m::close);
  }

  @Override
  public void close() {
    closing.run();
  }
}
