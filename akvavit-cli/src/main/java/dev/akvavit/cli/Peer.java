package dev.akvavit.cli;

import java.nio.file.Path;
import java.util.List;

/** Another engine's own program, as the user installed it: each run is a process of its own. */
interface Peer {
  /** What people call it. */
  String name();

  /** What it reads, in words for people: what {@link #reads} is true of. */
  String wanted();

  /** Whether it reads a model of this form. */
  boolean reads(Path model);

  /** Ways to run it; which is fastest may depend on processor, compiler and depth. */
  List<Setting> settings();

  /**
   * One test once.
   *
   * @throws FailedException when the program fails, for example over a model it does not know
   */
  Result run(Path model, int threads, Setting setting, BenchTest test);

  /** What the figures of every run have in common and readers must know. */
  List<String> notes();

  /** Options of a run, as people type them. */
  record Setting(String name, List<String> options) {
    static final Setting DEFAULTS = new Setting("its defaults", List.of());
  }

  /**
   * What a run found.
   *
   * @param version the program's name and build
   * @param rate tokens a second
   */
  record Result(String version, double rate) {}

  /** It ran and failed, or said what nobody understands. */
  final class FailedException extends RuntimeException {
    private static final long serialVersionUID = 1;

    FailedException(String message) {
      super(message);
    }
  }
}
