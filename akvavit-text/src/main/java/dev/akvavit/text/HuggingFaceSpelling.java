package dev.akvavit.text;

import dev.akvavit.core.Limits;
import dev.akvavit.core.UnsupportedModelException;
import dev.akvavit.text.split.Patterns;
import dev.akvavit.text.split.Splitter;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonEncoding;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/**
 * A tokenizer in the words of {@code tokenizer.json}: {@link TokenizerJson} the other way round,
 * for those that {@link GgufVocabulary} can be. What was written is read again and has to be the
 * same.
 *
 * @param tokenizer text of {@code tokenizer.json}
 * @param config text of {@code tokenizer_config.json}
 */
public record HuggingFaceSpelling(String tokenizer, String config) {
  private static final String SPACE = "▁";

  /**
   * Spells a tokenizer.
   *
   * @param template the chat template that goes along; null for none
   * @throws UnsupportedModelException for one that these words do not give back
   */
  public static HuggingFaceSpelling of(Tokenizer tokenizer, @Nullable String template) {
    TokenizerDefinition definition = tokenizer.definition();
    Writer writer = new Writer(definition);
    HuggingFaceSpelling spelling =
        new HuggingFaceSpelling(json(writer::tokenizer), json(out -> writer.config(out, template)));
    TokenizerDefinition back =
        Tokenizers.parse(definition.origin(), spelling.tokenizer, spelling.config, Limits.DEFAULT)
            .definition();
    if (!sorted(back).equals(sorted(definition))) {
      throw new UnsupportedModelException(
          definition.origin(),
          "as tokenizer.json",
          "rules that it has no words for",
          "byte-level BPE and SentencePiece as GGUF has them");
    }
    return spelling;
  }

  private static TokenizerDefinition sorted(TokenizerDefinition d) {
    List<AddedToken> added = new ArrayList<>(d.added());
    added.sort(Comparator.comparingInt(AddedToken::id));
    return new TokenizerDefinition(
        d.origin(),
        d.vocabulary(),
        d.merges(),
        d.symbols(),
        d.ignoreMerges(),
        added,
        d.rewrites(),
        d.splitters(),
        d.dropLeadingSpace(),
        d.roles());
  }

  private static String json(Consumer<JsonGenerator> content) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (JsonGenerator out =
        JsonFactory.builder()
            .build()
            .createGenerator(ObjectWriteContext.empty(), bytes, JsonEncoding.UTF8)) {
      out.writeStartObject();
      content.accept(out);
      out.writeEndObject();
    }
    return bytes.toString(StandardCharsets.UTF_8) + "\n";
  }

  /** Writes one definition. */
  private record Writer(TokenizerDefinition definition) {
    void tokenizer(JsonGenerator out) {
      out.writeStringProperty("version", "1.0");
      out.writeNullProperty("truncation");
      out.writeNullProperty("padding");
      out.writeArrayPropertyStart("added_tokens");
      definition.added().stream()
          .sorted(Comparator.comparingInt(AddedToken::id))
          .forEach(token -> added(out, token));
      out.writeEndArray();
      sequence(out, "normalizer", "normalizers", definition.rewrites(), this::rewrite);
      if (bytes()) {
        preTokenizer(out);
      } else if (definition.splitters().isEmpty()) {
        out.writeNullProperty("pre_tokenizer");
      } else {
        throw unsupported(definition.splitters().getFirst());
      }
      postProcessor(out);
      decoder(out);
      model(out);
    }

    private boolean bytes() {
      return definition.symbols() instanceof Symbols.Bytes;
    }

    private void added(JsonGenerator out, AddedToken token) {
      out.writeStartObject();
      out.writeNumberProperty("id", token.id());
      out.writeStringProperty("content", token.text());
      out.writeBooleanProperty("single_word", token.singleWord());
      out.writeBooleanProperty("lstrip", token.leftStrip());
      out.writeBooleanProperty("rstrip", token.rightStrip());
      out.writeBooleanProperty("normalized", false);
      out.writeBooleanProperty("special", token.special());
      out.writeEndObject();
    }

    private <T> void sequence(
        JsonGenerator out, String name, String steps, List<T> list, Step<T> each) {
      if (list.isEmpty()) {
        out.writeNullProperty(name);
        return;
      }
      out.writeObjectPropertyStart(name);
      out.writeStringProperty("type", "Sequence");
      out.writeArrayPropertyStart(steps);
      list.forEach(step -> {
        out.writeStartObject();
        each.write(out, step);
        out.writeEndObject();
      });
      out.writeEndArray();
      out.writeEndObject();
    }

    private interface Step<T> {
      void write(JsonGenerator out, T step);
    }

    private void rewrite(JsonGenerator out, Rewrite rewrite) {
      switch (rewrite) {
        case Rewrite.Unicode c -> out.writeStringProperty("type", c.form().name());
        case Rewrite.Prepend c -> {
          out.writeStringProperty("type", "Prepend");
          out.writeStringProperty("prepend", c.prefix());
        }
        case Rewrite.Replace c -> replace(out, c.what(), c.with());
        case Rewrite.Lead c -> throw unsupported(c);
      }
    }

    private static void replace(JsonGenerator out, String what, String with) {
      out.writeStringProperty("type", "Replace");
      out.writeObjectPropertyStart("pattern");
      out.writeStringProperty("String", what);
      out.writeEndObject();
      out.writeStringProperty("content", with);
    }

    private UnsupportedModelException unsupported(Object step) {
      return new UnsupportedModelException(
          definition.origin(),
          "as tokenizer.json",
          step.toString(),
          "rules of GGUF's vocabularies");
    }

    /** Cuts by pattern, then bytes spelled as letters. */
    private void preTokenizer(JsonGenerator out) {
      List<Object> steps = new ArrayList<>(definition.splitters());
      steps.add(new Symbols.Bytes());
      sequence(
          out,
          "pre_tokenizer",
          "pretokenizers",
          steps,
          (to, step) -> {
            if (step instanceof Splitter splitter) {
              String pattern = Patterns.spelling(splitter);
              if (pattern == null) {
                throw unsupported(step);
              }
              to.writeStringProperty("type", "Split");
              to.writeObjectPropertyStart("pattern");
              to.writeStringProperty("Regex", pattern);
              to.writeEndObject();
              to.writeStringProperty("behavior", "Isolated");
              to.writeBooleanProperty("invert", false);
            } else {
              byteLevel(to);
            }
          });
    }

    private static void byteLevel(JsonGenerator out) {
      out.writeStringProperty("type", "ByteLevel");
      out.writeBooleanProperty("add_prefix_space", false);
      out.writeBooleanProperty("trim_offsets", true);
      out.writeBooleanProperty("use_regex", false);
    }

    private void postProcessor(JsonGenerator out) {
      TokenizerDefinition.Roles roles = definition.roles();
      if (roles.before().isEmpty() && roles.after().isEmpty()) {
        out.writeNullProperty("post_processor");
        return;
      }
      out.writeObjectPropertyStart("post_processor");
      out.writeStringProperty("type", "TemplateProcessing");
      out.writeArrayPropertyStart("single");
      affixed(out, "A", 0);
      out.writeEndArray();
      out.writeArrayPropertyStart("pair");
      affixed(out, "A", 0);
      affixed(out, "B", 1);
      out.writeEndArray();
      out.writeObjectPropertyStart("special_tokens");
      List<Integer> ids = new ArrayList<>(roles.before());
      ids.addAll(roles.after());
      ids.stream()
          .distinct()
          .forEach(id -> {
            out.writeObjectPropertyStart(token(id));
            out.writeStringProperty("id", token(id));
            out.writeArrayPropertyStart("ids");
            out.writeNumber(id);
            out.writeEndArray();
            out.writeArrayPropertyStart("tokens");
            out.writeString(token(id));
            out.writeEndArray();
            out.writeEndObject();
          });
      out.writeEndObject();
      out.writeEndObject();
    }

    private void affixed(JsonGenerator out, String sequence, int type) {
      definition.roles().before().forEach(id -> piece(out, "SpecialToken", token(id), type));
      piece(out, "Sequence", sequence, type);
      definition.roles().after().forEach(id -> piece(out, "SpecialToken", token(id), type));
    }

    private static void piece(JsonGenerator out, String kind, String id, int type) {
      out.writeStartObject();
      out.writeObjectPropertyStart(kind);
      out.writeStringProperty("id", id);
      out.writeNumberProperty("type_id", type);
      out.writeEndObject();
      out.writeEndObject();
    }

    private void decoder(JsonGenerator out) {
      if (bytes()) {
        out.writeObjectPropertyStart("decoder");
        byteLevel(out);
        out.writeEndObject();
        return;
      }
      List<String> steps = new ArrayList<>(List.of("Replace", "ByteFallback", "Fuse"));
      if (definition.dropLeadingSpace()) {
        steps.add("Strip");
      }
      sequence(
          out,
          "decoder",
          "decoders",
          steps,
          (to, step) -> {
            if (step.equals("Replace")) {
              replace(to, SPACE, " ");
              return;
            }
            to.writeStringProperty("type", step);
            if (step.equals("Strip")) {
              to.writeStringProperty("content", " ");
              to.writeNumberProperty("start", 1);
              to.writeNumberProperty("stop", 0);
            }
          });
    }

    private void model(JsonGenerator out) {
      out.writeObjectPropertyStart("model");
      out.writeStringProperty("type", "BPE");
      for (String none : List.of("dropout", "continuing_subword_prefix", "end_of_word_suffix")) {
        out.writeNullProperty(none);
      }
      Symbols.CodePoints points =
          definition.symbols() instanceof Symbols.CodePoints c
              ? c
              : new Symbols.CodePoints(false, null, false);
      out.writeStringProperty("unk_token", points.unknown());
      out.writeBooleanProperty("fuse_unk", points.fuseUnknown());
      out.writeBooleanProperty("byte_fallback", points.byteFallback());
      out.writeBooleanProperty("ignore_merges", definition.ignoreMerges());
      out.writeObjectPropertyStart("vocab");
      definition.vocabulary().entrySet().stream()
          .sorted(Map.Entry.comparingByValue())
          .forEach(token -> out.writeNumberProperty(token.getKey(), token.getValue()));
      out.writeEndObject();
      out.writeArrayPropertyStart("merges");
      for (Merge merge : definition.merges()) {
        out.writeArray(new String[] {merge.left(), merge.right()}, 0, 2);
      }
      out.writeEndArray();
      out.writeEndObject();
    }

    void config(JsonGenerator out, @Nullable String template) {
      TokenizerDefinition.Roles roles = definition.roles();
      role(out, "bos_token", roles.bos());
      role(out, "eos_token", roles.eos());
      role(out, "pad_token", roles.pad());
      if (definition.symbols() instanceof Symbols.CodePoints c && c.unknown() != null) {
        out.writeStringProperty("unk_token", c.unknown());
      }
      out.writeBooleanProperty("clean_up_tokenization_spaces", false);
      out.writeStringProperty("tokenizer_class", "PreTrainedTokenizerFast");
      if (template != null) {
        out.writeStringProperty("chat_template", template);
      }
    }

    private void role(JsonGenerator out, String role, int id) {
      if (id != TokenizerDefinition.NONE) {
        out.writeStringProperty(role, token(id));
      }
    }

    private String token(int id) {
      for (AddedToken token : definition.added()) {
        if (token.id() == id) {
          return token.text();
        }
      }
      return definition.vocabulary().entrySet().stream()
          .filter(e -> e.getValue() == id)
          .findAny()
          .orElseThrow()
          .getKey();
    }
  }
}
