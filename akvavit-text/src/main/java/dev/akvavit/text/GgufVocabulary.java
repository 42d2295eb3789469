package dev.akvavit.text;

import dev.akvavit.core.MalformedFileException;
import dev.akvavit.core.UnsupportedModelException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A tokenizer as GGUF metadata has it: a list of tokens with a type each, and merges (byte-level
 * BPE) or scores (SentencePiece). Whoever read the file hands the values over.
 *
 * @param origin the file, for messages
 * @param model {@code tokenizer.ggml.model}: {@code gpt2} or {@code llama}
 * @param pre {@code tokenizer.ggml.pre}: how byte-level text is cut into words; empty when absent
 * @param tokens spelling by id
 * @param types 1 normal, 2 unknown, 3 control, 4 user-defined, 5 unused, 6 byte; empty for all
 *     normal
 * @param scores by id, best highest; used by {@code llama}
 * @param merges two tokens with a space between, best first; used by {@code gpt2}
 * @param spacePrefix whether a text begins with a space of SentencePiece's own
 * @param roles tokens with a meaning of their own
 */
public record GgufVocabulary(
    String origin,
    String model,
    String pre,
    List<String> tokens,
    int[] types,
    float[] scores,
    List<String> merges,
    boolean spacePrefix,
    TokenizerDefinition.Roles roles) {
  private static final String FIELD = "tokenizer.ggml.";
  static final int NORMAL = 1;
  static final int UNKNOWN = 2;
  static final int CONTROL = 3;
  static final int USER_DEFINED = 4;
  static final int UNUSED = 5;
  static final int BYTE = 6;

  private static final String SPACE = "▁";

  /**
   * The tokenizer.
   *
   * @throws MalformedFileException when lists differ in length, a token is there twice, or an id is
   *     none
   * @throws UnsupportedModelException for a model or a way to cut words that is not known here
   */
  public Tokenizer tokenizer() {
    checkLengths();
    return new Tokenizer(
        switch (model) {
          case "gpt2" -> bytes();
          case "llama" -> sentencePiece();
          default ->
              throw new UnsupportedModelException(origin, FIELD + "model", model, "gpt2, llama");
        });
  }

  private void checkLengths() {
    length("token_type", types.length);
    length("scores", scores.length);
    int[] ids = {roles.bos(), roles.eos(), roles.pad()};
    for (int id : ids) {
      if (id != TokenizerDefinition.NONE && (id < 0 || id >= tokens.size())) {
        throw new MalformedFileException(
            origin, FIELD + "*_token_id", "" + id, "ids below " + tokens.size());
      }
    }
  }

  private void length(String list, int found) {
    if (found != 0 && found != tokens.size()) {
      throw new MalformedFileException(
          origin, FIELD + list, found + " elements", tokens.size() + ", one a token");
    }
  }

  private TokenizerDefinition bytes() {
    GgufWords words = GgufWords.of(pre, origin);
    List<Merge> pairs = new ArrayList<>(merges.size());
    for (String merge : merges) {
      int space = merge.indexOf(' ', 1); // a token may begin with a space, never hold one
      if (space < 1 || space == merge.length() - 1) {
        throw new MalformedFileException(
            origin,
            FIELD + "merges[" + pairs.size() + "]",
            '"' + merge + '"',
            "two tokens with one space between");
      }
      pairs.add(new Merge(merge.substring(0, space), merge.substring(space + 1)));
    }
    return new TokenizerDefinition(
        origin,
        vocabulary(),
        pairs,
        new Symbols.Bytes(),
        words.ignoreMerges(),
        added(),
        words.rewrites(),
        words.splitters(),
        false,
        roles);
  }

  /**
   * SentencePiece merges the neighbours whose union has the best score, so every way to cut a token
   * in two tokens is a merge; among those of one score the parts that come first in the vocabulary
   * go first, as Hugging Face's converter orders them.
   */
  private TokenizerDefinition sentencePiece() {
    Map<String, Integer> vocabulary = vocabulary();
    record Scored(Merge merge, int left, int right, float score) {}
    List<Scored> merges = new ArrayList<>();
    for (int id = 0; id < tokens.size(); id++) {
      String token = tokens.get(id);
      if (type(id) != NORMAL) {
        continue;
      }
      for (int at = 1; at < token.length(); at++) {
        Integer left = vocabulary.get(token.substring(0, at));
        Integer right = vocabulary.get(token.substring(at));
        if (left != null && right != null && type(left) == NORMAL && type(right) == NORMAL) {
          Merge merge = new Merge(tokens.get(left), tokens.get(right));
          merges.add(new Scored(merge, left, right, score(id)));
        }
      }
    }
    merges.sort(
        Comparator.comparingDouble((Scored s) -> -s.score)
            .thenComparingInt(Scored::left)
            .thenComparingInt(Scored::right));
    List<Rewrite> rewrites = new ArrayList<>();
    if (spacePrefix) {
      rewrites.add(new Rewrite.Prepend(SPACE));
    }
    rewrites.add(new Rewrite.Replace(" ", SPACE));
    return new TokenizerDefinition(
        origin,
        vocabulary,
        merges.stream().map(Scored::merge).toList(),
        new Symbols.CodePoints(true, unknown(), true),
        false,
        added(),
        rewrites,
        List.of(),
        spacePrefix,
        roles);
  }

  private int type(int id) {
    return types.length == 0 ? NORMAL : types[id];
  }

  private float score(int id) {
    return scores.length == 0 ? 0 : scores[id];
  }

  private @Nullable String unknown() {
    for (int id = 0; id < tokens.size(); id++) {
      if (type(id) == UNKNOWN || tokens.get(id).equals("<unk>")) {
        return tokens.get(id);
      }
    }
    return null;
  }

  private Map<String, Integer> vocabulary() {
    Map<String, Integer> ids = HashMap.newHashMap(tokens.size());
    for (int id = 0; id < tokens.size(); id++) {
      if (type(id) < NORMAL || type(id) > BYTE) {
        throw new MalformedFileException(
            origin, FIELD + "token_type[" + id + "]", "" + type(id), "1 to 6");
      }
      if (type(id) == UNUSED) {
        continue;
      }
      Integer before = ids.put(tokens.get(id), id);
      if (before != null) {
        throw new MalformedFileException(
            origin,
            FIELD + "tokens[" + id + "]",
            "the token of id " + before + " again",
            "each token once");
      }
    }
    return ids;
  }

  private List<AddedToken> added() {
    List<AddedToken> added = new ArrayList<>();
    for (int id = 0; id < tokens.size(); id++) {
      boolean special = type(id) == CONTROL || type(id) == UNKNOWN;
      if ((special || type(id) == USER_DEFINED) && !tokens.get(id).isEmpty()) {
        added.add(new AddedToken(id, tokens.get(id), special, false, false, false));
      }
    }
    return added;
  }
}
