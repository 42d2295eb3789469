package dev.akvavit.text.template;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

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

  Filters(Fuel fuel) {
    this.fuel = fuel;
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
      default -> list(name, value, Values.elements(line, value, fuel), given);
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

  private Value list(String name, Value value, List<Value> elements, Given given) {
    int line = given.line();
    return switch (name) {
      case "list" -> new Value.Items(elements);
      case "first" ->
          elements.isEmpty() ? new Value.Undefined("first of nothing") : elements.getFirst();
      case "last" ->
          elements.isEmpty() ? new Value.Undefined("last of nothing") : elements.getLast();
      case "join" -> join(elements, given);
      case "reverse" -> {
        List<Value> reversed = new ArrayList<>(elements);
        Collections.reverse(reversed);
        yield value instanceof Text
            ? TextMethods.join(line, new Value.Items(reversed), Text.EMPTY, fuel)
            : new Value.Items(reversed);
      }
      case "sort" -> sort(elements, given);
      case "unique" -> unique(line, elements);
      case "sum" -> {
        Value sum = new Value.Whole(0);
        for (Value element : attributes(elements, given, 0)) {
          sum = Operators.apply(line, "+", sum, element, fuel);
        }
        yield sum;
      }
      case "min", "max" -> extreme(line, elements, name.equals("min") ? 1 : -1);
      case "map" -> map(elements, given);
      case "select", "reject" -> select(elements, given, name.equals("select"), null);
      case "selectattr", "rejectattr" ->
          select(elements, given, name.equals("selectattr"), given.text(0, "attribute").string());
      default -> throw new TemplateException(line, "the filter \"" + name + "\" is not known");
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

  private Value join(List<Value> elements, Given given) {
    Value separator = given.get(0, "d");
    Text between =
        separator == null ? Text.EMPTY : ValueWriter.print(separator, fuel, given.line());
    return TextMethods.join(
        given.line(), new Value.Items(attributes(elements, given, 1)), between, fuel);
  }

  /** The elements, or of each the attribute that was asked for. */
  private List<Value> attributes(List<Value> elements, Given given, int place) {
    String attribute = given.textOrNull(place, "attribute");
    if (attribute == null) {
      return elements;
    }
    List<Value> values = new ArrayList<>();
    for (Value element : elements) {
      values.add(attribute(given.line(), element, attribute));
    }
    return values;
  }

  private Value attribute(int line, Value element, String path) {
    Value value = element;
    for (String name : path.split("\\.", -1)) {
      fuel.step(line);
      value = Interpreter.member(line, value, name);
    }
    return value;
  }

  private Value sort(List<Value> elements, Given given) {
    int line = given.line();
    int sign = given.flag(0, "reverse") ? -1 : 1;
    String attribute = given.textOrNull(2, "attribute");
    List<Value> sorted = new ArrayList<>(elements);
    sorted.sort((a, b) -> {
      fuel.step(line);
      Value left = attribute == null ? a : attribute(line, a, attribute);
      Value right = attribute == null ? b : attribute(line, b, attribute);
      return sign * Values.compare(line, folded(left, given), folded(right, given), fuel);
    });
    return new Value.Items(sorted);
  }

  private static Value folded(Value value, Given given) {
    return value instanceof Text text && !given.flag(1, "case_sensitive")
        ? TextMethods.lower(text)
        : value;
  }

  private Value unique(int line, List<Value> elements) {
    List<Value> unique = new ArrayList<>();
    for (Value element : elements) {
      if (!Operators.contains(line, element, new Value.Items(unique), fuel)) {
        unique.add(element);
      }
    }
    return new Value.Items(unique);
  }

  private Value extreme(int line, List<Value> elements, int sign) {
    Value best = new Value.Undefined("extreme of nothing");
    for (Value element : elements) {
      if (best instanceof Value.Undefined || sign * Values.compare(line, element, best, fuel) < 0) {
        best = element;
      }
    }
    return best;
  }

  private Value map(List<Value> elements, Given given) {
    int line = given.line();
    List<Value> mapped = new ArrayList<>();
    for (Value element : elements) {
      if (given.named().containsKey("attribute")) {
        Value value = attribute(line, element, given.text(0, "attribute").string());
        Value fallback = given.named().get("default");
        mapped.add(value instanceof Value.Undefined && fallback != null ? fallback : value);
      } else {
        String name = given.text(0, "filter").string();
        if (!NAMES.contains(name)) {
          throw new TemplateException(line, "the filter \"" + name + "\" is not known");
        }
        mapped.add(apply(name, element, rest(given, 1)));
      }
    }
    return new Value.Items(mapped);
  }

  private Value select(
      List<Value> elements, Given given, boolean keep, @Nullable String attribute) {
    int line = given.line();
    int place = attribute == null ? 0 : 1;
    boolean plain = given.values().size() <= place;
    String test = plain ? "" : given.text(place, "test").string();
    if (!plain && !Tests.NAMES.contains(test)) {
      throw new TemplateException(line, "the test \"" + test + "\" is not known");
    }
    List<Value> kept = new ArrayList<>();
    for (Value element : elements) {
      fuel.step(line);
      Value value = attribute == null ? element : attribute(line, element, attribute);
      boolean holds =
          plain
              ? Values.truth(value)
              : Tests.apply(line, test, value, rest(given, place + 1).values(), fuel);
      if (holds == keep) {
        kept.add(element);
      }
    }
    return new Value.Items(kept);
  }

  private static Given rest(Given given, int from) {
    return new Given(
        given.line(), given.values().subList(from, given.values().size()), given.named());
  }
}
