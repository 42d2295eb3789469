package dev.akvavit.text;

import dev.akvavit.text.json.JsonValue;
import dev.akvavit.text.split.AfterLiteral;
import dev.akvavit.text.split.Metaspaces;
import dev.akvavit.text.split.Patterns;
import dev.akvavit.text.split.Splitter;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads {@code normalizer}, {@code pre_tokenizer} and {@code decoder}; what we would do differently
 * is refused by name.
 */
final class PipelineJson {
  /** Bounds how far a replacement can blow a text up, and what a search for a string costs. */
  private static final int REPLACEMENT = 16;

  private static final String SIGN = String.valueOf(Metaspaces.SIGN);

  private final List<Rewrite> rewrites = new ArrayList<>();
  private final List<Splitter> splitters = new ArrayList<>();
  private boolean byteLevel;
  private boolean dropLeadingSpace;

  PipelineJson(JsonValue root) {
    normalizer(root.get("normalizer"));
    preTokenizer(root.get("pre_tokenizer"));
    JsonValue decoder = root.get("decoder");
    if (byteLevel) {
      byteLevelDecoder(decoder);
    } else {
      sentencePieceDecoder(decoder);
    }
  }

  List<Rewrite> rewrites() {
    return rewrites;
  }

  List<Splitter> splitters() {
    return splitters;
  }

  boolean byteLevel() {
    return byteLevel;
  }

  boolean dropLeadingSpace() {
    return dropLeadingSpace;
  }

  private void normalizer(JsonValue step) {
    if (step.missing()) {
      return;
    }
    switch (step.get("type").text()) {
      case "Sequence" -> step.get("normalizers").items().forEach(this::normalizer);
      case "NFC" -> rewrites.add(new Rewrite.Unicode(Normalizer.Form.NFC));
      case "NFD" -> rewrites.add(new Rewrite.Unicode(Normalizer.Form.NFD));
      case "NFKC" -> rewrites.add(new Rewrite.Unicode(Normalizer.Form.NFKC));
      case "NFKD" -> rewrites.add(new Rewrite.Unicode(Normalizer.Form.NFKD));
      case "Prepend" -> rewrites.add(new Rewrite.Prepend(replacement(step.get("prepend"))));
      case "Replace" -> {
        String what = literal(step.get("pattern"));
        rewrites.add(new Rewrite.Replace(what, replacement(step.get("content"))));
      }
      default ->
          throw step.get("type").unsupported("Sequence, NFC, NFD, NFKC, NFKD, Prepend, Replace");
    }
  }

  private void preTokenizer(JsonValue step) {
    if (step.missing()) {
      return;
    }
    switch (step.get("type").text()) {
      case "Sequence" -> step.get("pretokenizers").items().forEach(this::preTokenizer);
      case "Split" -> splitters.add(split(step));
      case "Digits" ->
          splitters.add(
              step.get("individual_digits").flag(false)
                  ? Patterns.EACH_DIGIT
                  : Patterns.DIGIT_RUNS);
      case "ByteLevel" -> byteLevel(step);
      case "Metaspace" -> metaspace(step);
      default ->
          throw step.get("type").unsupported("Sequence, Split, Digits, ByteLevel, Metaspace");
    }
  }

  private static Splitter split(JsonValue step) {
    if (step.get("invert").flag(false)) {
      throw step.get("invert").unsupported("false");
    }
    JsonValue behavior = step.get("behavior");
    if (!step.get("pattern").get("String").missing()) {
      if (!behavior.text().equals("MergedWithPrevious")) {
        throw behavior.unsupported("MergedWithPrevious for a string");
      }
      return new AfterLiteral(literal(step.get("pattern")));
    }
    if (!behavior.text().equals("Isolated")) {
      throw behavior.unsupported("Isolated for a regular expression");
    }
    JsonValue pattern = step.get("pattern").get("Regex");
    Splitter splitter = Patterns.known(pattern.text());
    if (splitter == null) {
      throw pattern.unsupported(Patterns.names());
    }
    return splitter;
  }

  private void byteLevel(JsonValue step) {
    byteLevel = true;
    JsonValue prefix = step.get("add_prefix_space");
    if (prefix.flag(true)) {
      if (!splitters.isEmpty()) {
        throw prefix.unsupported("false behind other pre-tokenizers");
      }
      rewrites.add(new Rewrite.Lead(" ", false));
    }
    if (step.get("use_regex").flag(true)) {
      splitters.add(Patterns.GPT2);
    }
  }

  private void metaspace(JsonValue step) {
    sign(step.get("replacement"));
    rewrites.add(new Rewrite.Replace(" ", SIGN));
    switch (scheme(step)) {
      case "always" -> rewrites.add(new Rewrite.Lead(SIGN, false));
      case "first" -> rewrites.add(new Rewrite.Lead(SIGN, true));
      case "never" -> {}
      default -> throw step.get("prepend_scheme").unsupported("always, first, never");
    }
    if (step.get("split").flag(true)) {
      splitters.add(new Metaspaces());
    }
  }

  /** Files before 2024 say it with a flag. */
  private static String scheme(JsonValue step) {
    JsonValue scheme = step.get("prepend_scheme");
    if (!scheme.missing()) {
      return scheme.text();
    }
    return step.get("add_prefix_space").flag(true) ? "always" : "never";
  }

  private static void byteLevelDecoder(JsonValue decoder) {
    if (decoder.missing() || !decoder.get("type").text().equals("ByteLevel")) {
      throw decoder.get("type").unsupported("ByteLevel with a ByteLevel pre_tokenizer");
    }
  }

  private void sentencePieceDecoder(JsonValue step) {
    switch (String.valueOf(step.get("type").textOrNull())) {
      case "Sequence" -> step.get("decoders").items().forEach(this::sentencePieceDecoder);
      case "Replace" -> {
        sign(step.get("pattern").get("String"));
        if (!step.get("content").text().equals(" ")) {
          throw step.get("content").unsupported("a space");
        }
      }
      case "ByteFallback", "Fuse" -> {}
      case "Strip" -> strip(step);
      case "Metaspace" -> {
        sign(step.get("replacement"));
        dropLeadingSpace = !scheme(step).equals("never");
      }
      default ->
          throw step.get("type")
              .unsupported("Sequence, Replace, ByteFallback, Fuse, Strip, Metaspace");
    }
  }

  private void strip(JsonValue step) {
    if (!step.get("content").text().equals(" ")) {
      throw step.get("content").unsupported("a space");
    }
    if (step.get("stop").index(Integer.MAX_VALUE) != 0) {
      throw step.get("stop").unsupported("0");
    }
    int start = step.get("start").index(Integer.MAX_VALUE);
    if (start > 1) {
      throw step.get("start").unsupported("0 or 1");
    }
    dropLeadingSpace = start == 1;
  }

  private static void sign(JsonValue sign) {
    if (!sign.text().equals(SIGN)) {
      throw sign.unsupported(SIGN);
    }
  }

  private static String literal(JsonValue pattern) {
    String literal = pattern.get("String").textOrNull();
    if (literal == null || literal.isEmpty() || literal.length() > REPLACEMENT) {
      throw pattern.unsupported("{\"String\": …} of 1 to " + REPLACEMENT + " characters");
    }
    return literal;
  }

  private static String replacement(JsonValue value) {
    if (value.text().length() > REPLACEMENT) {
      throw value.unsupported("at most " + REPLACEMENT + " characters");
    }
    return value.text();
  }
}
