package dev.akvavit.text;

import dev.akvavit.text.Prompt.Origin;
import dev.akvavit.text.Prompt.Span;
import dev.akvavit.text.split.WordBorders;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The added tokens as a trie: finds the leftmost, and of those the longest, in one pass over the
 * text.
 */
final class AddedTokens {
  /** Bounds the walk from each character, so that a pass stays linear. */
  static final int LONGEST = 512;

  private final LongIntMap edges;
  private final List<@Nullable AddedToken> ends = new ArrayList<>();

  AddedTokens(List<AddedToken> tokens, Vocabulary vocabulary) {
    edges = new LongIntMap(16 * tokens.size());
    ends.add(null);
    for (AddedToken token : tokens) {
      if (token.text().isEmpty() || token.text().length() > LONGEST) {
        throw vocabulary.malformed(
            "added_tokens, id " + token.id(),
            token.text().length() + " characters",
            "1 to " + LONGEST);
      }
      insert(token);
    }
  }

  private void insert(AddedToken token) {
    int node = 0;
    for (int i = 0; i < token.text().length(); i++) {
      long edge = edge(node, token.text().charAt(i));
      int child = edges.get(edge);
      if (child == LongIntMap.ABSENT) {
        child = ends.size();
        ends.add(null);
        edges.put(edge, child);
      }
      node = child;
    }
    ends.set(node, token);
  }

  private static long edge(int node, char c) {
    return (long) node << 16 | c;
  }

  Search search(Prompt prompt) {
    return new Search(prompt);
  }

  /** One pass over a prompt. */
  final class Search {
    private final String text;
    private final List<Span> spans;
    private int span;
    private int spanEnd;
    private int at;
    private int start;
    private int end;
    private int id;

    private Search(Prompt prompt) {
      text = prompt.text();
      spans = prompt.spans();
      spanEnd = spans.isEmpty() ? 0 : spans.getFirst().text().length();
    }

    String text() {
      return text;
    }

    /** Start of the token found, with the white space it swallows. */
    int start() {
      return start;
    }

    int end() {
      return end;
    }

    int id() {
      return id;
    }

    /** Finds the next token; false at the end of the text. */
    boolean next() {
      int free = at;
      while (at < text.length()) {
        AddedToken token = longest();
        if (token == null) {
          at++;
          continue;
        }
        int stop = at + token.text().length();
        if (token.singleWord() && !WordBorders.around(text, at, stop)) {
          at = stop;
          continue;
        }
        id = token.id();
        start = token.leftStrip() ? WordBorders.spacesBefore(text, free, at) : at;
        end = token.rightStrip() ? WordBorders.spacesAfter(text, stop) : stop;
        at = end;
        return true;
      }
      return false;
    }

    private @Nullable AddedToken longest() {
      while (at >= spanEnd) {
        spanEnd += spans.get(++span).text().length();
      }
      int controlEnd = spans.get(span).origin() == Origin.TEMPLATE ? spanEnd : at;
      AddedToken best = null;
      int node = 0;
      for (int i = at; i < text.length(); i++) {
        node = edges.get(edge(node, text.charAt(i)));
        if (node == LongIntMap.ABSENT) {
          break;
        }
        AddedToken token = ends.get(node);
        if (token != null && (i < controlEnd || !token.control())) {
          best = token;
        }
      }
      return best;
    }
  }
}
