package dev.akvavit.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
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
        echo "\\"n_depth\\": ${d:-0}, \\"avg_ts\\": $rate, \\"samples_ts\\": [$rate]}]"
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
    assertThat(runs).contains("16 0  1", "0 4  1", "0 4 8 1");
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
        .contains("--compare: found --random, allowed: -m with a GGUF file or a folder");
    assertThat(
            Invocation.of(
                    "bench",
                    "-m",
                    Invocation.GOLDEN.resolve("deepseek-v2").toString(),
                    "--compare-with",
                    "/bin/sh")
                .err())
        .contains("allowed with --compare-with: a .gguf file", "which llama.cpp reads");
    assertThatThrownBy(() -> Peers.find(folder.toString(), model))
        .hasMessageContaining("found no llama-bench and no jlama on the PATH");
  }

  @Test
  void theFirstOfThePathThatReadsTheModel() throws IOException {
    Path llama = script("exit 1\n");
    Path jlama = Files.copy(llama, folder.resolve("jlama"), StandardCopyOption.COPY_ATTRIBUTES);
    String path = models + File.pathSeparator + folder;
    assertThat(Peers.find(path, model)).isInstanceOf(LlamaBench.class);
    assertThat(Peers.find(path, folder)).isInstanceOf(Jlama.class);
    Files.delete(llama);
    assertThatThrownBy(() -> Peers.find(path, model))
        .hasMessageContaining("a folder of safetensors, which Jlama reads");
    assertThat(Peers.at(jlama, folder)).isInstanceOf(Jlama.class);
  }

  /** The options of ik_llama.cpp's llama-bench at 0115ace2, which has no -d, and what it writes. */
  @Test
  void theForkThatSaysDepthOtherwise() throws IOException {
    Path ik =
        script(
            """
            for a; do
              case $a in -d) echo 'error: invalid parameter for argument: -d' >&2; exit 1;; esac
              case $last in -p) p=$a;; -n) n=$a;; -gp) gp=$a;; esac
              last=$a
            done
            echo "$p $n $gp" >>"$(dirname "$0")/runs"
            test=tg$n
            if [ -n "$gp" ]; then p=${gp%,*}; n=${gp#*,}; test="tg$n@pp$p"; fi
            echo "[ {\\"build_commit\\": \\"0115ace2\\", \\"mla_attn\\": 3, \\"n_prompt\\": $p,"
            echo "\\"n_gen\\": $n, \\"avg_ts\\": 50.5, \\"stddev_ts\\": 0, \\"test\\": \\"$test\\","
            echo "\\"samples_ns\\": [ 1 ], \\"samples_ts\\": [ 50.5 ] } ]"
            """);
    JsonObject json = compare(ik, "--json", "--threads", "1").json();
    assertThat(json.text("peer")).isEqualTo("ik_llama.cpp 0115ace2");
    assertThat(json.objects("rows"))
        .hasSize(3)
        .allSatisfy(row -> assertThat(row.object("peer").number("median")).isEqualTo(50.5));
    assertThat(Files.readAllLines(folder.resolve("runs"))).contains("16 0 ", "0 4 ", "0 0 8,4");
  }

  /** What jlama 0.8.4 writes without a terminal, as recorded; its prompts are given as text. */
  @Test
  void jlamaOnAFolder() throws IOException {
    Path jlama =
        Files.move(
            script(
                """
                for a; do
                  case $last in --model-cache) cache=$a;; --tokens) all=$a;; --prompt) text=$a;; esac
                  last=$a
                done
                test -f "$cache/bench_model/config.json" && test "$a" = bench/model || exit 1
                echo "$all ${#text}" >>"$(dirname "$0")/runs"
                echo 'Using Native SIMD Operations (OffHeap)'
                echo 'Model type = BF16, Working memory type = F32, Quantized memory type = BF16'
                cat <<'END'
                0: x [took 125.00ms])
                1: xy [took 100.00ms])
                2: xy
                z [took 60.00ms])
                3: xy
                z [took 50.00ms])
                4: xy
                z [took 40.00ms])
                5: xy
                z9 [took 36.00ms])
                6: xy
                z9 [took 34.00ms])
                7: xy
                z9 [took 33.00ms])
                8: xy
                z9 [took 25.00ms])
                END
                """),
            folder.resolve("jlama"));
    Invocation run =
        Invocation.of(
            "bench",
            "--compare-with",
            jlama.toString(),
            "-p",
            "16",
            "-n",
            "4",
            "-d",
            "40",
            "-r",
            "1",
            "--json");
    assertThat(run.exitCode()).as(run.err()).isZero();
    List<JsonObject> rows = run.json().objects("rows");
    assertThat(rows.get(0).object("peer").number("median")).isEqualTo(8);
    assertThat(rows.get(1).object("peer").number("median"))
        .as("four tokens in 8 x 25 - 4 x 40 ms")
        .isEqualTo(100);
    assertThat(run.json().text("peer")).isEqualTo("Jlama");
    assertThat(Files.readAllLines(folder.resolve("runs"))).hasSize(8);
    Path ended = Files.move(script("echo '0: x [took 9.00ms])'\n"), folder.resolve("jlama-2"));
    assertThat(
            Invocation.of("bench", "--compare-with", ended.toString(), "-p", "0", "-d", "0").err())
        .contains("generated 1 tokens of the 129 that tg64 needs");
  }
}
