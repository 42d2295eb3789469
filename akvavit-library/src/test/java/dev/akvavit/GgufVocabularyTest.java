package dev.akvavit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.akvavit.core.Limits;
import dev.akvavit.format.GgufMetadata;
import dev.akvavit.text.HuggingFaceSpelling;
import dev.akvavit.text.Prompt;
import dev.akvavit.text.Tokenizer;
import dev.akvavit.text.Tokenizers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Real vocabularies, with the token ids that llama.cpp's own tests expect of them. */
class GgufVocabularyTest {
  private static final Path FOLDER =
      Path.of(System.getProperty("akvavit.shared", "../../shared"), "models", "vocab-gguf");

  @ParameterizedTest
  @ValueSource(strings = {"gpt-2", "phi-3"})
  void idsOfKnownTexts(String name) throws IOException {
    Path file = FOLDER.resolve("ggml-vocab-" + name + ".gguf");
    assumeTrue(Files.exists(file), "no " + file);
    Tokenizer read = ModelText.tokenizer(GgufMetadata.read(file, Limits.DEFAULT));
    assertIds(read, name);
    HuggingFaceSpelling spelling = HuggingFaceSpelling.of(read, null);
    assertIds(
        Tokenizers.parse("as a folder", spelling.tokenizer(), spelling.config(), Limits.DEFAULT),
        name);
  }

  private static void assertIds(Tokenizer tokenizer, String name) throws IOException {
    List<String> texts = texts(FOLDER.resolve("ggml-vocab-" + name + ".gguf.inp"));
    List<String> lines = Files.readAllLines(FOLDER.resolve("ggml-vocab-" + name + ".gguf.out"));
    assertThat(texts).hasSameSizeAs(lines).hasSizeGreaterThan(40);
    List<String> wrong = new ArrayList<>();
    for (int i = 0; i < texts.size(); i++) {
      int[] expected =
          Arrays.stream(lines.get(i).trim().split(" "))
              .filter(id -> !id.isEmpty())
              .mapToInt(Integer::parseInt)
              .toArray();
      int[] found = tokenizer.encode(Prompt.content(texts.get(i)));
      if (!Arrays.equals(found, expected)) {
        wrong.add(
            "%d \"%s\": found %s, expected %s"
                .formatted(i, texts.get(i), Arrays.toString(found), Arrays.toString(expected)));
      }
      assertThat(tokenizer.decode(found, true)).isEqualTo(texts.get(i));
    }
    assertThat(wrong).isEmpty();
  }

  private static List<String> texts(Path file) throws IOException {
    String[] parts = Files.readString(file).split("\n__ggml_vocab_test__\n", -1);
    return Arrays.asList(parts)
        .subList(0, parts.length - (parts[parts.length - 1].isEmpty() ? 1 : 0));
  }
}
