package dev.akvavit.cli;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Text files that the user names. */
final class Sources {
  /** More than any context holds, and small enough to read at once. */
  private static final long MAX_BYTES = 64L << 20;

  private Sources() {}

  /** A whole file in UTF-8. */
  static String read(Path file) throws IOException {
    if (!Files.isRegularFile(file)) {
      throw new CommandException(
          file
              + ": found "
              + (Files.exists(file) ? "no regular file" : "nothing of this name")
              + ", allowed: a text file");
    }
    if (Files.size(file) > MAX_BYTES) {
      throw new CommandException(
          file
              + ": found "
              + Files.size(file)
              + " bytes, allowed: up to "
              + MAX_BYTES
              + " bytes of text");
    }
    try {
      return Files.readString(file);
    } catch (CharacterCodingException e) {
      throw new CommandException(file + ": found bytes that are not UTF-8, allowed: text in UTF-8");
    }
  }
}
