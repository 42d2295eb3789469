package dev.akvavit.text.template;

import java.util.List;
import java.util.Locale;
import java.util.Set;

/** What follows {@code is}. */
final class Tests {
  static final Set<String> NAMES =
      Set.of(
          "defined",
          "undefined",
          "none",
          "string",
          "mapping",
          "iterable",
          "sequence",
          "number",
          "integer",
          "float",
          "boolean",
          "true",
          "false",
          "equalto",
          "eq",
          "ne",
          "lt",
          "le",
          "gt",
          "ge",
          "in",
          "odd",
          "even",
          "divisibleby",
          "callable",
          "lower",
          "upper",
          "sameas");

  private Tests() {}

  static boolean apply(int line, String name, Value value, List<Value> arguments, Fuel fuel) {
    return switch (name) {
      case "defined" -> !(value instanceof Value.Undefined);
      case "undefined" -> value instanceof Value.Undefined;
      case "none" -> value instanceof Value.None;
      case "string" -> value instanceof Text;
      case "mapping" -> value instanceof Value.Fields;
      case "iterable", "sequence" ->
          value instanceof Text
              || value instanceof Value.Items
              || value instanceof Value.Fields
              || name.equals("iterable") && value instanceof Value.Undefined;
      case "number" -> Values.number(value);
      case "integer" -> value instanceof Value.Whole;
      case "float" -> value instanceof Value.Real;
      case "boolean" -> value instanceof Value.Flag;
      case "true" -> value.equals(Value.TRUE);
      case "false" -> value.equals(Value.FALSE);
      case "callable" -> value instanceof Value.Macro;
      case "lower" -> cased(line, value, true);
      case "upper" -> cased(line, value, false);
      case "odd" -> Math.floorMod(Values.whole(line, value, "what is to be odd"), 2) == 1;
      case "even" -> Math.floorMod(Values.whole(line, value, "what is to be even"), 2) == 0;
      default -> compared(line, name, value, only(line, name, arguments), fuel);
    };
  }

  private static boolean compared(int line, String name, Value value, Value other, Fuel fuel) {
    return switch (name) {
      case "equalto", "eq" -> Values.same(line, value, other, fuel);
      case "ne" -> !Values.same(line, value, other, fuel);
      case "sameas" ->
          value.getClass() == other.getClass() && Values.same(line, value, other, fuel);
      case "in" -> Operators.contains(line, value, other, fuel);
      case "lt" -> Values.compare(line, value, other, fuel) < 0;
      case "le" -> Values.compare(line, value, other, fuel) <= 0;
      case "gt" -> Values.compare(line, value, other, fuel) > 0;
      case "ge" -> Values.compare(line, value, other, fuel) >= 0;
      case "divisibleby" -> {
        long divisor = Values.whole(line, other, "the divisor");
        if (divisor == 0) {
          throw new TemplateException(line, "division by zero");
        }
        yield Values.whole(line, value, "what is to be divided") % divisor == 0;
      }
      default -> throw new TemplateException(line, "the test \"" + name + "\" is not known");
    };
  }

  private static Value only(int line, String name, List<Value> arguments) {
    if (arguments.size() != 1) {
      throw new TemplateException(line, "the test \"" + name + "\" takes one argument");
    }
    return arguments.getFirst();
  }

  private static boolean cased(int line, Value value, boolean lower) {
    String text = Values.text(line, value, "what is tested").string();
    String folded = lower ? text.toLowerCase(Locale.ROOT) : text.toUpperCase(Locale.ROOT);
    return text.equals(folded) && text.chars().anyMatch(Character::isLetter);
  }
}
