package dev.akvavit.defaultmodel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.SequencedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ExtractedCopyTest {
  @TempDir Path cache;

  private final SequencedMap<String, byte[]> files = new TreeMap<>();
  private final List<String> opened = new ArrayList<>();
  private final Manifest manifest;

  ExtractedCopyTest() throws IOException {
    byte[] large = new byte[300_000];
    new Random(7).nextBytes(large);
    files.put("large.bin", large);
    files.put("empty.txt", new byte[0]);
    files.put("small.txt", "words".getBytes(StandardCharsets.UTF_8));
    manifest = manifestOf(files);
  }

  @Test
  void theFirstCallCopiesAndTheNextReadsNothing() throws IOException {
    Path folder = copy().folder();
    assertComplete(folder);
    assertThat(opened).containsExactlyElementsOf(files.keySet());

    assertThat(copy().folder()).isEqualTo(folder);
    assertThat(opened).hasSize(files.size());
    assertThat(entries()).containsExactlyInAnyOrder(manifest.digest(), manifest.digest() + ".lock");
  }

  @ParameterizedTest
  @ValueSource(strings = {"shortened", "changed", "deleted", "unstamped and changed"})
  void aDamagedCopyIsReplaced(String damage) throws IOException {
    Path folder = copy().folder();
    Path file = folder.resolve("large.bin");
    switch (damage) {
      case "shortened" -> Files.write(file, new byte[10]);
      case "deleted" -> Files.delete(file);
      default -> {
        byte[] bytes = Files.readAllBytes(file);
        bytes[200_000] ^= 1;
        Files.write(file, bytes);
        if (damage.startsWith("unstamped")) {
          Files.delete(folder.resolve(".verified"));
        }
      }
    }
    assertComplete(copy().folder());
    assertThat(entries()).containsExactlyInAnyOrder(manifest.digest(), manifest.digest() + ".lock");
  }

  @Test
  void anUnharmedCopyWithoutStampIsKept() throws IOException {
    Path folder = copy().folder();
    Files.delete(folder.resolve(".verified"));
    opened.clear();
    assertComplete(copy().folder());
    assertThat(opened).isEmpty();
  }

  @Test
  void whatADeadProcessLeftIsSweptAway() throws IOException {
    Path left = Files.createDirectories(cache.resolve(manifest.digest() + ".new-123"));
    Files.write(left.resolve("large.bin"), new byte[100]);
    Files.createDirectories(cache.resolve(manifest.digest() + ".old-9/folder/deep"));
    assertComplete(copy().folder());
    assertThat(entries()).containsExactlyInAnyOrder(manifest.digest(), manifest.digest() + ".lock");
  }

  @Test
  void aDamagedSourceLeavesNothingUnderTheFinalName() {
    files.put("small.txt", "other words".getBytes(StandardCharsets.UTF_8));
    assertThatThrownBy(() -> copy().folder())
        .isInstanceOf(IOException.class)
        .hasMessageContaining("small.txt")
        .hasMessageContaining("SHA-256");
    assertThat(cache.resolve(manifest.digest())).doesNotExist();
  }

  @ParameterizedTest
  @ValueSource(strings = {"../escape", "a/b", ".hidden", "", "/etc/passwd", "a\\b"})
  void aManifestNamesPlainFilesOnly(String name) {
    String line = "0".repeat(64) + "  " + name;
    assertThatThrownBy(() -> read(line)).isInstanceOf(IOException.class).hasMessageContaining(line);
  }

  private ExtractedCopy copy() {
    return new ExtractedCopy(
        cache,
        manifest,
        name -> {
          opened.add(name);
          return new ByteArrayInputStream(files.get(name));
        });
  }

  private void assertComplete(Path folder) throws IOException {
    for (var file : files.entrySet()) {
      assertThat(folder.resolve(file.getKey())).hasBinaryContent(file.getValue());
    }
  }

  private List<String> entries() throws IOException {
    try (Stream<Path> children = Files.list(cache)) {
      return children.map(child -> child.getFileName().toString()).toList();
    }
  }

  private static Manifest manifestOf(SequencedMap<String, byte[]> files) throws IOException {
    StringBuilder lines = new StringBuilder();
    files.forEach((name, bytes) ->
        lines
            .append(Manifest.hex(Manifest.sha256().digest(bytes)))
            .append("  ")
            .append(name)
            .append('\n'));
    return read(lines.toString());
  }

  private static Manifest read(String text) throws IOException {
    return Manifest.read(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)));
  }
}
