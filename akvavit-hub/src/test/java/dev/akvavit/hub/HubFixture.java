package dev.akvavit.hub;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;

/** A stub with a small model, a cache, and limits that cut it into several segments. */
final class HubFixture {
  static final String MODEL = "acme/tiny";
  static final ModelReference REFERENCE = ModelReference.parse(MODEL);
  static final Pause NO_PAUSE = time -> {};

  /** Segments of 1,000 bytes, three lanes. */
  static final TransferLimits LIMITS =
      new TransferLimits(1000, 3, 100, 4, 5000, Duration.ofSeconds(20), Duration.ofMinutes(5));

  private HubFixture() {}

  static void addModel(StubHub stub) {
    addModel(stub, 5_500, 1);
  }

  /** Config, tokenizer, a template, weights, and things that must not be fetched. */
  static void addModel(StubHub stub, int weights, long seed) {
    stub.put(MODEL, "config.json", "{\"model_type\": \"llama\"}")
        .put(MODEL, "generation_config.json", "{}")
        .put(MODEL, "tokenizer.json", bytes(2_100, seed + 1))
        .put(MODEL, "chat_template.jinja", "{{ messages }}")
        .put(MODEL, "model.safetensors", bytes(weights, seed))
        .put(MODEL, "pytorch_model.bin", bytes(3_000, 9))
        .put(MODEL, "modeling_tiny.py", "print('hello')")
        .put(MODEL, "onnx/model.onnx", bytes(10, 9))
        .put(MODEL, "README.md", "# Tiny");
  }

  static final List<String> WANTED =
      List.of(
          "chat_template.jinja",
          "config.json",
          "generation_config.json",
          "model.safetensors",
          "tokenizer.json");

  static byte[] bytes(int length, long seed) {
    byte[] bytes = new byte[length];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }

  static HubSettings settings(StubHub stub, Path cache) {
    return settings(stub, cache, Token.NONE);
  }

  static HubSettings settings(StubHub stub, Path cache, Token token) {
    return new HubSettings(stub.endpoint(), cache, token, false, EnvironmentProxies.of(Map.of()));
  }

  static Hub hub(StubHub stub, Path cache) {
    return new Hub(settings(stub, cache), new LocalDisk(), LIMITS, NO_PAUSE);
  }

  /** Names of a snapshot's files, sorted, with /. */
  static List<String> names(Path snapshot) throws IOException {
    if (!Files.isDirectory(snapshot)) {
      return List.of();
    }
    try (Stream<Path> files = Files.walk(snapshot)) {
      return files
          .filter(f -> !Files.isDirectory(f, LinkOption.NOFOLLOW_LINKS))
          .map(f -> snapshot.relativize(f).toString().replace('\\', '/'))
          .sorted()
          .toList();
    }
  }

  /** Whatever happened: no file of any snapshot and no blob has other bytes than the hub's. */
  static void assertNothingWrongIsShown(StubHub stub, Path cache) throws IOException {
    Path root = cache.resolve(REFERENCE.folder());
    Path snapshot = root.resolve("snapshots").resolve(stub.commit(MODEL));
    for (String name : names(snapshot)) {
      assertThat(Files.readAllBytes(snapshot.resolve(name)))
          .as(name)
          .isEqualTo(stub.files(MODEL).get(name));
    }
    for (String blob : names(root.resolve("blobs"))) {
      if (!blob.contains(".akvavit.")) {
        byte[] bytes = Files.readAllBytes(root.resolve("blobs").resolve(blob));
        assertThat(StubHub.digest(bytes)).isEqualTo(blob);
      }
    }
    if (Files.exists(root.resolve("refs/main"))) {
      assertThat(names(snapshot)).containsExactlyElementsOf(WANTED);
    }
  }

  /** All that is wanted is there, and nothing that a download leaves behind. */
  static void assertWhole(StubHub stub, Path cache) throws IOException {
    assertNothingWrongIsShown(stub, cache);
    Path root = cache.resolve(REFERENCE.folder());
    assertThat(Files.readString(root.resolve("refs/main"))).isEqualTo(stub.commit(MODEL));
    assertThat(names(root.resolve("blobs"))).noneMatch(name -> name.contains(".akvavit."));
  }
}
