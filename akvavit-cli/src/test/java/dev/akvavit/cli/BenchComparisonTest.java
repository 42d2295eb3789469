package dev.akvavit.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code bench --compare} with a script in place of llama-bench. */
class BenchComparisonTest {
  private static final String[] SIZES = {"-p", "16", "-n", "4", "-d", "0,8", "-r", "1"};

  @TempDir private static Path models;
  @TempDir private Path folder;

  private static Path model;

  @BeforeAll
  static void quantise() {
    model = models.resolve("tiny.gguf");
    assertThat(Invocation.of("quantize", "--type", "q8_0", "-o", model.toString()).exitCode())
        .isZero();
  }

  @BeforeEach
  void needsShell() {
    assumeTrue(Files.isExecutable(Path.of("/bin/sh")));
  }

  /**
   * Answers each run with its own sizes: 100 tokens a second, with flash attention 200, with a BF16
   * cache a failure.
   */
  private Path peer() throws IOException {
    return script(
        """
        rate=100; for a; do
          case $last in -p) p=$a;; -n) n=$a;; -d) d=$a;; -fa) rate=200;; -t) t=$a;;
            -ctk) echo 'unknown cache type' >&2; exit 1;; esac
          last=$a
        done
        echo "$p $n $d $t" >>"$(dirname "$0")/runs"
        echo "[{\\"build_commit\\": \\"abc\\", \\"n_prompt\\": $p, \\"n_gen\\": $n,"
        echo "\\"n_depth\\": $d, \\"avg_ts\\": $rate, \\"samples_ts\\": [$rate]}]"
        """);
  }

  private Path script(String body) throws IOException {
    Path file = folder.resolve("llama-bench");
    Files.writeString(file, "#!/bin/sh\n" + body);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx------"));
    return file;
  }

  private static Invocation compare(Path peer, String... more) {
    List<String> all = new ArrayList<>(List.of("bench", "-m", model.toString()));
    all.addAll(List.of("--compare-with", peer.toString()));
    all.addAll(List.of(SIZES));
    all.addAll(List.of(more));
    return Invocation.of(all.toArray(String[]::new));
  }

  @Test
  void thePeersBestSettingIsComparedRoundByRound() throws IOException {
    JsonObject json = compare(peer(), "--json", "--threads", "1").json();
    assertThat(json.text("peer")).isEqualTo("llama.cpp abc");
    assertThat(json.objects("rows"))
        .extracting(row -> row.text("test"))
        .containsExactly("pp16", "tg4", "tg4 @ d8");
    assertThat(json.objects("rows"))
        .allSatisfy(row -> {
          assertThat(row.text("setting")).isEqualTo("-fa 1");
          assertThat(row.object("peer").number("median")).isEqualTo(200);
          assertThat(row.number("ratio"))
              .isCloseTo(row.object("ours").number("median") / 200, within(1e-9));
          assertThat(row.objects("trials"))
              .extracting(t -> t.text("setting"))
              .containsExactly("its defaults", "-fa 1", "-fa 1 -ctk bf16 -ctv bf16");
        });
    List<String> runs = Files.readAllLines(folder.resolve("runs"));
    assertThat(runs)
        .as("two trials that work and three rounds for each of three tests")
        .hasSize(15);
    assertThat(runs).contains("16 0 0 1", "0 4 0 1", "0 4 8 1");
  }

  @Test
  void theTableSaysWithWhatAndHowFarApart() throws IOException {
    Invocation run = compare(peer());
    assertThat(run.exitCode()).isZero();
    assertThat(run.out().lines().filter(l -> l.startsWith("| tg4 @ d8 | ")))
        .singleElement()
        .asString()
        .contains("| 200.00 | 200.00..200.00 | -fa 1 |");
    assertThat(run.out()).contains("medians of 3 rounds, in turn", "llama.cpp abc");
  }

  @Test
  void aPeerThatFailsSaysWhy() throws IOException {
    Invocation run = compare(script("echo \"error: failed to load model '$2'\" >&2; exit 1\n"));
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.err())
        .contains("llama-bench ended with exit code 1: error: failed to load model");
    assertThat(compare(script("echo hello\n")).err()).contains("wrote no JSON");
    assertThat(compare(script("echo '[]'\n")).err()).contains("reported no pp16");
  }

  @Test
  void whatCannotBeComparedIsRefusedBeforeAnythingRuns() {
    assertThat(compare(folder.resolve("absent")).err())
        .contains("--compare-with: found " + folder.resolve("absent"), "a program");
    assertThat(Invocation.of("bench", "--random", "smollm2-135m", "--compare").err())
        .contains("--compare: found --random, allowed: -m with a GGUF file");
    assertThat(
            Invocation.of(
                    "bench",
                    "-m",
                    Invocation.GOLDEN.resolve("deepseek-v2").toString(),
                    "--compare-with",
                    "/bin/sh")
                .err())
        .contains("allowed with --compare: a .gguf file");
  }
}
