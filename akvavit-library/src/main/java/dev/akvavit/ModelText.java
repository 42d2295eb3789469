package dev.akvavit;

import dev.akvavit.core.ConfigSource;
import dev.akvavit.core.Limits;
import dev.akvavit.core.Sampling;
import dev.akvavit.format.Checkpoint;
import dev.akvavit.format.GgufMetadata;
import dev.akvavit.text.GgufVocabulary;
import dev.akvavit.text.Tokenizer;
import dev.akvavit.text.TokenizerDefinition;
import dev.akvavit.text.Tokenizers;
import dev.akvavit.text.template.ChatEncoder;
import dev.akvavit.text.template.ChatTemplate;
import java.nio.file.Path;
import java.time.Clock;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a model says about text: its tokenizer, how it is spoken to, and how it likes to generate.
 * From the files of a folder, or from the metadata of a GGUF file.
 *
 * @param chat null when it is no chat model
 */
record ModelText(Tokenizer tokenizer, @Nullable ChatEncoder chat, GenerationDefaults defaults) {
  private static final String GGML = "tokenizer.ggml.";

  /** A whole {@code tokenizer.json}, which says more than GGUF's own keys. */
  static final String HUGGING_FACE = "tokenizer.huggingface.json";

  /** The {@code tokenizer_config.json} that goes with it, a key of ours. */
  static final String HUGGING_FACE_CONFIG = "akvavit.tokenizer_config";

  static final String TEMPLATE = "tokenizer.chat_template";

  static ModelText of(Path path, Checkpoint checkpoint) {
    GgufMetadata gguf = checkpoint.gguf();
    if (gguf != null) {
      return of(gguf, checkpoint.config());
    }
    Tokenizer tokenizer = Tokenizers.open(path, Limits.DEFAULT);
    return new ModelText(
        tokenizer,
        ChatEncoder.open(path, tokenizer, Limits.DEFAULT),
        GenerationDefaults.read(path, checkpoint.config(), tokenizer));
  }

  private static ModelText of(GgufMetadata gguf, ConfigSource config) {
    Tokenizer tokenizer = tokenizer(gguf);
    ConfigSource values = gguf.values();
    ChatEncoder chat =
        values.has(TEMPLATE)
            ? ChatTemplate.of(
                values.text(TEMPLATE),
                Map.of(
                    "bos_token", tokenizer.token(tokenizer.bos()),
                    "eos_token", tokenizer.token(tokenizer.eos())),
                Clock.systemDefaultZone())
            : null;
    Set<Integer> ends = new HashSet<>();
    for (String role : List.of("eos", "eot", "eom")) {
      int id = values.integer(GGML + role + "_token_id", TokenizerDefinition.NONE);
      if (id >= 0) {
        ends.add(id);
      }
    }
    if (tokenizer.eos() >= 0) {
      ends.add(tokenizer.eos());
    }
    return new ModelText(tokenizer, chat, new GenerationDefaults(sampling(values), ends));
  }

  private static Sampling sampling(ConfigSource values) {
    String key = "general.sampling.";
    if (!values.has(key + "temp")) {
      return Sampling.GREEDY;
    }
    return new Sampling(
        (float) values.number(key + "temp"),
        values.integer(key + "top_k", 0),
        (float) values.number(key + "top_p", 1),
        (float) values.number(key + "min_p", 0),
        0,
        (float) values.number(key + "penalty_repeat", 1),
        0,
        0);
  }

  /** The tokenizer in a file's metadata, its model's architecture aside. */
  static Tokenizer tokenizer(GgufMetadata gguf) {
    ConfigSource values = gguf.values();
    if (values.has(HUGGING_FACE)) {
      return Tokenizers.parse(
          gguf.file(),
          values.text(HUGGING_FACE),
          values.text(HUGGING_FACE_CONFIG, "{}"),
          Limits.DEFAULT);
    }
    String model = values.text(GGML + "model");
    String pre = values.text(GGML + "pre", "");
    boolean sentencePiece = model.equals("llama");
    int bos = id(values, "bos");
    int eos = id(values, "eos");
    boolean addBos = values.flag(GGML + "add_bos_token", sentencePiece || pre.startsWith("llama"));
    boolean addEos = values.flag(GGML + "add_eos_token", false);
    return new GgufVocabulary(
            gguf.file(),
            model,
            pre,
            gguf.texts(GGML + "tokens"),
            gguf.hasArray(GGML + "token_type") ? gguf.integers(GGML + "token_type") : new int[0],
            gguf.hasArray(GGML + "scores") ? gguf.floats(GGML + "scores") : new float[0],
            gguf.hasArray(GGML + "merges") ? gguf.texts(GGML + "merges") : List.of(),
            values.flag(GGML + "add_space_prefix", sentencePiece),
            new TokenizerDefinition.Roles(
                bos,
                eos,
                id(values, "padding"),
                addBos && bos >= 0 ? List.of(bos) : List.of(),
                addEos && eos >= 0 ? List.of(eos) : List.of()))
        .tokenizer();
  }

  private static int id(ConfigSource values, String role) {
    return values.integer(GGML + role + "_token_id", TokenizerDefinition.NONE);
  }
}
