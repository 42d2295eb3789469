package dev.akvavit;

import dev.akvavit.core.Sampling;
import dev.akvavit.format.GgufMetadata;
import dev.akvavit.format.GgufWriter;
import dev.akvavit.text.GgufSpelling;
import dev.akvavit.text.GgufVocabulary;
import dev.akvavit.text.Tokenizer;
import dev.akvavit.text.template.ChatTemplate;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A model's text in a GGUF file: {@link ModelText} the other way round. GGUF's own keys are always
 * written, so that other programs can read the file; {@code tokenizer.json} goes along whole where
 * they do not say everything.
 */
final class GgufText {
  private static final String GGML = "tokenizer.ggml.";

  private final GgufWriter writer;
  private final int rows;
  private final List<String> notes = new ArrayList<>();

  /**
   * @param rows of the embedding: as many tokens are written
   */
  GgufText(GgufWriter writer, int rows) {
    this.writer = writer;
    this.rows = rows;
  }

  /** What other programs will do differently. */
  List<String> notes() {
    return notes;
  }

  /** Takes over another file's keys; a tokenizer that is there whole only is spelled out. */
  void copy(GgufMetadata gguf) {
    writer.copy(gguf, "tokenizer.").copy(gguf, "general.sampling.");
    writer.copy(gguf, ModelText.HUGGING_FACE_CONFIG);
    if (!gguf.hasArray(GGML + "tokens") && gguf.values().has(ModelText.HUGGING_FACE)) {
      spell(ModelText.tokenizer(gguf));
    }
  }

  /** Writes what a folder's files say. */
  void describe(Path folder, ModelText text) throws IOException {
    writer.text("general.name", String.valueOf(folder.toAbsolutePath().normalize().getFileName()));
    Tokenizer tokenizer = text.tokenizer();
    if (!spell(tokenizer)) {
      writer.text(ModelText.HUGGING_FACE, Files.readString(folder.resolve("tokenizer.json")));
      Path settings = folder.resolve("tokenizer_config.json");
      if (Files.exists(settings)) {
        writer.text(ModelText.HUGGING_FACE_CONFIG, Files.readString(settings));
      }
    }
    List<Integer> others = new ArrayList<>(text.defaults().endTokens());
    others.remove(Integer.valueOf(tokenizer.eos()));
    others.sort(null);
    for (int i = 0; i < Math.min(2, others.size()); i++) {
      id(i == 0 ? "eot" : "eom", others.get(i));
    }
    if (text.chat() instanceof ChatTemplate) {
      ChatTemplate.source(folder).ifPresent(source -> writer.text(ModelText.TEMPLATE, source));
    } else if (text.chat() != null) {
      notes.add("the chat format is a program, not a template: others cannot chat with this file");
    }
    sampling(text.defaults().sampling());
  }

  private void sampling(Sampling sampling) {
    if (!sampling.equals(Sampling.GREEDY)) {
      writer.number("general.sampling.temp", sampling.temperature());
      writer.integer("general.sampling.top_k", sampling.topK());
      writer.number("general.sampling.top_p", sampling.topP());
      writer.number("general.sampling.min_p", sampling.minP());
    }
  }

  /** Returns whether GGUF's own keys say everything. */
  private boolean spell(Tokenizer tokenizer) {
    GgufSpelling spelling = GgufSpelling.of(tokenizer, rows);
    GgufVocabulary vocabulary = spelling.vocabulary();
    writer.text(GGML + "model", vocabulary.model());
    writer.texts(GGML + "tokens", vocabulary.tokens());
    writer.integers(GGML + "token_type", vocabulary.types());
    if (vocabulary.scores().length > 0) {
      writer.floats(GGML + "scores", vocabulary.scores());
      writer.flag(GGML + "add_space_prefix", vocabulary.spacePrefix());
    } else {
      writer.text(GGML + "pre", vocabulary.pre());
      writer.texts(GGML + "merges", vocabulary.merges());
    }
    id("bos", tokenizer.bos());
    id("eos", tokenizer.eos());
    id("padding", tokenizer.pad());
    id("unknown", spelling.unknown());
    writer.flag(GGML + "add_bos_token", !vocabulary.roles().before().isEmpty());
    writer.flag(GGML + "add_eos_token", !vocabulary.roles().after().isEmpty());
    spelling.lost().forEach(what -> notes.add("GGUF cannot say " + what));
    return spelling.complete();
  }

  private void id(String role, int id) {
    if (id >= 0) {
      writer.integer(GGML + role + "_token_id", id);
    }
  }
}
