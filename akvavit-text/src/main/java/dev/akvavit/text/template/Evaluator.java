package dev.akvavit.text.template;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Finds the value of an expression. */
final class Evaluator {
  private final Interpreter interpreter;
  private final Fuel fuel;
  private final Functions functions;
  private final Filters filters;

  Evaluator(Interpreter interpreter, Fuel fuel, Functions functions) {
    this.interpreter = interpreter;
    this.fuel = fuel;
    this.functions = functions;
    this.filters = new Filters(fuel);
  }

  Value value(Expression expression, Scope scope) {
    fuel.step(expression.line());
    fuel.enterOperator(expression.line());
    Value value =
        switch (expression) {
          case Expression.Constant constant -> constant.value();
          case Expression.Name name -> scope.get(name.name());
          case Expression.ItemsOf items -> new Value.Items(values(items.values(), scope));
          case Expression.FieldsOf fields -> fields(fields, scope);
          case Expression.Member member ->
              Interpreter.member(member.line(), value(member.of(), scope), member.name());
          case Expression.Index index -> index(index, scope);
          case Expression.Slice slice -> slice(slice, scope);
          case Expression.Call call -> call(call, scope);
          case Expression.Filter filter ->
              filters.apply(
                  filter.name(),
                  value(filter.of(), scope),
                  given(filter.line(), filter.arguments(), scope));
          case Expression.Test test ->
              Value.flag(
                  Tests.apply(
                      test.line(),
                      test.name(),
                      value(test.of(), scope),
                      values(test.arguments(), scope),
                      fuel));
          case Expression.Not not -> Value.flag(!Values.truth(value(not.of(), scope)));
          case Expression.Negative negative ->
              Operators.apply(
                  negative.line(), "-", new Value.Whole(0), value(negative.of(), scope), fuel);
          case Expression.And and -> {
            Value left = value(and.left(), scope);
            yield Values.truth(left) ? value(and.right(), scope) : left;
          }
          case Expression.Or or -> {
            Value left = value(or.left(), scope);
            yield Values.truth(left) ? left : value(or.right(), scope);
          }
          case Expression.Choice choice -> choice(choice, scope);
          case Expression.Binary binary ->
              Operators.apply(
                  binary.line(),
                  binary.sign(),
                  value(binary.left(), scope),
                  value(binary.right(), scope),
                  fuel);
        };
    fuel.leaveOperator();
    return value;
  }

  private List<Value> values(List<Expression> expressions, Scope scope) {
    List<Value> values = new ArrayList<>(expressions.size());
    for (Expression expression : expressions) {
      values.add(value(expression, scope));
    }
    return values;
  }

  private Given given(int line, Expression.Arguments arguments, Scope scope) {
    Map<String, Value> named = new LinkedHashMap<>();
    arguments.named().forEach((name, expression) -> named.put(name, value(expression, scope)));
    return new Given(line, values(arguments.values(), scope), named);
  }

  private Value fields(Expression.FieldsOf expression, Scope scope) {
    Map<String, Value> fields = new LinkedHashMap<>();
    for (int i = 0; i < expression.keys().size(); i++) {
      Value key = value(expression.keys().get(i), scope);
      fields.put(
          Values.text(expression.line(), key, "a map's key").string(),
          value(expression.values().get(i), scope));
    }
    // Keys may have been computed from a message: none of them may spell a control token.
    return new Value.Fields(fields, true);
  }

  private Value choice(Expression.Choice choice, Scope scope) {
    if (Values.truth(value(choice.condition(), scope))) {
      return value(choice.then(), scope);
    }
    @Nullable Expression otherwise = choice.otherwise();
    return otherwise == null ? new Value.Undefined("else") : value(otherwise, scope);
  }

  private Value index(Expression.Index index, Scope scope) {
    int line = index.line();
    Value of = value(index.of(), scope);
    Value key = value(index.key(), scope);
    if (key instanceof Text name) {
      return Interpreter.member(line, of, name.string());
    }
    return switch (of) {
      case Value.Items items -> {
        int place = place(line, key, items.values().size());
        yield place < 0 ? new Value.Undefined("element") : items.values().get(place);
      }
      case Text text -> {
        int[] letters = text.string().codePoints().toArray();
        fuel.text(line, text.length());
        int place = place(line, key, letters.length);
        if (place < 0) {
          yield new Value.Undefined("letter");
        }
        int at = text.string().offsetByCodePoints(0, place);
        yield text.slice(at, at + Character.charCount(letters[place]));
      }
      case Value.Undefined missing ->
          throw new TemplateException(
              line, "\"" + missing.name() + "\" is undefined and has no elements");
      default -> new Value.Undefined("element");
    };
  }

  /** A place from the front, or -1 for one that is not there. */
  private static int place(int line, Value key, int size) {
    long place = Values.whole(line, key, "the place in a list");
    long fromFront = place < 0 ? place + size : place;
    return fromFront < 0 || fromFront >= size ? -1 : (int) fromFront;
  }

  private Value slice(Expression.Slice slice, Scope scope) {
    int line = slice.line();
    Value of = value(slice.of(), scope);
    List<Value> elements =
        of instanceof Value.Items items ? items.values() : Values.elements(line, of, fuel);
    int size = elements.size();
    long step = bound(slice.step(), scope, 1);
    if (step == 0) {
      throw new TemplateException(line, "a slice with step 0");
    }
    long first = clamped(bound(slice.from(), scope, step > 0 ? 0 : size), size, step);
    long end =
        slice.to() == null && step < 0 ? -1 : clamped(bound(slice.to(), scope, size), size, step);
    List<Value> taken = new ArrayList<>();
    for (long i = first; step > 0 ? i < end : i > end; i += step) {
      fuel.step(line);
      taken.add(elements.get((int) i));
    }
    Value.Items items = new Value.Items(taken);
    return of instanceof Text ? TextMethods.join(line, items, Text.EMPTY, fuel) : items;
  }

  private long bound(@Nullable Expression expression, Scope scope, long fallback) {
    if (expression == null) {
      return fallback;
    }
    Value value = value(expression, scope);
    return value instanceof Value.None
        ? fallback
        : Math.clamp(
            Values.whole(expression.line(), value, "the bound of a slice"), -(1 << 30), 1 << 30);
  }

  /** Python's bounds: negative ones count from the end, and none reaches outside. */
  private static long clamped(long bound, int size, long step) {
    long fromFront = bound < 0 ? bound + size : bound;
    return step > 0 ? Math.clamp(fromFront, 0, size) : Math.clamp(fromFront, -1, size - 1);
  }

  private Value call(Expression.Call call, Scope scope) {
    int line = call.line();
    Given given = given(line, call.arguments(), scope);
    if (call.of() instanceof Expression.Member member) {
      return method(line, value(member.of(), scope), member.name(), given);
    }
    if (call.of() instanceof Expression.Name name) {
      return scope.get(name.name()) instanceof Value.Macro macro
          ? interpreter.call(line, macro.definition(), given)
          : functions.call(name.name(), given, fuel);
    }
    throw new TemplateException(line, "only macros, functions and methods can be called");
  }

  private Value method(int line, Value of, String name, Given given) {
    return switch (of) {
      case Text text -> TextMethods.call(line, text, name, given, fuel);
      case Value.Fields fields -> fieldsMethod(fields, name, given);
      case Value.Undefined missing ->
          throw new TemplateException(
              line,
              "\"" + missing.name() + "\" is undefined, so it has no method \"" + name + "\"");
      default ->
          throw new TemplateException(line, Values.kind(of) + " has no method \"" + name + "\"");
    };
  }

  private Value fieldsMethod(Value.Fields fields, String name, Given given) {
    int line = given.line();
    return switch (name) {
      case "items" -> filters.apply("items", fields, new Given(line, List.of(), Map.of()));
      case "keys" -> new Value.Items(Values.elements(line, fields, fuel));
      case "values" -> new Value.Items(List.copyOf(fields.values().values()));
      case "get" -> {
        Value value = fields.values().get(given.text(0, "key").string());
        Value fallback = given.get(1, "default");
        yield value != null ? value : fallback != null ? fallback : Value.NONE;
      }
      default -> throw new TemplateException(line, "a map has no method \"" + name + "\"");
    };
  }
}
