package dev.akvavit.text.template;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What follows {@code |}. */
final class Filters {
  static final Set<String> NAMES =
      Set.of(
          "trim",
          "tojson",
          "length",
          "count",
          "join",
          "upper",
          "lower",
          "capitalize",
          "title",
          "default",
          "d",
          "first",
          "last",
          "replace",
          "items",
          "selectattr",
          "rejectattr",
          "select",
          "reject",
          "map",
          "list",
          "string",
          "int",
          "float",
          "abs",
          "round",
          "indent",
          "safe",
          "reverse",
          "sort",
          "unique",
          "sum",
          "min",
          "max",
          "dictsort");

  private final Fuel fuel;
  private final ListFilters lists;

  Filters(Fuel fuel) {
    this.fuel = fuel;
    this.lists = new ListFilters(fuel, this);
  }

  Value apply(String name, Value value, Given given) {
    int line = given.line();
    fuel.step(line);
    return switch (name) {
      case "default", "d" -> fallback(value, given);
      case "tojson" -> ValueWriter.json(value, (int) given.whole(0, "indent", -1), fuel, line);
      case "string", "safe" -> ValueWriter.print(value, fuel, line);
      case "length", "count" -> length(line, value);
      case "int" -> integer(value, given);
      case "float" -> real(value, given);
      case "abs" -> abs(line, value);
      case "round" -> round(value, given);
      case "items", "dictsort" -> entries(line, value, name.equals("dictsort"));
      case "trim", "upper", "lower", "capitalize", "title", "replace", "indent" ->
          text(name, ValueWriter.print(value, fuel, line), given);
      default -> lists.apply(name, value, Values.elements(line, value, fuel), given);
    };
  }

  private Value text(String name, Text text, Given given) {
    int line = given.line();
    return switch (name) {
      case "trim" -> TextMethods.call(line, text, "strip", given, fuel);
      case "replace" -> TextMethods.replace(line, text, given, fuel);
      case "indent" -> indent(text, given);
      case "title" -> TextMethods.titleFilter(text);
      default -> TextMethods.call(line, text, name, given, fuel);
    };
  }

  private static Value fallback(Value value, Given given) {
    boolean falseToo = given.flag(1, "boolean") && !Values.truth(value);
    if (!falseToo && !(value instanceof Value.Undefined)) {
      return value;
    }
    Value other = given.get(0, "default_value");
    return other == null ? Text.EMPTY : other;
  }

  private static Value length(int line, Value value) {
    return new Value.Whole(
        switch (value) {
          case Text text -> text.string().codePointCount(0, text.length());
          case Value.Items items -> items.values().size();
          case Value.Fields fields -> fields.values().size();
          case Value.Undefined _ -> 0;
          default ->
              throw Values.wrong(line, "what is to be counted", value, "a text, a list or a map");
        });
  }

  private static Value integer(Value value, Given given) {
    try {
      return switch (value) {
        case Text text -> new Value.Whole(Long.parseLong(text.string().strip()));
        case Value.Real number -> new Value.Whole((long) number.value());
        default -> new Value.Whole(Values.whole(given.line(), value, "what is to be a number"));
      };
    } catch (NumberFormatException e) {
      return new Value.Whole(given.whole(0, "default", 0));
    }
  }

  private static Value real(Value value, Given given) {
    try {
      return value instanceof Text text
          ? new Value.Real(Double.parseDouble(text.string().strip()))
          : new Value.Real(Values.real(given.line(), value, "what is to be a number"));
    } catch (NumberFormatException e) {
      Value fallback = given.get(0, "default");
      return fallback == null ? new Value.Real(0) : fallback;
    }
  }

  private static Value abs(int line, Value value) {
    return value instanceof Value.Real number
        ? new Value.Real(Math.abs(number.value()))
        : new Value.Whole(Math.abs(Values.whole(line, value, "what is to be positive")));
  }

  private static Value round(Value value, Given given) {
    double scale = Math.pow(10, given.whole(0, "precision", 0));
    return new Value.Real(
        Math.rint(Values.real(given.line(), value, "what is to be rounded") * scale) / scale);
  }

  private Value entries(int line, Value value, boolean sorted) {
    if (value instanceof Value.Undefined) {
      return new Value.Items(List.of());
    }
    if (!(value instanceof Value.Fields fields)) {
      throw Values.wrong(line, "what is to give its items", value, "a map");
    }
    fuel.burn(line, fields.values().size());
    List<Map.Entry<String, Value>> entries = new ArrayList<>(fields.values().entrySet());
    if (sorted) {
      entries.sort(Comparator.comparing(Map.Entry::getKey, String.CASE_INSENSITIVE_ORDER));
    }
    List<Value> items = new ArrayList<>();
    for (Map.Entry<String, Value> entry : entries) {
      items.add(new Value.Items(List.of(fields.key(entry.getKey()), entry.getValue())));
    }
    return new Value.Items(items);
  }

  private Text indent(Text text, Given given) {
    int line = given.line();
    Value width = given.get(0, "width");
    Text prefix =
        width instanceof Text spelled
            ? spelled
            : Text.template(" ".repeat((int) Math.clamp(given.whole(0, "width", 4), 0, 256)));
    boolean first = given.flag(1, "first");
    boolean blank = given.flag(2, "blank");
    Text.Builder out = new Text.Builder();
    int from = 0;
    while (from <= text.length()) {
      int end = text.string().indexOf('\n', from);
      int to = end < 0 ? text.length() : end;
      if ((from > 0 || first) && (blank || to > from)) {
        out.append(prefix);
      }
      out.append(text.slice(from, end < 0 ? to : to + 1));
      fuel.text(line, to - from + prefix.length());
      fuel.fits(line, out.length());
      from = end < 0 ? text.length() + 1 : end + 1;
    }
    return out.text();
  }
}
