package dev.akvavit.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
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
  private int window;

  Path file() {
    return file;
  }

  /**
   * As asked for.
   *
   * @param usual what it is otherwise
   */
  int window(int usual) {
    return window == 0 ? usual : window;
  }

  String text() {
    if (!Files.isRegularFile(file)) {
      throw new CommandException("FILE: found " + file + ", no file; allowed: a text in UTF-8");
    }
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
