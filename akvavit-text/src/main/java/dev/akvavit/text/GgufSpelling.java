package dev.akvavit.text;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A tokenizer in GGUF's own words: {@link GgufVocabulary} the other way round.
 *
 * <p>SentencePiece's scores are not in {@code tokenizer.json}; the order of its merges is, and a
 * token's score is minus the place of the first merge that makes it.
 *
 * @param vocabulary what goes under {@code tokenizer.ggml.*}, one token a row of the embedding
 * @param unknown the token of {@code unknown_token_id}, or {@link TokenizerDefinition#NONE}
 * @param complete whether reading it back gives the same tokenizer
 * @param lost what other readers of GGUF will not do as this tokenizer does, in words for people
 */
public record GgufSpelling(
    GgufVocabulary vocabulary, int unknown, boolean complete, List<String> lost) {
  /** A score below that of every token which a merge makes. */
  private static final float UNMERGED = -1e6f;

  /**
   * Spells a tokenizer.
   *
   * @param rows of the embedding; ids without a token are filled up
   */
  public static GgufSpelling of(Tokenizer tokenizer, int rows) {
    return new Speller(tokenizer.definition(), rows).spell();
  }

  /** Collects the lists of one vocabulary. */
  private static final class Speller {
    private final TokenizerDefinition definition;
    private final @Nullable String[] tokens;
    private final int[] types;
    private final Map<String, Integer> ids;
    private final List<String> lost = new ArrayList<>();

    Speller(TokenizerDefinition definition, int rows) {
      this.definition = definition;
      ids = new HashMap<>(definition.vocabulary());
      definition.added().forEach(token -> ids.put(token.text(), token.id()));
      int size = ids.values().stream().mapToInt(id -> id + 1).max().orElse(0);
      tokens = new String[Math.max(rows, size)];
      types = new int[tokens.length];
    }

    GgufSpelling spell() {
      name();
      boolean bytes = definition.symbols() instanceof Symbols.Bytes;
      String pre = bytes ? words() : "";
      int unknown = bytes ? TokenizerDefinition.NONE : pieces();
      roles();
      GgufVocabulary vocabulary =
          new GgufVocabulary(
              definition.origin(),
              bytes ? "gpt2" : "llama",
              pre,
              Arrays.asList(tokens),
              types,
              bytes ? new float[0] : scores(),
              bytes ? merges() : List.of(),
              !bytes && prefixed(),
              definition.roles());
      return new GgufSpelling(vocabulary, unknown, isComplete(vocabulary), List.copyOf(lost));
    }

    private void name() {
      Arrays.fill(types, GgufVocabulary.UNUSED);
      ids.forEach((token, id) -> {
        tokens[id] = token;
        types[id] = GgufVocabulary.NORMAL;
      });
      for (AddedToken token : definition.added()) {
        types[token.id()] = token.special() ? GgufVocabulary.CONTROL : GgufVocabulary.USER_DEFINED;
        if (token.singleWord() || token.leftStrip() || token.rightStrip()) {
          lose("the spaces that " + token.text() + " swallows, or the borders it needs");
        }
      }
      Set<String> taken = new HashSet<>(ids.keySet());
      for (int id = 0; id < tokens.length; id++) {
        if (tokens[id] == null) {
          String filler = "[PAD" + id + "]";
          while (!taken.add(filler)) {
            filler = "[" + filler + "]";
          }
          tokens[id] = filler;
        }
      }
    }

    /** Byte-level: the name of the way to cut words; the nearest one where there is none. */
    private String words() {
      String name = GgufWords.nameOf(definition);
      if (name == null) {
        lose("its way to cut words, which has no name there; gpt-2 is written");
        return "gpt-2";
      }
      for (Rewrite rewrite : definition.rewrites()) {
        lose("the change " + rewrite + " to texts before they are cut");
      }
      return name;
    }

    /** SentencePiece: bytes and the unknown token are told by type; returns the latter's id. */
    private int pieces() {
      if (!definition.splitters().isEmpty()) {
        lose("its cuts between words: SentencePiece merges across them");
      }
      ids.forEach((token, id) -> {
        if (token.matches("<0x[0-9A-F]{2}>")) {
          types[id] = GgufVocabulary.BYTE;
        }
      });
      String unknown = ((Symbols.CodePoints) definition.symbols()).unknown();
      Integer id = unknown == null ? null : ids.get(unknown);
      if (id == null) {
        return TokenizerDefinition.NONE;
      }
      types[id] = GgufVocabulary.UNKNOWN;
      return id;
    }

    private boolean prefixed() {
      return definition.rewrites().stream()
          .anyMatch(r -> r instanceof Rewrite.Prepend || r instanceof Rewrite.Lead);
    }

    private float[] scores() {
      float[] scores = new float[tokens.length];
      Arrays.fill(scores, UNMERGED);
      int rank = 0;
      for (Merge merge : definition.merges()) {
        Integer id = ids.get(merge.left() + merge.right());
        if (id != null && scores[id] == UNMERGED) {
          scores[id] = -rank++;
        }
      }
      for (int id = 0; id < scores.length; id++) {
        if (types[id] != GgufVocabulary.NORMAL) {
          scores[id] = 0;
        }
      }
      return scores;
    }

    private List<String> merges() {
      return definition.merges().stream().map(m -> m.left() + " " + m.right()).toList();
    }

    private void roles() {
      TokenizerDefinition.Roles roles = definition.roles();
      if (!(roles.before().isEmpty() || roles.before().equals(List.of(roles.bos())))) {
        lose("documents that begin with more than its begin token");
      }
      if (!(roles.after().isEmpty() || roles.after().equals(List.of(roles.eos())))) {
        lose("documents that end with more than its end token");
      }
    }

    private void lose(String what) {
      if (!lost.contains(what)) {
        lost.add(what);
      }
    }

    private boolean isComplete(GgufVocabulary vocabulary) {
      TokenizerDefinition back = vocabulary.tokenizer().definition();
      Set<AddedToken> added = new HashSet<>(definition.added());
      Map<String, Integer> all = new HashMap<>(back.vocabulary());
      back.added().forEach(token -> all.put(token.text(), token.id()));
      return all.equals(ids)
          && added.equals(new HashSet<>(back.added()))
          && back.merges().equals(definition.merges())
          && back.symbols().equals(definition.symbols())
          && back.ignoreMerges() == definition.ignoreMerges()
          && back.rewrites().equals(definition.rewrites())
          && back.splitters().equals(definition.splitters())
          && back.dropLeadingSpace() == definition.dropLeadingSpace()
          && back.roles().equals(definition.roles());
    }
  }
}
