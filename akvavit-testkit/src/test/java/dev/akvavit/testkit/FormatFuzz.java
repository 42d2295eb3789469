package dev.akvavit.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Damaged safetensors files, indexes and configs open or are refused with a reason, in a JVM of 64
 * MB with threads of 256 KB. {@code -Dcorrupt.count} asks for more files, {@code -Dcorrupt.seed}
 * for other ones.
 */
class FormatFuzz {
  private static final long COUNT = Long.getLong("corrupt.count", 2_000_000);
  private static final long SEED = Long.getLong("corrupt.seed", 1);

  @TempDir Path folder;

  @Test
  void damagedFilesOpenOrAreRefusedWithAReason() throws IOException, InterruptedException {
    Process child =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx64m",
                "-Xss256k",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                CorruptionRun.class.getName(),
                folder.toString(),
                String.valueOf(COUNT),
                String.valueOf(SEED))
            .redirectErrorStream(true)
            .start();
    try {
      String said = new String(child.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
      assertThat(child.waitFor(1, TimeUnit.MINUTES)).as("the child ends").isTrue();
      assertThat(child.exitValue()).as("%s", said).isZero();
      assertThat(said).contains(COUNT + " structured").contains("0 surprises");
    } finally {
      child.destroyForcibly();
    }
  }
}
