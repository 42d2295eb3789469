package dev.akvavit.text.template;

import dev.akvavit.core.UnsupportedModelException;
import dev.akvavit.text.template.Token.Kind;
import java.util.List;

/** Reads tokens one after the other and complains with the line. */
final class TokenReader {
  private final String file;
  private final List<Token> tokens;
  private int at;
  private int depth;

  TokenReader(String file, List<Token> tokens) {
    this.file = file;
    this.tokens = tokens;
  }

  Token peek() {
    return tokens.get(at);
  }

  /** The token after the next. */
  Token second() {
    return tokens.get(Math.min(at + 1, tokens.size() - 1));
  }

  int line() {
    return peek().line();
  }

  Token next() {
    Token token = tokens.get(at);
    if (token.kind() != Kind.END) {
      at++;
    }
    return token;
  }

  boolean sees(String sign) {
    return peek().is(Kind.SIGN, sign);
  }

  boolean seesName(String name) {
    return peek().is(Kind.NAME, name);
  }

  boolean take(String sign) {
    return sees(sign) && next() != null;
  }

  boolean takeName(String name) {
    return seesName(name) && next() != null;
  }

  void want(String sign) {
    if (!take(sign)) {
      throw refused(peek() + " where \"" + sign + "\" should be");
    }
  }

  void wantName(String name) {
    if (!takeName(name)) {
      throw refused(peek() + " where \"" + name + "\" should be");
    }
  }

  Token want(Kind kind, String what) {
    if (peek().kind() != kind) {
      throw refused(peek() + " where " + what + " should be");
    }
    return next();
  }

  void enter() {
    if (++depth > Fuel.DEPTH) {
      throw refused("nesting deeper than " + Fuel.DEPTH);
    }
  }

  void leave() {
    depth--;
  }

  UnsupportedModelException refused(String found) {
    return new UnsupportedModelException(
        file,
        "chat template, line " + line(),
        found,
        "the Jinja that published chat templates use");
  }
}
