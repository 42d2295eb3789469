package dev.akvavit.text;

import dev.akvavit.text.TokenizerDefinition.Roles;
import dev.akvavit.text.json.JsonValue;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads a {@link TokenizerDefinition} from {@code tokenizer.json} and {@code
 * tokenizer_config.json}.
 */
final class TokenizerJson {
  private final JsonValue root;
  private final JsonValue config;
  private final Map<String, Integer> vocabulary = new HashMap<>();
  private final List<AddedToken> added = new ArrayList<>();

  private TokenizerJson(JsonValue root, JsonValue config) {
    this.root = root;
    this.config = config;
  }

  static TokenizerDefinition read(JsonValue root, JsonValue config) {
    return new TokenizerJson(root, config).definition();
  }

  private TokenizerDefinition definition() {
    JsonValue model = root.get("model");
    checkModel(model);
    model.get("vocab").members().forEach((token, id) -> vocabulary.put(token, id(id)));
    root.get("added_tokens").items().forEach(this::addToken);
    PipelineJson pipeline = new PipelineJson(root);
    return new TokenizerDefinition(
        root.file(),
        vocabulary,
        merges(model.get("merges")),
        symbols(model, pipeline.byteLevel()),
        model.get("ignore_merges").flag(false),
        added,
        pipeline.rewrites(),
        pipeline.splitters(),
        pipeline.dropLeadingSpace(),
        roles());
  }

  private static void checkModel(JsonValue model) {
    if (!model.get("type").text().equals("BPE")) {
      throw model.get("type").unsupported("BPE");
    }
    for (String affix : List.of("continuing_subword_prefix", "end_of_word_suffix")) {
      String value = model.get(affix).textOrNull();
      if (value != null && !value.isEmpty()) {
        throw model.get(affix).unsupported("none");
      }
    }
    if (!model.get("dropout").missing()) {
      throw model.get("dropout").unsupported("none: tokens must not depend on chance");
    }
  }

  private Symbols symbols(JsonValue model, boolean byteLevel) {
    if (byteLevel) {
      return new Symbols.Bytes();
    }
    JsonValue unknown = model.get("unk_token");
    if (!unknown.missing()) {
      known(unknown);
    }
    return new Symbols.CodePoints(
        model.get("byte_fallback").flag(false),
        unknown.textOrNull(),
        model.get("fuse_unk").flag(false));
  }

  private static List<Merge> merges(JsonValue merges) {
    List<Merge> list = new ArrayList<>();
    for (JsonValue merge : merges.items()) {
      list.add(merge.value() instanceof String text ? merge(merge, text) : pair(merge));
    }
    return list;
  }

  private static Merge merge(JsonValue merge, String text) {
    int space = text.indexOf(' ');
    if (space < 1 || space == text.length() - 1 || text.indexOf(' ', space + 1) >= 0) {
      throw merge.malformed("two tokens with one space between");
    }
    return new Merge(text.substring(0, space), text.substring(space + 1));
  }

  private static Merge pair(JsonValue merge) {
    List<JsonValue> pair = merge.items();
    if (pair.size() != 2) {
      throw merge.malformed("two tokens");
    }
    return new Merge(pair.get(0).text(), pair.get(1).text());
  }

  private void addToken(JsonValue token) {
    added.add(
        new AddedToken(
            id(token.get("id")),
            token.get("content").text(),
            token.get("special").flag(false),
            token.get("single_word").flag(false),
            token.get("lstrip").flag(false),
            token.get("rstrip").flag(false)));
  }

  private Roles roles() {
    int bos = role("bos_token");
    int eos = role("eos_token");
    List<Integer> before = new ArrayList<>();
    List<Integer> after = new ArrayList<>();
    template(root.get("post_processor"), before, after);
    affix("add_bos_token", bos, before);
    affix("add_eos_token", eos, after);
    if (bos < 0 && before.size() == 1) {
      bos = before.getFirst();
    }
    return new Roles(bos, eos, role("pad_token"), List.copyOf(before), List.copyOf(after));
  }

  /** The configuration's word, where it gives one, goes before the post-processor's. */
  private void affix(String flag, int token, List<Integer> ids) {
    JsonValue add = config.get(flag);
    if (!add.missing()) {
      ids.clear();
      if (add.flag(false) && token >= 0) {
        ids.add(token);
      }
    }
  }

  private int role(String key) {
    JsonValue token = config.get(key);
    if (token.value() instanceof Map) {
      token = token.get("content");
    }
    return token.missing() ? TokenizerDefinition.NONE : known(token);
  }

  private static void template(JsonValue step, List<Integer> before, List<Integer> after) {
    if (step.missing()) {
      return;
    }
    switch (step.get("type").text()) {
      case "Sequence" -> step.get("processors").items().forEach(s -> template(s, before, after));
      case "ByteLevel" -> {}
      case "TemplateProcessing" -> {
        List<Integer> ids = before;
        for (JsonValue piece : step.get("single").items()) {
          JsonValue special = piece.get("SpecialToken");
          if (special.missing()) {
            ids = after;
          } else {
            String name = special.get("id").text();
            for (JsonValue id : step.get("special_tokens").get(name).get("ids").items()) {
              ids.add(id(id));
            }
          }
        }
      }
      default -> throw step.get("type").unsupported("Sequence, ByteLevel, TemplateProcessing");
    }
  }

  private int known(JsonValue token) {
    @Nullable Integer id = vocabulary.get(token.text());
    for (AddedToken candidate : added) {
      if (id == null && candidate.text().equals(token.text())) {
        id = candidate.id();
      }
    }
    if (id == null) {
      throw token.malformed("a token of " + root.file());
    }
    return id;
  }

  private static int id(JsonValue id) {
    return id.index(Integer.MAX_VALUE);
  }
}
