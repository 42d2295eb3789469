package dev.akvavit.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.akvavit.plan.Formula;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PlanCommandTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "deepseek-v3 --memory 640GiB",
        "deepseek-v3.2 --machine 8xH100 --users 64 --context 65536 --kv-type f32",
        "kimi-k2 --memory 80GiB --gpus 16 --users 1000 --context 131072 --bandwidth 1000",
        "falcon-7b --memory 16GB --weights f32",
        "deepseek-v4-flash --memory 80GiB --gpus 8 --users 64 --context 1048576",
        "llama-2-7b --memory 1GiB --users 3 --shared-prefix 1000"
      })
  void tablesFitAPage(String arguments) {
    Invocation run = Invocation.of(("plan " + arguments).split(" "));
    assertThat(run.exitCode()).isZero();
    assertThat(run.out().lines().filter(l -> l.length() > 100)).isEmpty();
    assertThat(run.out())
        .contains("longest context", "most users", "formula", "exact", "estimated");
  }

  @Test
  void deepSeekOnAMachineThatHoldsIt() {
    String out = Invocation.of("plan", "deepseek-v3", "--memory", "640GiB").out();
    assertThat(out)
        .contains("671.03 B parameters", "fits: needs ", "549.0 MiB", "70,272")
        .contains("MLA expanded   4,997,120", "saves bandwidth and arithmetic, not capacity")
        .doesNotContain("changes,");
  }

  @Test
  void compressedAttentionIsPlannedThoughNotRun(@TempDir Path folder) throws IOException {
    String[] plan = {"plan", "deepseek-v4-flash", "--memory", "80GiB", "--gpus", "8"};
    assertThat(Invocation.of(plan).out())
        .contains(
            "deepseek_v4, 284.33 B parameters, 13.80 B active", "3,514.25", "cache as published")
        .containsPattern("CSA entries +3,066 +0 +derived +K5 +CSA: 21 layers x 512 every 4 FP8")
        .containsPattern("window +0 +5,636,096 +derived +K7 ")
        .contains("does not run deepseek_v4", "No other attention is set beside it");
    Path page = folder.resolve("v4.html");
    Invocation run =
        Invocation.of(
            Stream.concat(Stream.of(plan), Stream.of("--json", "--html", page.toString()))
                .toArray(String[]::new));
    JsonObject json = run.json();
    assertThat(json.number("kvBytesPerToken")).isEqualTo(3514);
    assertThat(json.number("kvBytesPerUser")).isEqualTo(5_636_096 + 21 * 81_920 + 20 * 524_288);
    assertThat(json.objects("cache"))
        .allSatisfy(r -> assertThat(r.text("certainty")).isEqualTo("derived"));
    assertThat(Files.readString(page)).contains("derived", "CSA + HCA", "the notes say why");
    assertThat(Invocation.of("plan", "deepseek-v4-flash", "--memory", "1GiB", "--markdown").out())
        .contains("does not fit", "| CSA entries |");
  }

  @Test
  void whatDoesNotFitIsToldWithWhatWouldDo() {
    Invocation run = Invocation.of("plan", "llama-3.1-8b", "--memory", "16GiB", "--users", "4");
    assertThat(run.exitCode()).isZero();
    assertThat(run.out()).contains("does not fit", "FP8 weights").containsPattern("FP8.* fits ");
  }

  @Test
  void jsonSaysTheSame() {
    JsonObject plan =
        Invocation.of("plan", "deepseek-v3.2", "--machine", "8xH200", "--json").json();
    assertThat(plan.number("kvBytesPerToken")).isEqualTo(85_888);
    assertThat(plan.flag("fits")).isTrue();
    assertThat(plan.object("longestContext").number("tokens")).isEqualTo(163_840);
    assertThat(plan.objects("parts")).allSatisfy(p -> assertThat(p.text("formula")).isNotEmpty());
    assertThat(plan.objects("mechanisms"))
        .allSatisfy(m -> assertThat(m.number("tokensPerSecond")).isPositive());
  }

  @Test
  void theDefaultModelIsPlannedFromItsFiles() {
    String out = Invocation.of("plan").out();
    assertThat(out)
        .startsWith("akvavit-java-tiny  deepseek_v32, 35.4 M parameters")
        .contains("its share of the files", "MLA + DSA top 256: 10 layers x 1 x 160 BF16");
  }

  @Test
  void planesMayHaveTypesOfTheirOwn() {
    String out = Invocation.of("plan", "--kv-type", "q8_0,rope=bf16,index=f16").out();
    assertThat(out)
        .contains("cache q8_0,index=f16,rope=bf16")
        .contains("10 layers x 1 x 128 Q8_0", "10 layers x 1 x 32 BF16", "10 layers x 1 x 64 F16");
  }

  @Test
  void thisMachineIsMeasuredAndOthersAreNot() {
    String here = Invocation.of("plan", "gpt2").out();
    assertThat(here).containsPattern("memory reads +\\S+ [GT]B/s, measured now +M3");
    assertThat(here).doesNotContain("               -  ");
    assertThat(Invocation.of("plan", "gpt2", "--memory", "1GiB").out())
        .containsPattern("memory reads +not known");
    assertThat(Invocation.of("plan", "gpt2", "--machine", "2xH100").out())
        .containsPattern("memory reads +6.7 TB/s, as the maker publishes it");
    assertThat(Invocation.of("plan", "gpt2", "--bandwidth", "50").out())
        .containsPattern("memory reads +50.0 GB/s, given");
  }

  @Test
  void markdownHasTables() {
    String out = Invocation.of("plan", "gpt2", "--memory", "1GiB", "--markdown").out();
    assertThat(out).contains("## gpt2", "### memory", "| --- |", "| keys |");
  }

  @Test
  void theCheckOpensTheModelAsPlanned() {
    Invocation run = Invocation.of("plan", "--check", "--context", "256");
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.out()).contains("KV cache", "exact", "planned ").doesNotContain("WRONG");
  }

  @Test
  void everyRowNamesItsFormula() {
    JsonObject plan = Invocation.of("plan", "deepseek-v3.2", "--memory", "1TiB", "--json").json();
    assertThat(plan.objects("parts"))
        .allSatisfy(p -> assertThat(p.text("rule")).matches("[WKSR]\\d"));
    assertThat(plan.objects("cache")).allSatisfy(r -> assertThat(r.text("rule")).matches("K\\d"));
    String out = Invocation.of("plan", "deepseek-v3.2", "--memory", "1TiB").out();
    assertThat(out).containsPattern("index keys .* K3 ").contains("W1 to M4 are formulas");
  }

  @Test
  void thePageHoldsTheWholePlanAndItsFormulas(@TempDir Path folder) throws IOException {
    Path page = folder.resolve("plan.html");
    Invocation run =
        Invocation.of(
            "plan",
            "llama-3.1-8b",
            "--memory",
            "16GiB",
            "--users",
            "4",
            "--bandwidth",
            "50",
            "--html",
            page.toString());
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.out()).isEmpty();
    assertThat(run.err()).contains("wrote " + page);
    String html = Files.readString(page);
    assertThat(html)
        .contains(
            "8.03 B parameters", "does not fit", "a context of 864 tokens", "-Xmx", "memory: ")
        .contains(
            "cache against context", "users against context", "tokens a second against context")
        .doesNotContain("<script");
    for (Formula f : Formula.values()) {
      assertThat(html).contains("id=\"" + f.anchor() + "\"");
    }
    assertThat(html).contains("href=\"#w1\"", "href=\"#k1\"", "href=\"#a2\"");
  }

  @Test
  void chartsNeedABandwidthForTheCeiling(@TempDir Path folder) throws IOException {
    Path svg = folder.resolve("plan.svg");
    Path png = folder.resolve("plan.png");
    Invocation run =
        Invocation.of(
            "plan",
            "deepseek-v2-lite",
            "--machine",
            "H100",
            "--svg",
            svg.toString(),
            "--png",
            png.toString(),
            "--markdown");
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.out()).contains("### memory");
    assertThat(Files.readString(svg)).contains("tokens a second against context", "MLA + DSA");
    assertThat(Files.readAllBytes(png)).startsWith(0x89, 'P', 'N', 'G');
    run = Invocation.of("plan", "gpt2", "--memory", "1GiB", "--svg", svg.toString());
    assertThat(run.exitCode()).isZero();
    assertThat(Files.readString(svg))
        .as("an existing file is replaced")
        .contains("gpt2: users against context")
        .doesNotContain("tokens a second against context", "deepseek");
  }

  @Test
  void filesThatCannotBeWrittenAreNamed(@TempDir Path folder) {
    Path missing = folder.resolve("none").resolve("plan.svg");
    for (String[] wrong :
        new String[][] {
          {"--html", folder.toString(), "--html: found the folder " + folder},
          {"--svg", missing.toString(), "--svg: the folder of " + missing + " does not exist"}
        }) {
      Invocation run = Invocation.of("plan", "gpt2", "--memory", "1GiB", wrong[0], wrong[1]);
      assertThat(run.exitCode()).isEqualTo(1);
      assertThat(run.err()).contains(wrong[2]).hasLineCount(1);
      assertThat(run.out()).isEmpty();
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          gpt-9 | 1 | deepseek-v3
          gpt2 --context 2000 | 2 | --context: found 2000, allowed: up to 1024
          gpt2 --users 0 | 2 | --users: found 0, allowed: 1 to 65536
          gpt2 --shared-prefix 9000 | 2 | --shared-prefix: found 9000
          gpt2 --memory 80 | 2 | --memory: found 80
          gpt2 --machine 8xZ80 | 2 | --machine: found 8xZ80
          gpt2 --machine 8xH100 --gpus 2 | 2 | one of them
          gpt2 --gpus 2 | 2 | --memory 80GiB
          gpt2 --memory 1GiB --gpus 0 | 2 | --gpus: found 0
          gpt2 --bandwidth -1 | 2 | --bandwidth: found
          gpt2 --check | 2 | --check: found gpt2, allowed: a model folder
          --check --weights fp8 | 2 | --check: found --weights fp8
          gpt2 --kv-type f8 | 2 | --kv-type
          gpt2 --kv-type rope=f16 | 1 | found plane rope, allowed for this model: keys, values
          """)
  void mistakesNameTheOption(String arguments, int exitCode, String message) {
    Invocation run = Invocation.of(("plan " + arguments).split(" "));
    assertThat(run.exitCode()).isEqualTo(exitCode);
    assertThat(run.err()).contains(message).hasLineCount(1);
    assertThat(run.out()).isEmpty();
  }
}
