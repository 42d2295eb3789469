package dev.akvavit.text.template;

import java.util.ArrayList;
import java.util.List;

/** The operators of two values, as Python has them. */
final class Operators {
  private Operators() {}

  static Value apply(int line, String sign, Value left, Value right, Fuel fuel) {
    return switch (sign) {
      case "==" -> Value.flag(Values.same(line, left, right, fuel));
      case "!=" -> Value.flag(!Values.same(line, left, right, fuel));
      case "<" -> Value.flag(Values.compare(line, left, right, fuel) < 0);
      case "<=" -> Value.flag(Values.compare(line, left, right, fuel) <= 0);
      case ">" -> Value.flag(Values.compare(line, left, right, fuel) > 0);
      case ">=" -> Value.flag(Values.compare(line, left, right, fuel) >= 0);
      case "in" -> Value.flag(contains(line, left, right, fuel));
      case "~" ->
          join(
              line,
              ValueWriter.print(left, fuel, line),
              ValueWriter.print(right, fuel, line),
              fuel);
      case "+" -> plus(line, left, right, fuel);
      case "*" -> times(line, left, right, fuel);
      default -> arithmetic(line, sign, left, right);
    };
  }

  static boolean contains(int line, Value what, Value in, Fuel fuel) {
    return switch (in) {
      case Text text -> {
        Text part = Values.text(line, what, "what is sought in a text");
        search(line, text, part, fuel);
        yield text.string().contains(part.string());
      }
      case Value.Fields fields ->
          what instanceof Text key && fields.values().containsKey(key.string());
      case Value.Items items -> {
        for (Value value : items.values()) {
          if (Values.same(line, what, value, fuel)) {
            yield true;
          }
        }
        yield false;
      }
      default -> throw Values.wrong(line, "what is searched", in, "a text, a list or a map");
    };
  }

  /** Pays for a search, whose worst case is the product of both lengths. */
  static void search(int line, Text text, Text part, Fuel fuel) {
    fuel.burn(line, 1 + text.length() / 128 * (1L + part.length() / 8));
  }

  private static Text join(int line, Text left, Text right, Fuel fuel) {
    fuel.text(line, (long) left.length() + right.length());
    return new Text.Builder().append(left).append(right).text();
  }

  private static Value plus(int line, Value left, Value right, Fuel fuel) {
    if (left instanceof Text a && right instanceof Text b) {
      return join(line, a, b, fuel);
    }
    if (left instanceof Value.Items a && right instanceof Value.Items b) {
      fuel.burn(line, a.values().size() + b.values().size());
      List<Value> all = new ArrayList<>(a.values());
      all.addAll(b.values());
      return new Value.Items(all);
    }
    return arithmetic(line, "+", left, right);
  }

  private static Value times(int line, Value left, Value right, Fuel fuel) {
    if (left instanceof Text text) {
      long count = Math.max(0, Values.whole(line, right, "the factor of a text"));
      fuel.burn(line, count);
      fuel.text(line, count * text.length()); // count is small: it was paid for
      Text.Builder out = new Text.Builder();
      for (long i = 0; i < count; i++) {
        out.append(text);
      }
      return out.text();
    }
    return arithmetic(line, "*", left, right);
  }

  private static Value arithmetic(int line, String sign, Value left, Value right) {
    if (!Values.number(left) || !Values.number(right)) {
      throw new TemplateException(
          line,
          "the operator " + sign + " between " + Values.kind(left) + " and " + Values.kind(right));
    }
    if (left instanceof Value.Real || right instanceof Value.Real || sign.equals("/")) {
      return real(line, sign, Values.real(line, left, sign), Values.real(line, right, sign));
    }
    try {
      return whole(line, sign, Values.whole(line, left, sign), Values.whole(line, right, sign));
    } catch (ArithmeticException e) {
      throw new TemplateException(
          line, "the result of " + sign + " is out of range: " + e.getMessage());
    }
  }

  private static Value whole(int line, String sign, long a, long b) {
    return new Value.Whole(
        switch (sign) {
          case "+" -> Math.addExact(a, b);
          case "-" -> Math.subtractExact(a, b);
          case "*" -> Math.multiplyExact(a, b);
          case "//" -> Math.floorDiv(a, b);
          case "%" -> Math.floorMod(a, b);
          case "**" -> power(a, b);
          default -> throw new TemplateException(line, "the operator " + sign + " is not known");
        });
  }

  private static long power(long base, long exponent) {
    if (exponent < 0) {
      throw new ArithmeticException("a negative exponent");
    }
    if (base == 0 || base == 1 || base == -1) {
      return exponent == 0 || base == 1 ? 1 : base == 0 ? 0 : (exponent & 1) == 0 ? 1 : -1;
    }
    long power = 1;
    for (long i = 0; i < exponent; i++) {
      power = Math.multiplyExact(power, base); // throws after 63 rounds at the latest
    }
    return power;
  }

  private static Value real(int line, String sign, double a, double b) {
    if (b == 0 && (sign.startsWith("/") || sign.equals("%"))) {
      throw new TemplateException(line, "division by zero");
    }
    return new Value.Real(
        switch (sign) {
          case "+" -> a + b;
          case "-" -> a - b;
          case "*" -> a * b;
          case "/" -> a / b;
          case "//" -> Math.floor(a / b);
          case "%" -> a - b * Math.floor(a / b);
          case "**" -> Math.pow(a, b);
          default -> throw new TemplateException(line, "the operator " + sign + " is not known");
        });
  }
}
