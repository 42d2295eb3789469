package dev.akvavit.text.template;

import dev.akvavit.core.UnsupportedModelException;
import dev.akvavit.text.template.Token.Kind;
import java.util.ArrayList;
import java.util.List;

/**
 * Cuts template source into tokens, white space as Hugging Face sets it: {@code trim_blocks} (a tag
 * eats the line break behind it) and {@code lstrip_blocks} (a tag alone on its line eats the indent
 * before it), {@code -} and {@code +} as usual; the last line break of the template is not part of
 * it.
 */
final class Lexer {
  private static final List<String> LONG_SIGNS = List.of("//", "**", "==", "!=", ">=", "<=");
  private static final String SIGNS = "+-/*%~[](){}=<>.:|,;";

  private final String file;
  private final String source;
  private final List<Token> tokens = new ArrayList<>();
  private int at;
  private int line = 1;

  private Lexer(String file, String source) {
    this.file = file;
    String text = source.replace("\r\n", "\n").replace('\r', '\n');
    this.source = text.endsWith("\n") ? text.substring(0, text.length() - 1) : text;
  }

  static List<Token> tokens(String file, String source) {
    Lexer lexer = new Lexer(file, source);
    lexer.template();
    return lexer.tokens;
  }

  private void template() {
    boolean trimLeft = false;
    boolean trimLine = false;
    while (at < source.length()) {
      int open = nextOpen();
      int from = at;
      if (trimLeft) {
        while (from < open && Strings.space(source.charAt(from))) {
          from++;
        }
      } else if (trimLine && from < open && source.charAt(from) == '\n') {
        from++;
      }
      data(from, open);
      if (open == source.length()) {
        break;
      }
      char kind = source.charAt(open + 1);
      at = open + 2;
      if (at < source.length() && (source.charAt(at) == '-' || source.charAt(at) == '+')) {
        at++;
      }
      trimLeft = kind == '#' ? comment() : tag(kind == '{');
      trimLine = kind != '{' && source.charAt(at - 3) != '+';
    }
    add(Kind.END, "");
  }

  /** The next opening brace pair, or the end. */
  private int nextOpen() {
    for (int i = source.indexOf('{', at);
        i >= 0 && i + 1 < source.length();
        i = source.indexOf('{', i + 1)) {
      if ("{%#".indexOf(source.charAt(i + 1)) >= 0) {
        return i;
      }
    }
    return source.length();
  }

  private void data(int from, int open) {
    int to = open;
    if (open < source.length()) {
      char mark = open + 2 < source.length() ? source.charAt(open + 2) : ' ';
      if (mark == '-') {
        while (to > from && Strings.space(source.charAt(to - 1))) {
          to--;
        }
      } else if (source.charAt(open + 1) != '{' && mark != '+') {
        to = indentStart(from, open);
      }
    }
    if (to > from) {
      advance(from);
      tokens.add(new Token(Kind.DATA, source.substring(from, to), line));
    }
    advance(open);
  }

  /**
   * Where the indent of a tag that begins its line starts; {@code open} when something stands
   * before it.
   */
  private int indentStart(int from, int open) {
    int start = open;
    while (start > from && (source.charAt(start - 1) == ' ' || source.charAt(start - 1) == '\t')) {
      start--;
    }
    boolean lineStart = start == 0 || source.charAt(start - 1) == '\n';
    return lineStart ? start : open;
  }

  private boolean comment() {
    int end = source.indexOf("#}", at);
    if (end < 0) {
      throw refused("{# without #}", "closed comments");
    }
    boolean trim = source.charAt(end - 1) == '-';
    advance(end + 2);
    return trim;
  }

  /** Reads to the end of a tag; whether it eats the white space behind it. */
  private boolean tag(boolean print) {
    add(print ? Kind.OPEN_PRINT : Kind.OPEN_TAG, print ? "{{" : "{%");
    String close = print ? "}}" : "%}";
    int braces = 0;
    while (true) {
      while (at < source.length() && Strings.space(source.charAt(at))) {
        advance(at + 1);
      }
      if (at >= source.length()) {
        throw refused("a tag without " + close, "closed tags");
      }
      char c = source.charAt(at);
      boolean marked = c == '-' || c == '+' && !print;
      if (braces == 0 && source.startsWith(close, marked ? at + 1 : at)) {
        add(print ? Kind.CLOSE_PRINT : Kind.CLOSE_TAG, close);
        at += marked ? 3 : 2;
        return c == '-';
      }
      braces += c == '{' ? 1 : c == '}' ? -1 : 0;
      token(c);
    }
  }

  private void token(char c) {
    if (Character.isLetter(c) || c == '_') {
      int end = at;
      while (end < source.length() && nameChar(source.charAt(end))) {
        end++;
      }
      take(Kind.NAME, end);
    } else if (c >= '0' && c <= '9') {
      number();
    } else if (c == '\'' || c == '"') {
      string(c);
    } else {
      sign();
    }
  }

  private static boolean nameChar(char c) {
    return Character.isLetterOrDigit(c) || c == '_';
  }

  private void number() {
    int end = digits(at);
    boolean real = false;
    if (digits(end + 1) > end + 1 && source.charAt(end) == '.') {
      end = digits(end + 1);
      real = true;
    }
    if (end < source.length() && (source.charAt(end) == 'e' || source.charAt(end) == 'E')) {
      boolean signed = end + 1 < source.length() && "+-".indexOf(source.charAt(end + 1)) >= 0;
      int exponent = end + (signed ? 2 : 1);
      if (digits(exponent) > exponent) {
        end = digits(exponent);
        real = true;
      }
    }
    if (end - at > 18) {
      throw refused("the number " + source.substring(at, end), "numbers of at most 18 digits");
    }
    take(real ? Kind.REAL : Kind.WHOLE, end);
  }

  private int digits(int from) {
    int end = from;
    while (end < source.length() && source.charAt(end) >= '0' && source.charAt(end) <= '9') {
      end++;
    }
    return end;
  }

  private void string(char quote) {
    StringBuilder value = new StringBuilder();
    int i = at + 1;
    while (i < source.length() && source.charAt(i) != quote) {
      char c = source.charAt(i++);
      if (c == '\\' && i < source.length()) {
        i = escape(i, value);
      } else {
        value.append(c);
      }
    }
    if (i >= source.length()) {
      throw refused("a string without its closing " + quote, "closed strings");
    }
    tokens.add(new Token(Kind.STRING, value.toString(), line));
    advance(i + 1);
  }

  /** Python's escapes; an unknown one keeps its backslash. */
  private int escape(int i, StringBuilder value) {
    char c = source.charAt(i);
    switch (c) {
      case 'n' -> value.append('\n');
      case 't' -> value.append('\t');
      case 'r' -> value.append('\r');
      case 'b' -> value.append('\b');
      case 'f' -> value.append('\f');
      case '0' -> value.append('\0');
      case '\\', '\'', '"' -> value.append(c);
      case '\n' -> {}
      case 'u' -> {
        return hex(i + 1, 4, value);
      }
      case 'U' -> {
        return hex(i + 1, 8, value);
      }
      case 'x' -> {
        return hex(i + 1, 2, value);
      }
      default -> value.append('\\').append(c);
    }
    return i + 1;
  }

  private int hex(int from, int digits, StringBuilder value) {
    int codePoint = 0;
    for (int i = from; i < from + digits; i++) {
      int digit = i < source.length() ? Character.digit(source.charAt(i), 16) : -1;
      if (digit < 0 || codePoint > Character.MAX_CODE_POINT >> 4) {
        throw refused(
            "a broken escape in a string", digits + " hexadecimal digits of a code point");
      }
      codePoint = codePoint << 4 | digit;
    }
    value.appendCodePoint(codePoint);
    return from + digits;
  }

  private void sign() {
    for (String sign : LONG_SIGNS) {
      if (source.startsWith(sign, at)) {
        take(Kind.SIGN, at + 2);
        return;
      }
    }
    if (SIGNS.indexOf(source.charAt(at)) < 0) {
      throw refused("the character \"" + source.charAt(at) + "\"", "Jinja's operators");
    }
    take(Kind.SIGN, at + 1);
  }

  private void take(Kind kind, int end) {
    add(kind, source.substring(at, end));
    at = end;
  }

  private void add(Kind kind, String text) {
    tokens.add(new Token(kind, text, line));
  }

  /** Moves on, counting lines. */
  private void advance(int to) {
    for (; at < to; at++) {
      if (source.charAt(at) == '\n') {
        line++;
      }
    }
  }

  private UnsupportedModelException refused(String found, String supported) {
    return new UnsupportedModelException(file, "chat template, line " + line, found, supported);
  }
}
