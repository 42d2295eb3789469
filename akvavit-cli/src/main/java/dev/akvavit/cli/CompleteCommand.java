package dev.akvavit.cli;

import dev.akvavit.Generation;
import dev.akvavit.GenerationOptions;
import dev.akvavit.LanguageModel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code akvavit complete}: fills in the middle of a file, or goes on at its end. */
@Command(
    name = "complete",
    header = "Complete a file at a line: fill in the middle.",
    description = {
      "Prints what belongs at the end of the line, or at the column; without a line, what follows"
          + " the file.",
      "The completion ends where it begins to repeat the text behind the gap. The file is not"
          + " changed."
    },
    footer = {
      "  akvavit complete src/main/java/Sum.java:12",
      "  akvavit complete --diff Sum.java:12:9 | patch Sum.java",
      "  akvavit complete -n 64 Sum.java"
    })
final class CompleteCommand implements Callable<Integer> {
  private static final Pattern PLACE = Pattern.compile("(.+?)(?::(\\d{1,9}))?(?::(\\d{1,9}))?");
  private static final int USUAL_MAX_TOKENS = 128;

  /**
   * Tokens that stand around prefix and suffix: begin, three of the gap's own, and one to spare.
   */
  private static final int FRAME = 5;

  private final Screen screen;
  @Mixin private ModelArguments model = new ModelArguments();
  @Mixin private SamplingArguments sampling = new SamplingArguments();

  @Parameters(
      paramLabel = "FILE[:LINE[:COLUMN]]",
      description = "Where to complete; lines and columns count from 1.")
  private String place = "";

  @Option(names = "--diff", description = "Print a unified diff instead of the bare completion.")
  private boolean diff;

  CompleteCommand(Screen screen) {
    this.screen = screen;
  }

  @Override
  public Integer call() throws IOException {
    int maxTokens = sampling.maxTokens(USUAL_MAX_TOKENS);
    sampling.over(GenerationOptions.GREEDY); // wrong usage is told before a model is opened
    Matcher parts = PLACE.matcher(place);
    if (!parts.matches()) {
      throw new CommandException(
          "FILE: found nothing, allowed: a file, a file:line or a file:line:column");
    }
    String file = parts.group(1);
    Gap gap =
        Gap.at(
            Sources.read(Path.of(file)),
            number(parts.group(2), "line"),
            number(parts.group(3), "column"));
    try (LanguageModel opened = model.open(screen)) {
      complete(opened, file, gap, maxTokens);
    }
    return ExitCode.OK;
  }

  private static int number(@Nullable String digits, String what) {
    if (digits == null) {
      return 0;
    }
    int number = Integer.parseInt(digits);
    if (number == 0) {
      throw new CommandException(what + ": found 0, allowed: 1 or more");
    }
    return number;
  }

  private void complete(LanguageModel opened, String file, Gap whole, int maxTokens) {
    Gap gap = fitted(opened, whole, maxTokens);
    GenerationOptions how = sampling.over(opened.defaults()).withMaxTokens(maxTokens);
    List<String> repeated = gap.isEnd() ? List.of() : gap.repetitions();
    try (Generation generation =
        gap.isEnd()
            ? opened.generate(gap.prefix(), how)
            : opened.fillIn(gap.prefix(), gap.suffix(), stopping(how, repeated))) {
      StringBuilder middle = new StringBuilder();
      Answer.stream(screen, opened, generation, 0, reader(repeated, middle));
      if (middle.toString().isBlank()) {
        screen.tell(screen.dimErr("the model has nothing to add here"));
      }
      if (diff) {
        GapDiff.of(whole, middle.toString(), file).forEach(this::printDiffLine);
      }
    }
  }

  private Gap fitted(LanguageModel opened, Gap whole, int maxTokens) {
    int room = opened.engine().limits().maxContext() - maxTokens - FRAME;
    Gap gap = whole.fitted(opened.tokenizer(), Math.max(room, 1));
    int dropped = whole.linesDroppedBy(gap);
    if (dropped > 0) {
      screen.tell(
          screen.dimErr(
              "left out %d lines far from the gap: the context holds %d tokens, %d of them for the completion"
                  .formatted(dropped, opened.engine().limits().maxContext(), maxTokens)));
    }
    return gap;
  }

  private static GenerationOptions stopping(GenerationOptions how, List<String> repeated) {
    if (repeated.isEmpty()) {
      return how;
    }
    List<String> stops = new ArrayList<>(how.stops());
    stops.addAll(repeated);
    return how.withStops(stops.toArray(String[]::new));
  }

  /** Collects the middle, and shows it unless a diff is wanted. */
  private Answer.Reader reader(List<String> repeated, StringBuilder middle) {
    Typewriter typewriter = Typewriter.ofAnswer(screen);
    return new Answer.Reader() {
      @Override
      public void accept(String text) {
        // Held back as a beginning repetition to the very end, where it lacks the line break alone:
        // one all the same.
        if (repeated.stream().noneMatch(stop -> text.equals(stop.stripTrailing()))) {
          middle.append(text);
          if (!diff) {
            typewriter.accept(text);
          }
        }
      }

      @Override
      public void end() {
        typewriter.end();
      }
    };
  }

  private void printDiffLine(String line) {
    screen.say(
        switch (line.charAt(0)) {
          case '+' -> screen.greenOut(line);
          case '-' -> screen.redOut(line);
          default -> line;
        });
  }
}
