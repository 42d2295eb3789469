package dev.akvavit.hub;

import static dev.akvavit.hub.HubFixture.MODEL;
import static dev.akvavit.hub.HubFixture.REFERENCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a removal takes, what it leaves, and what it never touches. */
class CacheRemovalTest {
  @TempDir private Path cache;
  private final StubHub stub = new StubHub();
  private Hub hub;
  private String first;

  @BeforeEach
  void pullTwoCommits() {
    HubFixture.addModel(stub);
    hub = HubFixture.hub(stub, cache);
    first = stub.commit(MODEL);
    hub.pull(REFERENCE, PullListener.SILENT);
    stub.put(MODEL, "model.safetensors", HubFixture.bytes(4_000, 77));
    hub.pull(REFERENCE, PullListener.SILENT);
  }

  @AfterEach
  void close() throws IOException {
    stub.close();
  }

  @Test
  void oneRevisionGoesAndWhatOthersShareStays() throws IOException {
    ModelReference old = ModelReference.parse(MODEL + "@" + first.substring(0, 8));
    assertThat(hub.removal(old, false)).isEqualTo(new Removal(MODEL, List.of(first), 5_500));
    assertThat(hub.remove(old, false, PullListener.SILENT).bytes()).isEqualTo(5_500);
    assertThat(hub.list()).extracting(CachedModel::commit).containsExactly(stub.commit(MODEL));
    HubFixture.assertWhole(stub, cache);
  }

  @Test
  void aRefGoesWithItsCommit() {
    hub.remove(REFERENCE, false, PullListener.SILENT);
    assertThat(hub.find(REFERENCE)).isEmpty();
    assertThat(cache.resolve("models--acme--tiny/refs/main")).doesNotExist();
    assertThat(hub.list()).extracting(CachedModel::commit).containsExactly(first);
  }

  @Test
  void theWholeModelGoesWithWhatDownloadsLeft() throws IOException {
    Path root = cache.resolve("models--acme--tiny");
    Files.write(root.resolve("blobs/abc" + CacheLayout.PART), new byte[900]);
    Removal removed = hub.remove(REFERENCE, true, PullListener.SILENT);
    assertThat(removed.commits()).hasSize(2);
    assertThat(removed.bytes()).isGreaterThan(5_500 + 4_000 + 2_100 + 900);
    assertThat(root).doesNotExist();
    assertThatThrownBy(() -> hub.removal(REFERENCE, true)).hasMessageContaining("not in the cache");
  }

  @Test
  void linksThatLeadOutAreNeitherReadNorFollowed(@TempDir Path outside) throws IOException {
    Path secret = Files.writeString(outside.resolve("secret"), "{}");
    Path snapshot = hub.find(REFERENCE).orElseThrow();
    Files.delete(snapshot.resolve("config.json"));
    Files.createSymbolicLink(snapshot.resolve("config.json"), secret);
    Files.createSymbolicLink(snapshot.resolve("folder"), outside);
    assertThat(hub.find(REFERENCE)).as("a config from elsewhere").isEmpty();
    hub.remove(REFERENCE, true, PullListener.SILENT);
    assertThat(secret).exists();
  }

  @Test
  void aCacheReachedByALinkIsTheSameCache(@TempDir Path elsewhere) throws IOException {
    Path link = Files.createSymbolicLink(elsewhere.resolve("hub"), cache);
    assertThat(HubFixture.hub(stub, link).find(REFERENCE)).isPresent();
  }

  @Test
  void whatIsNotHereIsNamed() {
    ModelReference absent = ModelReference.parse(MODEL + "@v9");
    assertThatThrownBy(() -> hub.removal(absent, false))
        .hasMessageContaining("found no revision v9")
        .hasMessageContaining("main");
  }
}
