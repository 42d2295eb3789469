package dev.akvavit;

import dev.akvavit.core.ConfigSource;
import dev.akvavit.core.Sampling;
import dev.akvavit.format.Checkpoint;
import dev.akvavit.format.GgufMetadata;
import dev.akvavit.format.Json;
import dev.akvavit.text.HuggingFaceSpelling;
import dev.akvavit.text.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * The text of a GGUF file as the files of a folder: {@link GgufText} the other way round. A {@code
 * tokenizer.json} that the file has whole comes out as it went in.
 */
final class FolderText {
  private FolderText() {}

  static void write(Path source, Checkpoint checkpoint, Path folder) throws IOException {
    GgufMetadata gguf = Objects.requireNonNull(checkpoint.gguf());
    ModelText text = ModelText.of(source, checkpoint);
    tokenizer(gguf.values(), text.tokenizer(), folder);
    Files.writeString(
        folder.resolve("generation_config.json"),
        generation(text.tokenizer(), text.defaults()) + "\n");
  }

  private static void tokenizer(ConfigSource values, Tokenizer tokenizer, Path folder)
      throws IOException {
    boolean chat = values.has(ModelText.TEMPLATE);
    String template = chat ? values.text(ModelText.TEMPLATE) : null;
    if (!values.has(ModelText.HUGGING_FACE) || !values.has(ModelText.HUGGING_FACE_CONFIG)) {
      HuggingFaceSpelling spelling = HuggingFaceSpelling.of(tokenizer, template);
      Files.writeString(
          folder.resolve("tokenizer.json"),
          values.text(ModelText.HUGGING_FACE, spelling.tokenizer()));
      Files.writeString(folder.resolve("tokenizer_config.json"), spelling.config());
      return;
    }
    String config = values.text(ModelText.HUGGING_FACE_CONFIG);
    Files.writeString(folder.resolve("tokenizer.json"), values.text(ModelText.HUGGING_FACE));
    Files.writeString(folder.resolve("tokenizer_config.json"), config);
    if (template != null && !config.contains("\"chat_template\"")) {
      Files.writeString(folder.resolve("chat_template.jinja"), template);
    }
  }

  private static Json generation(Tokenizer tokenizer, GenerationDefaults defaults) {
    Map<String, Json> settings = new LinkedHashMap<>();
    if (tokenizer.bos() >= 0) {
      settings.put("bos_token_id", number(tokenizer.bos()));
    }
    List<Json> ends = defaults.endTokens().stream().sorted().map(FolderText::number).toList();
    if (!ends.isEmpty()) {
      settings.put("eos_token_id", new Json.Elements(ends));
    }
    Sampling sampling = defaults.sampling();
    boolean sample = !sampling.equals(Sampling.GREEDY);
    settings.put("do_sample", new Json.Flag(sample));
    if (sample) {
      settings.put("temperature", number(sampling.temperature()));
      settings.put("top_k", number(sampling.topK()));
      settings.put("top_p", number(sampling.topP()));
      settings.put("min_p", number(sampling.minP()));
      settings.put("repetition_penalty", number(sampling.repetitionPenalty()));
    }
    return new Json.Members(settings);
  }

  private static Json number(int value) {
    return new Json.Number(Integer.toString(value), value);
  }

  private static Json number(float value) {
    return new Json.Number(Float.toString(value), value);
  }
}
