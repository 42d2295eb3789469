package dev.akvavit.text.template;

import dev.akvavit.text.template.Expression.Arguments;
import dev.akvavit.text.template.Token.Kind;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Jinja's expressions, one method for each level of precedence, loosest first. */
final class ExpressionParser {
  private static final Set<String> COMPARISONS = Set.of("==", "!=", "<", "<=", ">", ">=");

  private final TokenReader in;

  ExpressionParser(TokenReader in) {
    this.in = in;
  }

  /** An expression; several with commas between are a list. */
  Expression list() {
    int line = in.line();
    Expression first = choice();
    if (!in.sees(",")) {
      return first;
    }
    List<Expression> values = new ArrayList<>(List.of(first));
    while (in.take(",") && !ends()) {
      values.add(choice());
    }
    return new Expression.ItemsOf(line, values);
  }

  private boolean ends() {
    Kind kind = in.peek().kind();
    return kind == Kind.CLOSE_TAG || kind == Kind.CLOSE_PRINT || in.sees(")");
  }

  Expression choice() {
    in.enter();
    Expression value = or();
    while (in.seesName("if")) {
      int line = in.next().line();
      Expression condition = or();
      value = new Expression.Choice(line, condition, value, in.takeName("else") ? choice() : null);
    }
    in.leave();
    return value;
  }

  /** Without {@code if}: what a loop runs over, where {@code if} is the loop's own. */
  Expression or() {
    Expression left = and();
    while (in.seesName("or")) {
      left = new Expression.Or(in.next().line(), left, and());
    }
    return left;
  }

  private Expression and() {
    Expression left = not();
    while (in.seesName("and")) {
      left = new Expression.And(in.next().line(), left, not());
    }
    return left;
  }

  private Expression not() {
    if (!in.seesName("not")) {
      return comparison();
    }
    in.enter();
    Expression value = new Expression.Not(in.next().line(), not());
    in.leave();
    return value;
  }

  private Expression comparison() {
    Expression left = sum();
    @Nullable Expression all = null;
    while (true) {
      int line = in.line();
      @Nullable Expression link = null;
      Expression right = left;
      if (in.peek().kind() == Kind.SIGN && COMPARISONS.contains(in.peek().text())) {
        String sign = in.next().text();
        right = sum();
        link = new Expression.Binary(line, sign, left, right);
      } else if (in.takeName("in")) {
        right = sum();
        link = new Expression.Binary(line, "in", left, right);
      } else if (in.seesName("not") && in.second().is(Kind.NAME, "in")) {
        in.next();
        in.next();
        right = sum();
        link = new Expression.Not(line, new Expression.Binary(line, "in", left, right));
      }
      if (link == null) {
        return all == null ? left : all;
      }
      all = all == null ? link : new Expression.And(line, all, link);
      left = right;
    }
  }

  private Expression sum() {
    Expression left = joined();
    while (in.sees("+") || in.sees("-")) {
      Token sign = in.next();
      left = new Expression.Binary(sign.line(), sign.text(), left, joined());
    }
    return left;
  }

  private Expression joined() {
    Expression left = product();
    while (in.sees("~")) {
      left = new Expression.Binary(in.next().line(), "~", left, product());
    }
    return left;
  }

  private Expression product() {
    Expression left = power();
    while (in.sees("*") || in.sees("/") || in.sees("//") || in.sees("%")) {
      Token sign = in.next();
      left = new Expression.Binary(sign.line(), sign.text(), left, power());
    }
    return left;
  }

  private Expression power() {
    Expression left = unary(true);
    while (in.sees("**")) {
      left = new Expression.Binary(in.next().line(), "**", left, unary(true));
    }
    return left;
  }

  private Expression unary(boolean filters) {
    int line = in.line();
    Expression value;
    if (in.take("-")) {
      in.enter();
      value = new Expression.Negative(line, unary(false));
      in.leave();
    } else if (in.take("+")) {
      in.enter();
      value = unary(false);
      in.leave();
    } else {
      value = postfix(primary());
    }
    return filters ? filters(value) : value;
  }

  private Expression primary() {
    Token token = in.next();
    int line = token.line();
    return switch (token.kind()) {
      case STRING -> string(token);
      case WHOLE -> new Expression.Constant(line, new Value.Whole(Long.parseLong(token.text())));
      case REAL -> new Expression.Constant(line, new Value.Real(Double.parseDouble(token.text())));
      case NAME -> name(token);
      case SIGN -> bracketed(token);
      default -> throw in.refused(token + " where a value should be");
    };
  }

  private Expression string(Token first) {
    StringBuilder joined = new StringBuilder(first.text());
    while (in.peek().kind() == Kind.STRING) {
      joined.append(in.next().text());
    }
    return new Expression.Constant(first.line(), Text.template(joined.toString()));
  }

  private static Expression name(Token token) {
    int line = token.line();
    return switch (token.text()) {
      case "true", "True" -> new Expression.Constant(line, Value.TRUE);
      case "false", "False" -> new Expression.Constant(line, Value.FALSE);
      case "none", "None" -> new Expression.Constant(line, Value.NONE);
      default -> new Expression.Name(line, token.text());
    };
  }

  private Expression bracketed(Token open) {
    return switch (open.text()) {
      case "(" -> {
        Expression value = in.sees(")") ? new Expression.ItemsOf(open.line(), List.of()) : list();
        in.want(")");
        yield value;
      }
      case "[" -> new Expression.ItemsOf(open.line(), values("]"));
      case "{" -> fields(open.line());
      default -> throw in.refused(open + " where a value should be");
    };
  }

  private List<Expression> values(String close) {
    List<Expression> values = new ArrayList<>();
    while (!in.take(close)) {
      values.add(choice());
      if (!in.sees(close)) {
        in.want(",");
      }
    }
    return values;
  }

  private Expression fields(int line) {
    List<Expression> keys = new ArrayList<>();
    List<Expression> values = new ArrayList<>();
    while (!in.take("}")) {
      keys.add(choice());
      in.want(":");
      values.add(choice());
      if (!in.sees("}")) {
        in.want(",");
      }
    }
    return new Expression.FieldsOf(line, keys, values);
  }

  private Expression postfix(Expression value) {
    Expression of = value;
    while (true) {
      int line = in.line();
      if (in.take(".")) {
        Token member = in.next();
        of =
            switch (member.kind()) {
              case NAME -> new Expression.Member(line, of, member.text());
              case WHOLE ->
                  new Expression.Index(
                      line,
                      of,
                      new Expression.Constant(
                          line, new Value.Whole(Long.parseLong(member.text()))));
              default -> throw in.refused(member + " where a member's name should be");
            };
      } else if (in.take("[")) {
        of = subscript(line, of);
      } else if (in.sees("(")) {
        of = new Expression.Call(line, of, arguments());
      } else {
        return of;
      }
    }
  }

  private Expression subscript(int line, Expression of) {
    @Nullable Expression from = in.sees(":") ? null : choice();
    if (from != null && in.take("]")) {
      return new Expression.Index(line, of, from);
    }
    in.want(":");
    @Nullable Expression to = in.sees(":") || in.sees("]") ? null : choice();
    @Nullable Expression step = in.take(":") && !in.sees("]") ? choice() : null;
    in.want("]");
    return new Expression.Slice(line, of, from, to, step);
  }

  private Arguments arguments() {
    List<Expression> values = new ArrayList<>();
    Map<String, Expression> named = new LinkedHashMap<>();
    in.want("(");
    while (!in.take(")")) {
      if (in.peek().kind() == Kind.NAME && in.second().is(Kind.SIGN, "=")) {
        String name = in.next().text();
        in.next();
        named.put(name, choice());
      } else {
        values.add(choice());
      }
      if (!in.sees(")")) {
        in.want(",");
      }
    }
    return new Arguments(values, named);
  }

  private Expression filters(Expression value) {
    Expression of = value;
    while (true) {
      int line = in.line();
      if (in.take("|")) {
        String name = in.want(Kind.NAME, "a filter's name").text();
        if (!Filters.NAMES.contains(name)) {
          throw in.refused("the filter \"" + name + "\"");
        }
        of = new Expression.Filter(line, of, name, in.sees("(") ? arguments() : Arguments.NONE);
      } else if (in.takeName("is")) {
        of = test(line, of);
      } else {
        return of;
      }
    }
  }

  private Expression test(int line, Expression of) {
    boolean not = in.takeName("not");
    String name = in.want(Kind.NAME, "a test's name").text();
    if (!Tests.NAMES.contains(name)) {
      throw in.refused("the test \"" + name + "\"");
    }
    List<Expression> arguments = List.of();
    if (in.sees("(")) {
      arguments = arguments().values();
    } else if (startsArgument()) {
      arguments = List.of(postfix(primary()));
    }
    Expression test = new Expression.Test(line, of, name, arguments);
    return not ? new Expression.Not(line, test) : test;
  }

  /** Jinja lets a test's only argument stand without parentheses. */
  private boolean startsArgument() {
    return switch (in.peek().kind()) {
      case STRING, WHOLE, REAL -> true;
      case SIGN -> in.sees("[") || in.sees("{");
      case NAME -> !Set.of("and", "or", "else", "if", "is", "in", "not").contains(in.peek().text());
      default -> false;
    };
  }
}
