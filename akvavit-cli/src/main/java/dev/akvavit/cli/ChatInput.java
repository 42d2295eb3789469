package dev.akvavit.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Where a conversation's user turns come from. A turn is a line; a line that ends in a backslash
 * goes on, and so does one that opens three quotation marks until they close.
 */
interface ChatInput extends AutoCloseable {
  String QUOTES = "\"\"\"";

  /** The next turn without its marks, null when the user leaves; empty when a line was given up. */
  @Nullable String next();

  /**
   * Calls this while an answer runs and the user wants it to end; an empty action when none does.
   */
  default void onInterrupt(Runnable action) {}

  @Override
  void close();

  /** Whether more lines belong to the turn that begins like this. */
  static boolean isUnfinished(String text) {
    return text.startsWith(QUOTES)
        ? text.length() < 6 || !text.stripTrailing().endsWith(QUOTES)
        : text.endsWith("\\");
  }

  /** The turn without its marks. */
  static String unmarked(String text) {
    return text.startsWith(QUOTES) && !isUnfinished(text)
        ? text.substring(3, text.stripTrailing().length() - 3).strip()
        : text.replace("\\\n", "\n").strip();
  }

  /** Turns from a pipe or a file. */
  static ChatInput piped(Screen screen) {
    BufferedReader lines =
        new BufferedReader(new InputStreamReader(screen.in(), StandardCharsets.UTF_8));
    return new ChatInput() {
      @Override
      public @Nullable String next() {
        String turn = line();
        while (turn != null && isUnfinished(turn)) {
          String more = line();
          if (more == null) {
            break;
          }
          turn += "\n" + more;
        }
        return turn == null ? null : unmarked(turn);
      }

      private @Nullable String line() {
        try {
          return lines.readLine();
        } catch (IOException e) {
          throw new UncheckedIOException("standard input cannot be read", e);
        }
      }

      @Override
      public void close() {}
    };
  }
}
