package dev.akvavit.hub;

import static dev.akvavit.hub.HubFixture.LIMITS;
import static dev.akvavit.hub.HubFixture.MODEL;
import static dev.akvavit.hub.HubFixture.NO_PAUSE;
import static dev.akvavit.hub.HubFixture.REFERENCE;
import static dev.akvavit.hub.HubFixture.WANTED;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.akvavit.hub.HubException.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A hub that behaves: what is fetched, where it lies, and what is never asked again. */
class PullTest {
  @TempDir private Path cache;
  private final StubHub stub = new StubHub();
  private Hub hub;

  @BeforeEach
  void fill() {
    HubFixture.addModel(stub);
    hub = HubFixture.hub(stub, cache);
  }

  @AfterEach
  void close() throws IOException {
    stub.close();
  }

  @Test
  void aModelLiesAsPythonLaysIt() throws IOException {
    PulledModel pulled = hub.pull(REFERENCE, PullListener.SILENT);

    Path root = cache.resolve("models--acme--tiny");
    Path snapshot = root.resolve("snapshots").resolve(stub.commit(MODEL));
    assertThat(pulled.path()).isEqualTo(snapshot);
    assertThat(pulled.commit()).isEqualTo(stub.commit(MODEL));
    assertThat(pulled.files()).isEqualTo(5);
    assertThat(pulled.downloaded()).isEqualTo(pulled.bytes());
    assertThat(HubFixture.names(snapshot)).containsExactlyElementsOf(WANTED);
    for (String name : WANTED) {
      byte[] bytes = stub.files(MODEL).get(name);
      assertThat(Files.readSymbolicLink(snapshot.resolve(name)))
          .isEqualTo(Path.of("../../blobs", StubHub.digest(bytes)));
    }
    HubFixture.assertWhole(stub, cache);
  }

  @Test
  void aWarmStartAsksNobody() {
    hub.pull(REFERENCE, PullListener.SILENT);
    stub.requests();

    Path path = hub.fetch(REFERENCE, PullListener.SILENT);
    assertThat(hub.find(REFERENCE)).contains(path);
    ModelReference pinned = ModelReference.parse(MODEL + "@" + stub.commit(MODEL));
    assertThat(hub.fetch(pinned, PullListener.SILENT)).isEqualTo(path);
    hub.pull(pinned, PullListener.SILENT);
    assertThat(stub.requests()).isEmpty();
  }

  @Test
  void aPlanNeedsTheConfigAloneAndTheModelComesWholeLater() throws IOException {
    Path config = hub.config(REFERENCE, PullListener.SILENT);
    assertThat(config)
        .hasFileName("config.json")
        .hasBinaryContent(stub.files(MODEL).get("config.json"));
    assertThat(HubFixture.names(config.getParent())).containsExactly("config.json");
    assertThat(hub.find(REFERENCE)).isEmpty();
    stub.requests();
    assertThat(hub.config(REFERENCE, PullListener.SILENT)).isEqualTo(config);
    assertThat(stub.requests()).isEmpty();

    Path folder = hub.fetch(REFERENCE, PullListener.SILENT);
    assertThat(HubFixture.names(folder)).containsExactlyElementsOf(WANTED);
    assertThat(hub.config(REFERENCE, PullListener.SILENT)).isEqualTo(folder);
  }

  @Test
  void pullingAgainAsksForTheCommitAndNothingElse() {
    hub.pull(REFERENCE, PullListener.SILENT);
    stub.requests();
    assertThat(hub.pull(REFERENCE, PullListener.SILENT).downloaded()).isZero();
    assertThat(stub.requests()).hasSize(1);
  }

  @Test
  void anotherCommitFetchesOnlyWhatChanged() throws IOException {
    hub.pull(REFERENCE, PullListener.SILENT);
    String before = stub.commit(MODEL);
    stub.put(MODEL, "config.json", "{\"model_type\": \"other\"}");
    PulledModel again = hub.pull(REFERENCE, PullListener.SILENT);
    assertThat(again.downloaded()).isEqualTo(stub.files(MODEL).get("config.json").length);
    HubFixture.assertWhole(stub, cache);
    assertThat(hub.list()).extracting(CachedModel::commit).contains(before, stub.commit(MODEL));
    assertThat(hub.list()).filteredOn(m -> m.revisions().contains("main")).hasSize(1);
  }

  @Test
  void offlineFindsWhatIsThereAndSaysWhatToDoAboutTheRest() {
    Hub offline =
        new Hub(HubFixture.settings(stub, cache).withOffline(), new LocalDisk(), LIMITS, NO_PAUSE);
    assertThatThrownBy(() -> offline.fetch(REFERENCE, PullListener.SILENT))
        .hasMessageContaining("akvavit pull acme/tiny")
        .hasMessageContaining("HF_HUB_OFFLINE")
        .extracting("reason")
        .isEqualTo(Reason.OFFLINE);
    hub.pull(REFERENCE, PullListener.SILENT);
    stub.requests();
    assertThat(offline.fetch(REFERENCE, PullListener.SILENT)).isDirectory();
    assertThat(stub.requests()).isEmpty();
  }

  @Test
  void aSnapshotThatPythonLeftHalfIsCompleted() throws IOException {
    hub.pull(REFERENCE, PullListener.SILENT);
    Path snapshot = hub.find(REFERENCE).orElseThrow();
    Path blob = snapshot.resolve("model.safetensors").toRealPath();
    Files.delete(snapshot.resolve("model.safetensors"));
    Files.delete(blob);
    assertThat(hub.find(REFERENCE)).isEmpty();
    assertThat(hub.list().getFirst().complete()).isFalse();
    assertThat(hub.fetch(REFERENCE, PullListener.SILENT)).isEqualTo(snapshot);
    HubFixture.assertWhole(stub, cache);
  }

  @Test
  void shardsAreThoseOfTheIndex() throws IOException {
    String sharded = "acme/sharded";
    stub.put(sharded, "config.json", "{}")
        .put(sharded, "tokenizer.json", "{}")
        .put(
            sharded,
            "model.safetensors.index.json",
            """
            {"metadata": {"total_size": 1},
             "weight_map": {"a": "model-1.safetensors", "b": "model-2.safetensors"}}\
            """)
        .put(sharded, "model-1.safetensors", HubFixture.bytes(1_500, 3))
        .put(sharded, "model-2.safetensors", HubFixture.bytes(2_500, 4))
        .put(sharded, "consolidated.safetensors", HubFixture.bytes(2_500, 5));
    ModelReference reference = ModelReference.parse(sharded);
    Path snapshot = hub.fetch(reference, PullListener.SILENT);
    assertThat(HubFixture.names(snapshot))
        .containsExactly(
            "config.json",
            "model-1.safetensors",
            "model-2.safetensors",
            "model.safetensors.index.json",
            "tokenizer.json");
    Files.delete(snapshot.resolve("model-2.safetensors"));
    assertThat(hub.find(reference)).isEmpty();
  }

  @Test
  void oneGgufOfManyIsChosen() throws IOException {
    String many = "acme/many-GGUF";
    for (String quant : List.of("Q2_K", "Q4_K_M", "Q8_0", "IQ4_XS")) {
      stub.put(many, "many-" + quant + ".gguf", HubFixture.bytes(1_200, quant.hashCode()));
    }
    stub.put(many, "mmproj-F16.gguf", HubFixture.bytes(1_100, 1)).put(many, "README.md", "x");
    assertThat(hub.fetch(ModelReference.parse(many), PullListener.SILENT).getFileName())
        .hasToString("many-Q4_K_M.gguf");
    Path q8 = hub.fetch(ModelReference.parse(many + ":q8_0"), PullListener.SILENT);
    assertThat(q8.getFileName()).hasToString("many-Q8_0.gguf");
    assertThat(HubFixture.names(q8.getParent())).hasSize(2);
    assertThatThrownBy(() -> hub.fetch(ModelReference.parse(many + ":Q5_K"), PullListener.SILENT))
        .hasMessageContaining("Q5_K")
        .hasMessageContaining("many-IQ4_XS");
  }

  @Test
  void weightsThatRunCodeAreRefused() {
    stub.put("acme/pickle", "config.json", "{}")
        .put("acme/pickle", "pytorch_model.bin", HubFixture.bytes(2_000, 1));
    assertThatThrownBy(() -> hub.pull(ModelReference.parse("acme/pickle"), PullListener.SILENT))
        .hasMessageContaining("run code")
        .extracting("reason")
        .isEqualTo(Reason.UNSUPPORTED);
  }

  @Test
  void roomIsJudgedBeforeTheWeightsAreAskedFor() {
    AtomicLong usable = new AtomicLong(17L << 20);
    Disk full =
        new ForwardingDisk(new LocalDisk()) {
          @Override
          public long usableBytes(Path folder) {
            return usable.get() - (1 << 20) + 7_000;
          }
        };
    Hub small = new Hub(HubFixture.settings(stub, cache), full, LIMITS, NO_PAUSE);
    assertThatThrownBy(() -> small.pull(REFERENCE, PullListener.SILENT))
        .hasMessageContaining("HF_HUB_CACHE")
        .extracting("reason")
        .isEqualTo(Reason.NO_SPACE);
    assertThat(stub.requests()).noneMatch(StubHub.Request::isFile);
    usable.addAndGet(1_000);
    assertThat(small.pull(REFERENCE, PullListener.SILENT).files()).isEqualTo(5);
  }

  @Test
  void withoutLinksTheFilesThemselvesStandInTheSnapshot() throws IOException {
    Disk plain =
        new ForwardingDisk(new LocalDisk()) {
          @Override
          public void link(Path link, Path target) {
            throw new UnsupportedOperationException();
          }
        };
    Hub windows = new Hub(HubFixture.settings(stub, cache), plain, LIMITS, NO_PAUSE);
    Path snapshot = windows.fetch(REFERENCE, PullListener.SILENT);
    assertThat(snapshot.resolve("model.safetensors")).isRegularFile();
    assertThat(Files.isSymbolicLink(snapshot.resolve("model.safetensors"))).isFalse();
    HubFixture.assertWhole(stub, cache);
    assertThat(windows.find(REFERENCE)).contains(snapshot);
    stub.requests();
    assertThat(windows.pull(REFERENCE, PullListener.SILENT).downloaded()).isZero();
    assertThat(stub.requests()).hasSize(1);
  }

  @Test
  void bytesAddUpForWhoListens() {
    AtomicLong planned = new AtomicLong();
    AtomicLong received = new AtomicLong();
    hub.pull(
        REFERENCE,
        new PullListener() {
          @Override
          public void planned(String model, int files, long bytes, long present) {
            planned.set(bytes - present);
          }

          @Override
          public void received(String file, long bytes) {
            received.addAndGet(bytes);
          }
        });
    assertThat(received).hasValue(planned.get()).hasPositiveValue();
  }
}
