package dev.akvavit.text.template;

import dev.akvavit.text.Prompt;
import dev.akvavit.text.Prompt.Origin;
import dev.akvavit.text.Prompt.Span;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;

/** A text whose every character is known to come from the template or from a message. */
final class Text implements Value {
  static final Text EMPTY = new Text("", new int[0]);

  private final String string;

  /** Ascending places where the origin changes; the text begins as template. */
  private final int[] changes;

  private Text(String string, int[] changes) {
    this.string = string;
    this.changes = changes;
  }

  static Text template(String string) {
    return new Text(string, new int[0]);
  }

  static Text content(String string) {
    return string.isEmpty() ? EMPTY : new Text(string, new int[] {0});
  }

  /** The characters, whoever wrote them. */
  String string() {
    return string;
  }

  int length() {
    return string.length();
  }

  boolean isEmpty() {
    return string.isEmpty();
  }

  Text slice(int from, int to) {
    int before = 0;
    while (before < changes.length && changes[before] <= from) {
      before++;
    }
    int lead = before & 1;
    int end = before;
    while (end < changes.length && changes[end] < to) {
      end++;
    }
    int[] sliced = new int[lead + end - before];
    for (int i = before; i < end; i++) {
      sliced[lead + i - before] = changes[i] - from;
    }
    return from >= to ? EMPTY : new Text(string.substring(from, to), sliced);
  }

  /** Every run of one origin changed by itself. */
  Text map(UnaryOperator<String> change) {
    Builder out = new Builder();
    for (Span span : spans()) {
      out.append(change.apply(span.text()), span.origin() == Origin.CONTENT);
    }
    return out.text();
  }

  Prompt prompt() {
    return new Prompt(spans());
  }

  private List<Span> spans() {
    List<Span> spans = new ArrayList<>();
    int from = 0;
    for (int i = 0; i <= changes.length; i++) {
      int to = i < changes.length ? changes[i] : string.length();
      spans.add(
          new Span((i & 1) == 0 ? Origin.TEMPLATE : Origin.CONTENT, string.substring(from, to)));
      from = to;
    }
    return spans;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Text text && text.string.equals(string);
  }

  @Override
  public int hashCode() {
    return string.hashCode();
  }

  @Override
  public String toString() {
    return string;
  }

  /** Puts texts together. */
  static final class Builder {
    private final StringBuilder string = new StringBuilder();
    private int[] changes = new int[8];
    private int count;

    Builder append(String piece, boolean content) {
      if (!piece.isEmpty()) {
        origin(content);
        string.append(piece);
      }
      return this;
    }

    Builder append(Text text) {
      int from = 0;
      for (int i = 0; i <= text.changes.length; i++) {
        int to = i < text.changes.length ? text.changes[i] : text.string.length();
        if (to > from) {
          origin((i & 1) == 1);
          string.append(text.string, from, to);
        }
        from = to;
      }
      return this;
    }

    int length() {
      return string.length();
    }

    Text text() {
      return new Text(string.toString(), Arrays.copyOf(changes, count));
    }

    private void origin(boolean content) {
      if (content == ((count & 1) == 1)) {
        return;
      }
      if (count == changes.length) {
        changes = Arrays.copyOf(changes, 2 * count);
      }
      changes[count++] = string.length();
    }
  }
}
