package dev.akvavit.text.template;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Python's ideas of truth, sameness and order, and the way in from Java. */
final class Values {
  private Values() {}

  /**
   * A template's value of a Java one: maps with text keys, lists, text, numbers, truth and null.
   *
   * @throws IllegalArgumentException for any other class, or nesting deeper than {@value
   *     Fuel#DEPTH}
   */
  static Value of(@Nullable Object java, boolean content) {
    return of(java, content, 0);
  }

  private static Value of(@Nullable Object java, boolean content, int depth) {
    if (depth > Fuel.DEPTH) {
      throw new IllegalArgumentException("a value nested deeper than " + Fuel.DEPTH);
    }
    return switch (java) {
      case null -> Value.NONE;
      case Value value -> value;
      case String text -> content ? Text.content(text) : Text.template(text);
      case Boolean flag -> Value.flag(flag);
      case Double number -> new Value.Real(number);
      case Float number -> new Value.Real(number);
      case Long number -> new Value.Whole(number);
      case Integer number -> new Value.Whole(number);
      case List<?> list -> {
        List<Value> values = new ArrayList<>(list.size());
        list.forEach(element -> values.add(of(element, content, depth + 1)));
        yield new Value.Items(values);
      }
      case Map<?, ?> map -> {
        Map<String, Value> values = new LinkedHashMap<>();
        map.forEach((key, value) -> values.put(String.valueOf(key), of(value, content, depth + 1)));
        yield new Value.Fields(values, content);
      }
      default ->
          throw new IllegalArgumentException(
              "a value of "
                  + java.getClass()
                  + "; allowed are maps, lists, text, numbers, truth and null");
    };
  }

  static boolean truth(Value value) {
    return switch (value) {
      case Text text -> !text.isEmpty();
      case Value.Whole number -> number.value() != 0;
      case Value.Real number -> number.value() != 0;
      case Value.Flag flag -> flag.value();
      case Value.Items items -> !items.values().isEmpty();
      case Value.Fields fields -> !fields.values().isEmpty();
      case Value.None _, Value.Undefined _ -> false;
      case Value.Namespace _, Value.Macro _ -> true;
    };
  }

  /** What a value is, for messages. */
  static String kind(Value value) {
    return switch (value) {
      case Text _ -> "a text";
      case Value.Whole _, Value.Real _ -> "a number";
      case Value.Flag _ -> "true or false";
      case Value.Items _ -> "a list";
      case Value.Fields _ -> "a map";
      case Value.Namespace _ -> "a namespace";
      case Value.None _ -> "none";
      case Value.Undefined missing -> "\"" + missing.name() + "\", which is undefined,";
      case Value.Macro _ -> "a macro";
    };
  }

  static Text text(int line, Value value, String what) {
    if (value instanceof Text text) {
      return text;
    }
    throw wrong(line, what, value, "a text");
  }

  static long whole(int line, Value value, String what) {
    return switch (value) {
      case Value.Whole number -> number.value();
      case Value.Flag flag -> flag.value() ? 1 : 0;
      default -> throw wrong(line, what, value, "a whole number");
    };
  }

  static double real(int line, Value value, String what) {
    return value instanceof Value.Real number ? number.value() : whole(line, value, what);
  }

  static boolean number(Value value) {
    return value instanceof Value.Whole
        || value instanceof Value.Real
        || value instanceof Value.Flag;
  }

  static TemplateException wrong(int line, String what, Value found, String allowed) {
    return new TemplateException(line, what + " is " + kind(found) + "; it should be " + allowed);
  }

  /** What a loop or a filter of lists runs over. */
  static List<Value> elements(int line, Value value, Fuel fuel) {
    List<Value> elements =
        switch (value) {
          case Value.Items items -> items.values();
          case Value.Fields fields ->
              List.<Value>copyOf(fields.values().keySet().stream().map(fields::key).toList());
          case Text text -> letters(line, text, fuel);
          case Value.Undefined _ -> List.of();
          default ->
              throw wrong(line, "what is to be looped over", value, "a list, a map or a text");
        };
    fuel.burn(line, elements.size() / 8);
    return elements;
  }

  private static List<Value> letters(int line, Text text, Fuel fuel) {
    fuel.burn(line, text.length());
    List<Value> letters = new ArrayList<>();
    for (int i = 0; i < text.length(); ) {
      int end = i + Character.charCount(text.string().codePointAt(i));
      letters.add(text.slice(i, end));
      i = end;
    }
    return letters;
  }

  /** {@code ==}; numbers and truth compare by value, as in Python. */
  static boolean same(int line, Value a, Value b, Fuel fuel) {
    return same(line, a, b, fuel, 0);
  }

  private static boolean same(int line, Value a, Value b, Fuel fuel, int depth) {
    if (depth > Fuel.DEPTH) {
      throw new TemplateException(line, "a comparison of lists nested deeper than " + Fuel.DEPTH);
    }
    fuel.step(line);
    if (number(a) && number(b)) {
      return real(line, a, "") == real(line, b, "");
    }
    return switch (a) {
      case Text text -> {
        fuel.text(line, text.length());
        yield text.equals(b);
      }
      case Value.None _ -> b instanceof Value.None;
      case Value.Undefined _ -> b instanceof Value.Undefined;
      case Value.Items items ->
          b instanceof Value.Items other && sameItems(line, items, other, fuel, depth);
      case Value.Fields fields ->
          b instanceof Value.Fields other && sameFields(line, fields, other, fuel, depth);
      default -> false; // a number and another kind; namespaces and macros, which nobody compares
    };
  }

  private static boolean sameItems(int line, Value.Items a, Value.Items b, Fuel fuel, int depth) {
    boolean same = a.values().size() == b.values().size();
    for (int i = 0; same && i < a.values().size(); i++) {
      same = same(line, a.values().get(i), b.values().get(i), fuel, depth + 1);
    }
    return same;
  }

  private static boolean sameFields(
      int line, Value.Fields a, Value.Fields b, Fuel fuel, int depth) {
    if (!a.values().keySet().equals(b.values().keySet())) {
      return false;
    }
    for (Map.Entry<String, Value> entry : a.values().entrySet()) {
      Value other = b.values().getOrDefault(entry.getKey(), Value.NONE);
      if (!same(line, entry.getValue(), other, fuel, depth + 1)) {
        return false;
      }
    }
    return true;
  }

  /** Order of numbers, or of texts by code point. */
  static int compare(int line, Value a, Value b, Fuel fuel) {
    if (number(a) && number(b)) {
      return Double.compare(real(line, a, ""), real(line, b, ""));
    }
    if (a instanceof Text left && b instanceof Text right) {
      fuel.text(line, Math.min(left.length(), right.length()));
      return left.string().compareTo(right.string());
    }
    throw new TemplateException(line, kind(a) + " and " + kind(b) + " have no order");
  }
}
