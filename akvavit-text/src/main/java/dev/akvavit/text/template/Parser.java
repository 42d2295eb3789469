package dev.akvavit.text.template;

import dev.akvavit.text.template.Token.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Jinja's statements. What it does not know it refuses, naming the line. */
final class Parser {
  private final TokenReader in;
  private final ExpressionParser expressions;

  private Parser(TokenReader in) {
    this.in = in;
    this.expressions = new ExpressionParser(in);
  }

  static List<Statement> parse(String file, String source) {
    TokenReader in = new TokenReader(file, Lexer.tokens(file, source));
    Parser parser = new Parser(in);
    List<Statement> body = parser.body(Set.of());
    if (in.peek().kind() != Kind.END) {
      throw in.refused("the tag " + in.second() + " out of place");
    }
    return body;
  }

  /** Statements up to a tag that begins with one of {@code ends}, which is left to be read. */
  private List<Statement> body(Set<String> ends) {
    in.enter();
    List<Statement> body = new ArrayList<>();
    while (in.peek().kind() != Kind.END) {
      Token token = in.peek();
      if (token.kind() == Kind.OPEN_TAG && ends.contains(in.second().text())) {
        break;
      }
      if (token.kind() == Kind.OPEN_TAG && in.second().text().startsWith("end")) {
        throw in.refused("the tag " + in.second() + " out of place");
      }
      in.next();
      body.add(
          switch (token.kind()) {
            case DATA -> new Statement.Data(token.line(), Text.template(token.text()));
            case OPEN_PRINT -> print();
            case OPEN_TAG -> tag();
            default -> throw in.refused(token.toString());
          });
    }
    in.leave();
    return body;
  }

  private Statement print() {
    Expression value = expressions.list();
    in.want(Kind.CLOSE_PRINT, "\"}}\"");
    return new Statement.Print(value);
  }

  private Statement tag() {
    Token tag = in.want(Kind.NAME, "a tag's name");
    return switch (tag.text()) {
      case "if" -> branches(tag.line());
      case "for" -> loop(tag.line());
      case "set" -> set(tag.line());
      case "macro" -> macro(tag.line());
      case "generation" -> new Statement.Group(rest("endgeneration"));
      case "break" -> closed(new Statement.Break());
      case "continue" -> closed(new Statement.Continue());
      default -> throw in.refused("the tag " + tag);
    };
  }

  private Statement closed(Statement statement) {
    close();
    return statement;
  }

  private void close() {
    in.want(Kind.CLOSE_TAG, "\"%}\"");
  }

  /** The body of a tag whose opening is all but closed, and its end. */
  private List<Statement> rest(String end) {
    close();
    List<Statement> body = body(Set.of(end));
    end(end);
    return body;
  }

  private void end(String end) {
    in.want(Kind.OPEN_TAG, "{% " + end + " %}");
    in.wantName(end);
    if (end.equals("endmacro") && in.peek().kind() == Kind.NAME) {
      in.next();
    }
    close();
  }

  private Statement branches(int line) {
    List<Expression> conditions = new ArrayList<>();
    List<List<Statement>> bodies = new ArrayList<>();
    do {
      conditions.add(expressions.list());
      close();
      bodies.add(body(Set.of("elif", "else", "endif")));
    } while (branch("elif"));
    List<Statement> otherwise = otherwise("endif");
    return new Statement.If(line, conditions, bodies, otherwise);
  }

  private boolean branch(String name) {
    if (in.peek().kind() != Kind.OPEN_TAG || !in.second().is(Kind.NAME, name)) {
      return false;
    }
    in.next();
    in.next();
    return true;
  }

  private List<Statement> otherwise(String end) {
    List<Statement> otherwise = List.of();
    if (branch("else")) {
      close();
      otherwise = body(Set.of(end));
    }
    end(end);
    return otherwise;
  }

  private Statement loop(int line) {
    List<String> names = names();
    in.wantName("in");
    Expression values = expressions.or();
    @Nullable Expression condition = in.takeName("if") ? expressions.choice() : null;
    close();
    List<Statement> body = body(Set.of("else", "endfor"));
    return new Statement.For(line, names, values, condition, body, otherwise("endfor"));
  }

  private List<String> names() {
    List<String> names = new ArrayList<>();
    boolean bracket = in.take("(");
    do {
      names.add(in.want(Kind.NAME, "a name").text());
    } while (in.take(","));
    if (bracket) {
      in.want(")");
    }
    return names;
  }

  private Statement set(int line) {
    if (in.second().is(Kind.SIGN, ".")) {
      String namespace = in.want(Kind.NAME, "a name").text();
      in.want(".");
      String member = in.want(Kind.NAME, "a member's name").text();
      in.want("=");
      return closed(new Statement.SetMember(line, namespace, member, expressions.list()));
    }
    List<String> names = names();
    if (in.take("=")) {
      return closed(new Statement.Set(line, names, expressions.list()));
    }
    if (names.size() > 1) {
      throw in.refused("a set block with several names");
    }
    return new Statement.Capture(names.getFirst(), rest("endset"));
  }

  private Statement macro(int line) {
    String name = in.want(Kind.NAME, "a macro's name").text();
    List<String> parameters = new ArrayList<>();
    List<@Nullable Expression> defaults = new ArrayList<>();
    in.want("(");
    while (!in.take(")")) {
      parameters.add(in.want(Kind.NAME, "a parameter's name").text());
      defaults.add(in.take("=") ? expressions.choice() : null);
      if (!in.sees(")")) {
        in.want(",");
      }
    }
    return new Statement.Macro(line, name, parameters, defaults, rest("endmacro"));
  }
}
