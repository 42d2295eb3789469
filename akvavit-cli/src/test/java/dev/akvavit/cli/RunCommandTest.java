package dev.akvavit.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunCommandTest {
  private static final String PROMPT = "public class Point {\n    private final int x;\n";
  private static final String STATISTICS =
      "prefill \\d+ tokens, \\S+ tok/s · decode \\d+ tokens, \\S+ tok/s · first token \\S+ s ·"
          + " cached \\d+ · KV \\S+ MiB\\s*";

  @Test
  void continuesATextAndTellsWhatItCost() {
    Invocation run = Invocation.of("run", "-n", "12", PROMPT);
    assertThat(run.exitCode()).isZero();
    assertThat(run.out()).contains("private final int y;");
    assertThat(run.out()).as("a script gets the continuation alone").doesNotContain("class Point");
    assertThat(run.err()).matches(STATISTICS).contains("decode 12 tokens");
  }

  @Test
  void readsThePromptFromWhereItIsTold(@TempDir Path folder) throws Exception {
    Path file = Files.writeString(folder.resolve("Point.java"), PROMPT);
    String expected = Invocation.of("run", "-n", "12", PROMPT).out();
    assertThat(Invocation.reading(PROMPT, "run", "-n", "12").out()).isEqualTo(expected);
    assertThat(Invocation.reading(PROMPT, "run", "-n", "12", "-").out()).isEqualTo(expected);
    assertThat(Invocation.of("run", "-n", "12", "-f", file.toString()).out()).isEqualTo(expected);
  }

  @Test
  void endsWhenNobodyReadsOn() {
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    Screen screen =
        new Screen(
            InputStream.nullInputStream(),
            new PrintStream(new ClosedPipe(), false, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8),
            false,
            false,
            false,
            false);
    Main.run(screen, "run", "-n", "4000", PROMPT);
    Matcher counted =
        Pattern.compile("decode (\\d+) tokens").matcher(err.toString(StandardCharsets.UTF_8));
    assertThat(counted.find()).isTrue();
    assertThat(Integer.parseInt(counted.group(1))).isLessThan(1000);
  }

  /** As {@code | head} leaves it. */
  private static final class ClosedPipe extends OutputStream {
    @Override
    public void write(int b) throws IOException {
      throw new IOException("Broken pipe");
    }
  }

  @Test
  void showsThePromptDimmedAtATerminal() {
    Invocation run = Invocation.atTerminal("run", "-n", "4", PROMPT);
    assertThat(run.out()).startsWith("\u001b[2m" + PROMPT + "\u001b[0m");
    assertThat(run.err()).contains("\u001b[2mprefill");
  }

  @Test
  void aSeedDrawsTheSameAnswerAgainAndAnotherSeedAnother() {
    String first = drawn("7");
    assertThat(drawn("7")).isEqualTo(first);
    assertThat(drawn("8")).isNotEqualTo(first);
  }

  private static String drawn(String seed) {
    return Invocation.of("run", "-n", "24", "--temperature", "1.5", "--seed", seed, PROMPT).out();
  }

  @Test
  void endsBeforeAStopText() {
    Invocation run = Invocation.of("run", "-n", "40", "--stop", "int y", PROMPT);
    assertThat(run.out()).doesNotContain("int y").contains("private final");
  }

  @Test
  void aNarrowCacheAndQuantisedIndexKeysAnswerToo() {
    Invocation run =
        Invocation.of(
            "run",
            "-n",
            "12",
            "--kv-type",
            "bf16",
            "--index-precision",
            "f8",
            "--threads",
            "1",
            PROMPT);
    assertThat(run.exitCode()).isZero();
    assertThat(run.out()).contains("private final int y;");
  }
}
