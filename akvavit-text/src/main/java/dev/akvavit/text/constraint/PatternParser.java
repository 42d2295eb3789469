package dev.akvavit.text.constraint;

import java.util.ArrayList;
import java.util.List;

/**
 * Reads the part of ECMA-262's regular expressions that is regular and means the same to every
 * validator; anything else is refused by name. Where dialects differ ({@code .}, {@code \s}), the
 * set is the part they share.
 */
final class PatternParser {
  private static final String MARKS = "^$\\.*+?()[]{}|/-";
  private static final CodePoints DIGIT = CodePoints.of('0', '9');
  private static final CodePoints WORD =
      DIGIT.or(CodePoints.of('a', 'z')).or(CodePoints.of('A', 'Z')).or(CodePoints.of('_'));
  private static final CodePoints SPACE = CodePoints.of(9, 13).or(CodePoints.of(' '));
  private static final CodePoints ANY_SPACE =
      SPACE
          .or(CodePoints.anyOf("\u0085\u00A0\u1680\u2028\u2029\u202F\u205F\u3000\uFEFF"))
          .or(CodePoints.of(0x2000, 0x200A));
  private static final CodePoints DOT =
      CodePoints.ALL.without(CodePoints.anyOf("\n\r\u0085\u2028\u2029"));

  private final AutomatonBuilder builder;
  private final String source;
  private int at;
  private int depth;

  private PatternParser(AutomatonBuilder builder, String source) {
    this.builder = builder;
    this.source = source;
  }

  /** The alternatives of a pattern, each an {@link Pattern.Anchored}. */
  static List<Pattern.Anchored> parse(AutomatonBuilder builder, String source) {
    return new PatternParser(builder, source).whole();
  }

  private List<Pattern.Anchored> whole() {
    List<Pattern.Anchored> alternatives = new ArrayList<>();
    do {
      boolean fromStart = take('^');
      Pattern body = sequence();
      boolean toEnd = take('$');
      alternatives.add(new Pattern.Anchored(body, fromStart, toEnd));
    } while (take('|'));
    if (at < source.length()) {
      throw refused("\"" + source.charAt(at) + "\" in this place");
    }
    return alternatives;
  }

  private Pattern choice() {
    if (++depth > builder.limits().depth()) {
      throw refused("groups nested deeper than " + builder.limits().depth());
    }
    List<Pattern> options = new ArrayList<>();
    do {
      options.add(sequence());
    } while (take('|'));
    depth--;
    return options.size() == 1 ? options.getFirst() : new Pattern.Choice(options);
  }

  private Pattern sequence() {
    List<Pattern> parts = new ArrayList<>();
    while (at < source.length() && "|)$".indexOf(source.charAt(at)) < 0) {
      builder.spend(1);
      parts.add(repeated(atom()));
    }
    return new Pattern.Sequence(parts);
  }

  private Pattern atom() {
    if (take('(')) {
      if (take('?') && !take(':')) {
        throw refused("groups that begin with \"(?\" but not \"(?:\"");
      }
      Pattern inner = choice();
      if (!take(')')) {
        throw refused("a group without its end, or \"$\" within one");
      }
      return inner;
    }
    if (take('[')) {
      return new Pattern.One(set());
    }
    if (take('.')) {
      return new Pattern.One(DOT);
    }
    if (take('\\')) {
      return new Pattern.One(escape(false));
    }
    int c = source.codePointAt(at);
    if ("^*+?{}]".indexOf(c) >= 0) {
      throw refused("\"" + (char) c + "\" in this place");
    }
    at += Character.charCount(c);
    return new Pattern.One(CodePoints.of(c));
  }

  private Pattern repeated(Pattern body) {
    int least;
    int most = AutomatonBuilder.UNBOUNDED;
    if (take('*')) {
      least = 0;
    } else if (take('+')) {
      least = 1;
    } else if (take('?')) {
      least = 0;
      most = 1;
    } else if (take('{')) {
      least = count();
      most = take(',') ? peek('}') ? AutomatonBuilder.UNBOUNDED : count() : least;
      if (!take('}') || most >= 0 && most < least) {
        throw refused("a count that is no {n}, {n,} or {n,m}");
      }
    } else {
      return body;
    }
    take('?'); // lazy or not, the same texts match
    if (peek('*') || peek('+') || peek('?') || peek('{')) {
      throw refused("a repetition of a repetition without a group");
    }
    return new Pattern.Repeat(body, least, most);
  }

  private int count() {
    int start = at;
    int count = 0;
    while (at < source.length() && Character.digit(source.charAt(at), 10) >= 0) {
      count = 10 * count + Character.digit(source.charAt(at++), 10);
      if (count > builder.limits().repetition()) {
        throw refused("a count above " + builder.limits().repetition());
      }
    }
    if (at == start) {
      throw refused("a count that is no {n}, {n,} or {n,m}");
    }
    return count;
  }

  /** The rest of {@code [...]}. */
  private CodePoints set() {
    boolean negated = take('^');
    List<CodePoints> parts = new ArrayList<>();
    while (!take(']')) {
      builder.spend(1);
      CodePoints low = member(negated);
      if (peek('-') && at + 1 < source.length() && source.charAt(at + 1) != ']') {
        at++;
        CodePoints high = member(negated);
        int first = single(low);
        int last = single(high);
        if (last < first) {
          throw refused("a range whose end lies before its start");
        }
        parts.add(CodePoints.of(first, last));
      } else {
        parts.add(low);
      }
    }
    CodePoints set = CodePoints.union(parts);
    return negated ? CodePoints.ALL.without(set) : set;
  }

  private CodePoints member(boolean negated) {
    if (at >= source.length()) {
      throw refused("\"[\" without \"]\"");
    }
    if (take('\\')) {
      return escape(negated);
    }
    int c = source.codePointAt(at);
    if (c == '[' || source.startsWith("&&", at)) {
      throw refused("\"[\" or \"&&\" within a class");
    }
    at += Character.charCount(c);
    return CodePoints.of(c);
  }

  private int single(CodePoints set) {
    if (set.ranges().size() != 1
        || set.ranges().getFirst().low() != set.ranges().getFirst().high()) {
      throw refused("a range between things that are no single characters");
    }
    return set.ranges().getFirst().low();
  }

  /** What follows a backslash; under a negation the wider of two readings is the safe one. */
  private CodePoints escape(boolean negated) {
    if (at >= source.length()) {
      throw refused("a backslash at the end");
    }
    char c = source.charAt(at++);
    return switch (c) {
      case 'd' -> DIGIT;
      case 'D' -> CodePoints.ALL.without(DIGIT);
      case 'w' -> WORD;
      case 'W' -> CodePoints.ALL.without(WORD);
      case 's' -> negated ? ANY_SPACE : SPACE;
      case 'S' -> CodePoints.ALL.without(negated ? SPACE : ANY_SPACE);
      case 'n' -> CodePoints.of('\n');
      case 'r' -> CodePoints.of('\r');
      case 't' -> CodePoints.of('\t');
      case 'f' -> CodePoints.of('\f');
      case 'v' -> CodePoints.of(0x0B);
      case 'x' -> hex(2);
      case 'u' -> hex(4);
      default -> {
        if (MARKS.indexOf(c) < 0) {
          throw refused("\"\\" + c + "\"");
        }
        yield CodePoints.of(c);
      }
    };
  }

  private CodePoints hex(int digits) {
    int value = 0;
    for (int i = 0; i < digits; i++) {
      int digit = at < source.length() ? Character.digit(source.charAt(at++), 16) : -1;
      if (digit < 0) {
        throw refused("an escape without its " + digits + " hexadecimal digits");
      }
      value = 16 * value + digit;
    }
    if (Character.isSurrogate((char) value)) {
      throw refused("half of a surrogate pair; write the character itself");
    }
    return CodePoints.of(value);
  }

  private boolean peek(char c) {
    return at < source.length() && source.charAt(at) == c;
  }

  private boolean take(char c) {
    if (peek(c)) {
      at++;
      return true;
    }
    return false;
  }

  private SchemaException refused(String what) {
    return new SchemaException(
        builder.path(), "pattern", what + " (character " + at + ") is not supported; see the list");
  }
}
