package dev.akvavit.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.Proxy;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Names people write, names servers send, and the environment. */
class NamesTest {

  @ParameterizedTest
  @CsvSource({
    "Qwen/Qwen3-0.6B, Qwen/Qwen3-0.6B, '', main",
    "a/b@v1.0, a/b, '', v1.0",
    "a/b@refs/pr/1, a/b, '', refs/pr/1",
    "a/b:Q4_K_M, a/b, Q4_K_M, main",
    "a/b/x/y.gguf@v1, a/b, x/y.gguf, v1",
    "https://huggingface.co/a/b, a/b, '', main",
    "https://huggingface.co/a/b/, a/b, '', main",
    "hf.co/a/b:Q8_0, a/b, Q8_0, main",
    "https://huggingface.co/a/b/tree/v2, a/b, '', v2",
    "https://huggingface.co/a/b/blob/main/m-Q4.gguf, a/b, m-Q4.gguf, main"
  })
  void references(String text, String repository, String variant, String revision) {
    ModelReference reference = ModelReference.parse(text);
    assertThat(reference.repository()).isEqualTo(repository);
    assertThat(reference.variant()).isEqualTo(variant);
    assertThat(reference.revision()).isEqualTo(revision);
    assertThat(ModelReference.parse(reference.toString())).isEqualTo(reference);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "gpt2",
        "a/b/c",
        "/a/b",
        "a//b",
        "../b",
        "a/..",
        "a/b@",
        "a/b@../main",
        "a/b@/x",
        "a/b@x..",
        "a--b/c",
        "a/b.git",
        "a/b:",
        "a b/c",
        "a/b\n",
        "./a",
        "a/b:../x",
        "a/b/../../x.gguf",
        "a/b@x/../../y",
        "C:\\models",
        "",
        "-a/b",
        "a/b@main.lock"
      })
  void noReferences(String text) {
    assertThat(ModelReference.isReference(text)).isFalse();
  }

  @Test
  void theEnvironmentMeansWhatItMeansToPython(@TempDir Path home) throws IOException {
    HubSettings plain = HubSettings.of(Map.of(), home);
    assertThat(plain.cache()).isEqualTo(home.resolve(".cache/huggingface/hub"));
    assertThat(plain.endpoint()).hasToString("https://huggingface.co");
    assertThat(plain.token().isPresent()).isFalse();
    assertThat(plain.offline()).isFalse();

    assertThat(HubSettings.of(Map.of("XDG_CACHE_HOME", "/x"), home).cache())
        .isEqualTo(Path.of("/x/huggingface/hub"));
    assertThat(HubSettings.of(Map.of("HF_HOME", "~/hf"), home).cache())
        .isEqualTo(home.resolve("hf/hub"));
    assertThat(HubSettings.of(Map.of("HF_HOME", "/h", "HF_HUB_CACHE", "/c"), home).cache())
        .isEqualTo(Path.of("/c"));
    assertThat(HubSettings.of(Map.of("HF_HUB_OFFLINE", "yes"), home).offline()).isTrue();
    assertThat(HubSettings.of(Map.of("HF_HUB_OFFLINE", "0"), home).offline()).isFalse();
    assertThat(HubSettings.of(Map.of("HF_ENDPOINT", "http://m:8/x/"), home).endpoint())
        .hasToString("http://m:8/x");
    assertThatThrownBy(() -> HubSettings.of(Map.of("HF_ENDPOINT", "file:///x"), home))
        .hasMessageContaining("HF_ENDPOINT: found file:///x");

    Files.createDirectories(home.resolve(".cache/huggingface"));
    Files.writeString(home.resolve(".cache/huggingface/token"), "hf_file\n");
    assertThat(HubSettings.of(Map.of(), home).token().secret()).isEqualTo("hf_file");
    assertThat(HubSettings.of(Map.of("HF_TOKEN", "hf_env"), home).token().secret())
        .isEqualTo("hf_env");
    assertThat(HubSettings.of(Map.of("HUGGING_FACE_HUB_TOKEN", "hf_old"), home).token().secret())
        .isEqualTo("hf_old");
    Map<String, String> without = Map.of("HF_HUB_DISABLE_IMPLICIT_TOKEN", "1");
    assertThat(HubSettings.of(without, home).token().isPresent()).isFalse();
    assertThatThrownBy(() -> HubSettings.of(Map.of("HF_TOKEN", "hf_a\nEvil: b"), home))
        .hasMessageContaining("HF_TOKEN")
        .hasMessageNotContaining("hf_a");
  }

  @Test
  void proxiesAreThoseOfTheEnvironment() {
    EnvironmentProxies proxies =
        EnvironmentProxies.of(
            Map.of("HTTPS_PROXY", "http://proxy:3128", "no_proxy", ".corp,localhost"));
    assertThat(proxies.select(URI.create("https://huggingface.co/x")).getFirst().address())
        .hasToString("proxy/<unresolved>:3128");
    assertThat(proxies.select(URI.create("https://hub.corp/x"))).containsExactly(Proxy.NO_PROXY);
    assertThat(proxies.select(URI.create("http://127.0.0.1:1/"))).containsExactly(Proxy.NO_PROXY);
  }
}
