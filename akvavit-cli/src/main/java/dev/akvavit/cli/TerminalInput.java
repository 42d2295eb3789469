package dev.akvavit.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import org.jline.reader.EOFError;
import org.jline.reader.EndOfFileException;
import org.jline.reader.LineReader;
import org.jline.reader.LineReaderBuilder;
import org.jline.reader.ParsedLine;
import org.jline.reader.Parser;
import org.jline.reader.UserInterruptException;
import org.jline.reader.impl.DefaultParser;
import org.jline.reader.impl.completer.StringsCompleter;
import org.jline.terminal.Terminal;
import org.jline.terminal.TerminalBuilder;
import org.jspecify.annotations.Nullable;

/**
 * Turns from a person at a terminal, with line editing, completion of commands and a history that
 * is kept.
 */
final class TerminalInput implements ChatInput {
  private static final String PROMPT = "› ";
  private static final int KEPT_LINES = 1000;

  private final Terminal terminal;
  private final LineReader reader;
  private Runnable action = () -> {};
  private boolean interrupted; // since the last turn was asked for

  TerminalInput(Collection<String> commands) throws IOException {
    this(system(), historyFile(), commands);
  }

  TerminalInput(Terminal terminal, Path history, Collection<String> commands) {
    this.terminal = terminal;
    terminal.handle(Terminal.Signal.INT, _ -> interrupt());
    reader =
        LineReaderBuilder.builder()
            .terminal(terminal)
            .parser(new WholeTurns())
            .completer(new StringsCompleter(commands))
            .option(LineReader.Option.DISABLE_EVENT_EXPANSION, true) // "!" is only a mark here
            .variable(LineReader.SECONDARY_PROMPT_PATTERN, "… ")
            .variable(LineReader.HISTORY_SIZE, KEPT_LINES)
            .variable(LineReader.HISTORY_FILE, history)
            .build();
  }

  /** Unasked how it counts joined characters: with its answer what was typed so far is dropped. */
  private static Terminal system() throws IOException {
    return TerminalBuilder.builder()
        .system(true)
        .nativeSignals(true)
        .graphemeCluster(false)
        .build();
  }

  private static Path historyFile() throws IOException {
    String named = System.getenv("XDG_STATE_HOME");
    Path state =
        named != null && Path.of(named).isAbsolute()
            ? Path.of(named)
            : Path.of(System.getProperty("user.home"), ".local", "state");
    Path folder = state.resolve("akvavit");
    Files.createDirectories(folder);
    return folder.resolve("chat-history");
  }

  @Override
  public @Nullable String next() {
    synchronized (this) {
      interrupted = false;
    }
    try {
      return ChatInput.unmarked(reader.readLine(PROMPT));
    } catch (UserInterruptException e) {
      return "";
    } catch (EndOfFileException e) {
      return null;
    }
  }

  private synchronized void interrupt() {
    interrupted = true;
    action.run();
  }

  /** At once, if Ctrl-C was pressed while the answer was being prepared. */
  @Override
  public synchronized void onInterrupt(Runnable action) {
    this.action = action;
    if (interrupted) {
      action.run();
    }
  }

  @Override
  public void close() {
    try {
      reader.getHistory().save();
      terminal.close();
    } catch (IOException e) {
      throw new CommandException("the history of this chat was not kept: " + e.getMessage());
    }
  }

  /** Words by white space alone, for a turn is a text; and not over while its marks are open. */
  private static final class WholeTurns implements Parser {
    private final Parser words =
        new DefaultParser().quoteChars(new char[0]).escapeChars(new char[0]);

    @Override
    public ParsedLine parse(String line, int cursor, ParseContext context) {
      if (context == ParseContext.ACCEPT_LINE && ChatInput.isUnfinished(line)) {
        throw new EOFError(-1, cursor, "the turn goes on");
      }
      return words.parse(line, cursor, context);
    }
  }
}
