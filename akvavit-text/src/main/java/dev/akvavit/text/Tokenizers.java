package dev.akvavit.text;

import dev.akvavit.core.Limits;
import dev.akvavit.core.MalformedFileException;
import dev.akvavit.text.json.JsonFile;
import dev.akvavit.text.json.JsonValue;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** Opens the tokenizer of a model folder. */
public final class Tokenizers {
  private static final String TOKENIZER = "tokenizer.json";
  private static final String CONFIG = "tokenizer_config.json";

  private Tokenizers() {}

  /**
   * Reads {@code tokenizer.json} and, if there is one, {@code tokenizer_config.json}.
   *
   * @throws MalformedFileException if they break their format or contradict each other
   * @throws dev.akvavit.core.UnsupportedModelException if they ask for what we would compute
   *     differently
   */
  public static Tokenizer open(Path modelFolder, Limits limits) {
    Path file = modelFolder.resolve(TOKENIZER);
    if (!Files.exists(file)) {
      throw new MalformedFileException(
          modelFolder.toString(), TOKENIZER, "no such file", "a Hugging Face tokenizer file");
    }
    Path config = modelFolder.resolve(CONFIG);
    JsonValue settings =
        Files.exists(config) ? JsonFile.read(config, limits) : new JsonValue(CONFIG, "", Map.of());
    return new Tokenizer(TokenizerJson.read(JsonFile.read(file, limits), settings));
  }

  /**
   * Reads the same two files from their texts.
   *
   * @param origin where they came from, for messages
   * @throws MalformedFileException if they break their format or contradict each other
   * @throws dev.akvavit.core.UnsupportedModelException if they ask for what we would compute
   *     differently
   */
  public static Tokenizer parse(String origin, String tokenizer, String config, Limits limits) {
    JsonValue root = JsonFile.parse(origin, tokenizer.getBytes(StandardCharsets.UTF_8), limits);
    JsonValue settings = JsonFile.parse(origin, config.getBytes(StandardCharsets.UTF_8), limits);
    return new Tokenizer(TokenizerJson.read(root, settings));
  }
}
