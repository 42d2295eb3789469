package dev.akvavit.cli;

import dev.akvavit.Perplexity;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code akvavit eval}: how good a model is at something that can be counted. */
@Command(
    name = "eval",
    header = "Measure what a model is worth: perplexity, and what a narrower cache costs.",
    description = "Measures a model on a text of yours.",
    subcommands = {EvalCommand.PerplexityCommand.class, EvalCacheCommand.class},
    footer = {
      "  akvavit eval perplexity Held.java -m java-q8.gguf",
      "  akvavit eval cache Held.java"
    })
final class EvalCommand implements Runnable {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(), "no measure given; there are: perplexity, cache");
  }

  static String line(Perplexity.Score score) {
    if (score.tokens() == 0) {
      return "reading";
    }
    return String.format(
        Locale.ROOT,
        "%d of %d tokens · mean NLL %.4f · perplexity %.3f",
        score.tokens(),
        score.of(),
        score.meanNll(),
        score.perplexity());
  }

  /** {@code akvavit eval perplexity}: how surprised a model is by a text. */
  @Command(
      name = "perplexity",
      header = "How surprised a model is by a text.",
      description =
          "Prints the mean negative log-likelihood of a text's tokens and e to that power. The text"
              + " is cut into windows that overlap by half; each token but the earliest sees at"
              + " least half a window.",
      footer = {
        "  akvavit eval perplexity Held.java",
        "  akvavit eval perplexity Held.java -m java-q4.gguf --json"
      })
  static final class PerplexityCommand implements Callable<Integer> {
    private static final int WINDOW = 512;

    private final Screen screen;
    @Mixin private ModelArguments model = new ModelArguments();

    @Mixin private ScoredText scored = new ScoredText();

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    PerplexityCommand(Screen screen) {
      this.screen = screen;
    }

    @Override
    public Integer call() {
      Path chosen = model.path(screen);
      int window = scored.window(WINDOW);
      Perplexity.Score[] latest = {new Perplexity.Score(0, 1, 0)};
      Perplexity.Score score;
      try (Progress _ = Progress.show(screen, () -> line(latest[0]))) {
        score = Perplexity.run(chosen, scored.text(), window, model.options(), s -> latest[0] = s);
      }
      if (json) {
        screen.json(
            new Result(
                model.name(),
                scored.file().toString(),
                score.tokens(),
                window,
                score.meanNll(),
                score.perplexity()));
      } else {
        screen.say(line(score));
      }
      return ExitCode.OK;
    }

    private record Result(
        String model, String file, long tokens, int window, double meanNll, double perplexity) {}
  }
}
