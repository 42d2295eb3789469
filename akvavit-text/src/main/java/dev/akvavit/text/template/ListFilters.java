package dev.akvavit.text.template;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The filters of lists. */
final class ListFilters {
  private final Fuel fuel;
  private final Filters filters;

  ListFilters(Fuel fuel, Filters filters) {
    this.fuel = fuel;
    this.filters = filters;
  }

  Value apply(String name, Value value, List<Value> elements, Given given) {
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
        if (!Filters.NAMES.contains(name)) {
          throw new TemplateException(line, "the filter \"" + name + "\" is not known");
        }
        mapped.add(filters.apply(name, element, rest(given, 1)));
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
