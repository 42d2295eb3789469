package dev.akvavit.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** A text that a model is measured on, window by window. */
final class ScoredText {
  @Parameters(paramLabel = "FILE", description = "Text to score, UTF-8.")
  private Path file = Path.of("");

  @Option(
      names = "--window",
      paramLabel = "N",
      description = "Tokens of a window. Default: 512, for eval cache 2048.")
  private @Nullable Integer window;

  Path file() {
    return file;
  }

  /**
   * As asked for.
   *
   * @param usual what it is otherwise
   */
  int window(int usual) {
    if (window != null && window < 2) {
      throw new CommandException("--window: found " + window + ", allowed: 2 or more");
    }
    return window == null ? usual : window;
  }

  String text() {
    try {
      String text = Sources.read(file);
      if (text.isEmpty()) {
        throw new CommandException(file + ": found an empty file, allowed: a text to score");
      }
      return text;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
