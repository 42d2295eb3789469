package dev.akvavit.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands that report: show, doctor, verify, bench, in words and in JSON. */
class ReportsTest {

  @Test
  void showTellsTheLayersParametersAndCacheOfTheDefaultModel() {
    Invocation run = Invocation.of("show");
    assertThat(run.exitCode()).isZero();
    assertThat(run.out())
        .contains(
            "akvavit-java-tiny",
            "deepseek_v32, 10 layers",
            "MLA + DSA top 256",
            "MoE top 4 of 16",
            "35.4 M",
            "fill in the middle")
        .containsPattern("latent +3,200 \\(1 x 160 a layer, BF16\\)")
        .doesNotContain("\u001b");
  }

  @Test
  void showCountsTheCacheFromTheLayoutThatIsAllocated() {
    JsonObject wide = Invocation.of("show", "--json", "--kv-type", "f32").json();
    JsonObject narrow = Invocation.of("show", "--json").json();
    JsonObject blocks = Invocation.of("show", "--json", "--kv-type", "q8_0,rope=bf16").json();
    assertThat(wide.number("kvBytesPerToken")).isEqualTo(10 * (160 + 64) * 4);
    assertThat(narrow.number("kvBytesPerToken")).isEqualTo(10 * (160 + 64) * 2);
    assertThat(blocks.number("kvBytesPerToken")).isEqualTo(10 * (128 / 32 * 34 + 64 + 2 * 34));
    assertThat(wide.number("cacheBytes")).isEqualTo(8192.0 * wide.number("kvBytesPerToken"));
    // The model card counts 144 fewer: the 16 correction biases of nine routers.
    assertThat(wide.object("parameters").number("total")).isEqualTo(35_382_672);
    assertThat(wide.flag("fillsIn")).isTrue();
  }

  @Test
  void doctorFindsTheVectorApiAndMeasures() {
    Invocation text = Invocation.of("doctor");
    assertThat(text.exitCode()).isZero();
    assertThat(text.out()).contains("Vector API", "machine code", "GB/s", "GFLOP/s", "findings");
    JsonObject json = Invocation.of("doctor", "--json").json();
    assertThat(json.flag("vectorModule")).isTrue();
    assertThat(json.number("readBytesPerSecond")).isPositive();
    assertThat(json.number("matmulFlops")).isPositive();
    assertThat(Files.isDirectory(Path.of(json.text("defaultModel")))).isTrue();
  }

  @Test
  void verifyPassesAReferenceCheckpointInBothConfigLayouts() {
    String folder = Invocation.GOLDEN.resolve("deepseek-v3.2").toString();
    Invocation run = Invocation.of("verify", folder);
    assertThat(run.exitCode()).isZero();
    assertThat(run.out())
        .contains(
            "PASS  logits",
            "24 of 24 tokens",
            "80 of 80 selections equal as sets",
            "8 of 8 checks agree");
    JsonObject json =
        Invocation.of("verify", "--json", "--config", "config.hub.json", folder).json();
    assertThat(json.flag("passed")).isTrue();
    assertThat(json.objects("checks")).hasSize(8).allMatch(c -> c.flag("passed"));
  }

  @Test
  void verifyFailsWhenOneWeightIsWrong(@TempDir Path folder) throws Exception {
    try (Stream<Path> files = Files.list(Invocation.GOLDEN.resolve("llama-gqa"))) {
      for (Path file : files.toList()) {
        Files.copy(file, folder.resolve(file.getFileName()));
      }
    }
    enlargeLastWeight(folder.resolve("model.safetensors"));
    Invocation run = Invocation.of("verify", folder.toString());
    assertThat(run.exitCode()).isEqualTo(ExitCode.FAILURE);
    assertThat(run.out()).contains("FAIL  ");
    assertThat(Invocation.of("verify", "--json", folder.toString()).json().flag("passed"))
        .isFalse();
  }

  private static void enlargeLastWeight(Path file) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putFloat(bytes.length - 4, 1000);
    Files.write(file, bytes);
  }

  @Test
  void benchPrintsARowForEachTest() {
    String[] sizes = {"-p", "16,24", "-n", "4", "-d", "0,8", "-r", "2"};
    Invocation run = Invocation.of(with("bench", sizes));
    assertThat(run.exitCode()).isZero();
    assertThat(run.out().lines().filter(l -> l.startsWith("| "))).hasSize(6);
    assertThat(run.out())
        .contains("| model | size | params | backend | threads | test | t/s |")
        .contains(
            "| pp16 |", "| pp24 |", "| tg4 |", "| tg4 @ d8 |", "memory reads measured in this run");
    JsonObject json = Invocation.of(with("bench", "--json", sizes)).json();
    assertThat(json.objects("rows")).hasSize(4);
    assertThat(json.objects("rows"))
        .allSatisfy(row -> {
          assertThat(row.number("least")).isPositive();
          assertThat(row.number("median")).isBetween(row.number("least"), row.number("most"));
        });
    assertThat(json.objects("rows").get(3).number("readShare")).isPositive();
  }

  private static String[] with(String first, String... rest) {
    return Stream.concat(Stream.of(first), Stream.of(rest)).toArray(String[]::new);
  }

  private static String[] with(String first, String second, String[] rest) {
    return with(first, with(second, rest));
  }
}
