package dev.akvavit.cli;

import dev.akvavit.CacheQuality;
import dev.akvavit.CacheQuality.Setting;
import dev.akvavit.ModelOptions;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code akvavit eval cache}: what each type of cached rows costs, as a table. */
@Command(
    name = "cache",
    header = "What narrower rows of the KV cache cost.",
    description = {
      "Perplexity of a text with each type of cached rows, and how often the likeliest next token is"
          + " the one of f32.",
      "Scores the usual types, and the one of --kv-type and --index-precision when it is another."
    },
    footer = {
      "  akvavit eval cache Held.java",
      "  akvavit eval cache Held.java -m Qwen/Qwen3-0.6B --kv-type keys=f16,values=q8_0"
    })
final class EvalCacheCommand implements Callable<Integer> {
  private static final int WINDOW = 2048;

  private final Screen screen;
  @Mixin private ModelArguments model = new ModelArguments();

  @Mixin private ScoredText scored = new ScoredText();

  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  EvalCacheCommand(Screen screen) {
    this.screen = screen;
  }

  @Override
  public Integer call() {
    Path chosen = model.path(screen);
    String text = scored.text();
    ModelOptions options = model.options();
    List<Setting> settings = new ArrayList<>(CacheQuality.usual(chosen));
    Setting asked = new Setting(options.cacheTypes(), options.indexPrecision());
    if (!settings.contains(asked)) {
      settings.add(asked);
    }
    String[] latest = {"reading"};
    List<CacheQuality.Row> rows;
    try (Progress _ = Progress.show(screen, () -> latest[0])) {
      rows =
          CacheQuality.run(
              chosen,
              text,
              scored.window(WINDOW),
              options,
              settings,
              (setting, score) -> latest[0] = setting + ": " + EvalCommand.line(score));
    }
    print(rows);
    return ExitCode.OK;
  }

  private void print(List<CacheQuality.Row> rows) {
    if (json) {
      screen.json(new Result(model.name(), scored.file().toString(), scored.window(WINDOW), rows));
      return;
    }
    screen.say("| --kv-type | bytes a token | mean NLL | perplexity | token of f32 |");
    screen.say("| --- | ---: | ---: | ---: | ---: |");
    for (CacheQuality.Row row : rows) {
      screen.say(
          "| %s | %,d | %.4f | %.3f | %.2f %% |",
          row.setting(),
          row.kvBytesPerToken(),
          row.score().meanNll(),
          row.score().perplexity(),
          100 * row.sameToken());
    }
  }

  private record Result(String model, String file, int window, List<CacheQuality.Row> rows) {}
}
