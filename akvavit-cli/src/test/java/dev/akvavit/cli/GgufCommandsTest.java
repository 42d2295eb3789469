package dev.akvavit.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A GGUF file goes wherever a folder goes: it is written, shown, planned for, verified and run. */
class GgufCommandsTest {
  @TempDir Path folder;

  @Test
  void aReferenceCheckpointThereAndBack() throws IOException {
    Path golden = Invocation.GOLDEN.resolve("deepseek-v2-lite");
    Path bare = Files.createDirectory(folder.resolve("tiny"));
    for (String file : new String[] {"config.json", "model.safetensors"}) {
      Files.copy(golden.resolve(file), bare.resolve(file));
    }
    Files.copy(golden.resolve("golden.safetensors"), folder.resolve("golden.safetensors"));
    Invocation none = Invocation.of("quantize", "-m", bare.toString(), "--type", "f32", "-o", "x");
    assertThat(none.exitCode()).isNotZero();
    assertThat(none.err()).contains("-o: found x", ".gguf");
    Invocation lacking =
        Invocation.of("quantize", "-m", bare.toString(), "--type", "f32", "-o", folder + "/x.gguf");
    assertThat(lacking.exitCode()).isNotZero();
    assertThat(lacking.err()).contains("tokenizer.json");
    assertThat(folder.resolve("x.gguf")).doesNotExist();
  }

  @Test
  void theDefaultModelWithEightBits() {
    String file = folder.resolve("java.gguf").toString();
    JsonObject made = Invocation.of("quantize", "--type", "q8_0", "-o", file, "--json").json();
    assertThat(made.number("relativeError")).isBetween(0.0001, 0.01);
    assertThat(made.number("bytes")).isBetween(30e6, 42e6);
    JsonObject shown = Invocation.of("show", "-m", file, "--json").json();
    assertThat(shown.object("parameters").number("total")).isEqualTo(35_382_672);
    Invocation plan = Invocation.of("plan", file);
    assertThat(plan.exitCode()).as(plan.err()).isZero();
    assertThat(plan.out()).contains("java.gguf");
    Invocation check = Invocation.of("plan", file, "--check", "--context", "256");
    assertThat(check.exitCode()).as(check.err()).isZero();
    assertThat(check.out()).contains("java.gguf", "KV cache", "exact").doesNotContain("WRONG");
    Invocation run = Invocation.of("run", "-m", file, "-n", "4", "public final class Strings {\n");
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.out()).contains("Strings");
  }

  /** Rows of 384 and less cannot be Q4_K; what they become is slow with F32 inputs, as is said. */
  @Test
  void slowTypesAreTold() {
    String file = folder.resolve("java-q4k.gguf").toString();
    assertThat(Invocation.of("quantize", "--type", "q4_k", "-o", file, "--json").exitCode())
        .isZero();
    Invocation run = Invocation.of("run", "-m", file, "-n", "1", "--activations", "f32", "class");
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.err()).contains("note: Q5_0 of ", "java-q4k", "akvavit quantize");
    boolean slowByDefault = Invocation.of("run", "-m", file, "-n", "1", "x").err().contains("Q5_0");
    Invocation doctor = Invocation.of("doctor", "-m", file, "--json");
    assertThat(doctor.exitCode()).as(doctor.err()).isZero();
    assertThat(doctor.out().contains("Q5_0 of ")).isEqualTo(slowByDefault);
    assertThat(Invocation.of("doctor", "--json").out()).doesNotContain("Q5_0");
  }

  @Test
  void aFolderOfFp8() {
    String target = folder.resolve("java-fp8").toString();
    Invocation named = Invocation.of("quantize", "--type", "fp8", "-o", target + ".gguf");
    assertThat(named.err()).contains("the name of a folder");
    assertThat(Invocation.of("quantize", "--type", "fp8", "-o", target).exitCode()).isZero();
    Invocation again = Invocation.of("quantize", "--type", "fp8", "-o", target);
    assertThat(again.exitCode()).isNotZero();
    assertThat(again.err()).contains("exists");
    String file = folder.resolve("java.gguf").toString();
    assertThat(Invocation.of("quantize", "--type", "bf16", "-o", file).exitCode()).isZero();
    String back = folder.resolve("back").toString();
    Invocation returned = Invocation.of("quantize", "-m", file, "--type", "fp8", "-o", back);
    assertThat(returned.exitCode()).as(returned.err()).isZero();
    assertThat(Invocation.of("run", "-m", back, "-n", "8", "class").out())
        .isEqualTo(Invocation.of("run", "-m", target, "-n", "8", "class").out());
    Invocation run = Invocation.of("run", "-m", target, "-n", "1", "class");
    assertThat(run.exitCode()).as(run.err()).isZero();
  }
}
