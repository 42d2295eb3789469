package dev.akvavit.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jline.terminal.Terminal;
import org.jline.terminal.impl.LineDisciplineTerminal;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A person's side of a conversation, on a terminal that is none. */
class TerminalInputTest {
  private static final Runnable NOTHING = () -> {};

  private final LineDisciplineTerminal terminal =
      new LineDisciplineTerminal(
          "test", "ansi", new ByteArrayOutputStream(), StandardCharsets.UTF_8);

  @TempDir private Path folder;

  TerminalInputTest() throws IOException {}

  @Test
  void whatWasTypedAheadIsATurnEach() throws IOException {
    try (TerminalInput input = input()) {
      type("one\rtwo \\\rmore\r\"\"\"\rthree\r\"\"\"\r");
      assertThat(input.next()).isEqualTo("one");
      assertThat(input.next()).isEqualTo("two \nmore");
      assertThat(input.next()).isEqualTo("three");
    }
  }

  @Test
  void anInterruptEndsTheAnswerThatRunsAndOneThatIsAboutToBegin() throws IOException {
    List<String> ended = new ArrayList<>();
    try (TerminalInput input = input()) {
      type("one\rtwo\rthree\r");
      assertThat(input.next()).isEqualTo("one");
      input.onInterrupt(() -> ended.add("while it ran"));
      assertThat(ended).isEmpty();
      terminal.raise(Terminal.Signal.INT);
      input.onInterrupt(NOTHING);
      assertThat(ended).containsExactly("while it ran");
      assertThat(input.next()).isEqualTo("two");
      terminal.raise(Terminal.Signal.INT);
      input.onInterrupt(() -> ended.add("before it ran"));
      input.onInterrupt(NOTHING);
      assertThat(ended).containsExactly("while it ran", "before it ran");
      assertThat(input.next()).isEqualTo("three");
      input.onInterrupt(() -> ended.add("not asked for"));
      assertThat(ended).hasSize(2);
    }
  }

  private TerminalInput input() {
    return new TerminalInput(terminal, folder.resolve("history"), ChatSession.COMMANDS.keySet());
  }

  private void type(String keys) throws IOException {
    terminal.processInputBytes(keys.getBytes(StandardCharsets.UTF_8));
  }
}
