package dev.akvavit.text.template;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Runs a template once. */
final class Interpreter {
  /** How a body ended. */
  private enum Flow {
    ON,
    BREAK,
    CONTINUE
  }

  private final Fuel fuel;
  private final Evaluator evaluator;
  private final Scope root = new Scope(null);
  private Text.Builder out = new Text.Builder();

  Interpreter(Fuel fuel, Functions functions) {
    this.fuel = fuel;
    this.evaluator = new Evaluator(this, fuel, functions);
  }

  void define(String name, Value value) {
    root.set(name, value);
  }

  Text run(List<Statement> template) {
    execute(template, root);
    return out.text();
  }

  /** What the template prints while something runs. */
  private Text captured(Runnable running) {
    Text.Builder outside = out;
    out = new Text.Builder();
    try {
      running.run();
      return out.text();
    } finally {
      out = outside;
    }
  }

  Text call(int line, Statement.Macro macro, Given given) {
    fuel.enterCall(line);
    Scope scope = new Scope(root);
    for (int i = 0; i < macro.parameters().size(); i++) {
      String name = macro.parameters().get(i);
      Value value = given.get(i, name);
      Expression fallback = macro.defaults().get(i);
      if (value == null) {
        value = fallback == null ? new Value.Undefined(name) : evaluator.value(fallback, scope);
      }
      scope.set(name, value);
    }
    if (given.values().size() > macro.parameters().size()) {
      throw new TemplateException(
          line, "too many arguments for the macro \"" + macro.name() + "\"");
    }
    Text text = captured(() -> execute(macro.body(), scope));
    fuel.leaveCall();
    return text;
  }

  private Flow execute(List<Statement> body, Scope scope) {
    for (Statement statement : body) {
      Flow flow = execute(statement, scope);
      if (flow != Flow.ON) {
        return flow;
      }
    }
    return Flow.ON;
  }

  private Flow execute(Statement statement, Scope scope) {
    switch (statement) {
      case Statement.Data data -> print(data.line(), data.text());
      case Statement.Print print -> {
        int line = print.value().line();
        print(line, ValueWriter.print(evaluator.value(print.value(), scope), fuel, line));
      }
      case Statement.If branches -> {
        return branch(branches, scope);
      }
      case Statement.For loop -> loop(loop, scope);
      case Statement.Set set -> {
        Value value = evaluator.value(set.value(), scope);
        bind(set.line(), set.names(), value, scope);
      }
      case Statement.SetMember set -> {
        if (!(scope.get(set.namespace()) instanceof Value.Namespace namespace)) {
          throw Values.wrong(
              set.line(), "\"" + set.namespace() + "\"", scope.get(set.namespace()), "a namespace");
        }
        namespace.values().put(set.name(), evaluator.value(set.value(), scope));
      }
      case Statement.Capture capture ->
          scope.set(capture.name(), captured(() -> execute(capture.body(), scope)));
      case Statement.Macro macro -> scope.set(macro.name(), new Value.Macro(macro));
      case Statement.Group group -> {
        return execute(group.body(), scope);
      }
      case Statement.Break _ -> {
        return Flow.BREAK;
      }
      case Statement.Continue _ -> {
        return Flow.CONTINUE;
      }
    }
    return Flow.ON;
  }

  private void print(int line, Text text) {
    fuel.text(line, text.length());
    fuel.fits(line, (long) out.length() + text.length());
    out.append(text);
  }

  private Flow branch(Statement.If branches, Scope scope) {
    List<Statement> chosen = branches.otherwise();
    for (int i = 0; i < branches.conditions().size(); i++) {
      if (Values.truth(evaluator.value(branches.conditions().get(i), scope))) {
        chosen = branches.bodies().get(i);
        break;
      }
    }
    fuel.enterBody(branches.line());
    Flow flow = execute(chosen, scope);
    fuel.leaveBody();
    return flow;
  }

  private void loop(Statement.For loop, Scope scope) {
    int line = loop.line();
    List<Value> values = Values.elements(line, evaluator.value(loop.values(), scope), fuel);
    if (loop.condition() != null) {
      values = filtered(loop, loop.condition(), values, scope);
    }
    fuel.enterBody(line);
    for (int i = 0; i < values.size(); i++) {
      fuel.step(line);
      Scope inner = new Scope(scope);
      bind(line, loop.names(), values.get(i), inner);
      inner.set("loop", position(values, i));
      if (execute(loop.body(), inner) == Flow.BREAK) {
        break;
      }
    }
    if (values.isEmpty()) {
      execute(loop.otherwise(), scope);
    }
    fuel.leaveBody();
  }

  private List<Value> filtered(
      Statement.For loop, Expression condition, List<Value> values, Scope scope) {
    List<Value> kept = new ArrayList<>();
    for (Value value : values) {
      fuel.step(loop.line());
      Scope inner = new Scope(scope);
      bind(loop.line(), loop.names(), value, inner);
      if (Values.truth(evaluator.value(condition, inner))) {
        kept.add(value);
      }
    }
    return kept;
  }

  /** What {@code loop} is in round {@code i}. */
  private static Value position(List<Value> values, int i) {
    int count = values.size();
    Map<String, Value> loop = LinkedHashMap.newLinkedHashMap(9);
    loop.put("index", new Value.Whole(i + 1));
    loop.put("index0", new Value.Whole(i));
    loop.put("revindex", new Value.Whole(count - i));
    loop.put("revindex0", new Value.Whole(count - i - 1));
    loop.put("first", Value.flag(i == 0));
    loop.put("last", Value.flag(i == count - 1));
    loop.put("length", new Value.Whole(count));
    if (i > 0) {
      loop.put("previtem", values.get(i - 1));
    }
    if (i < count - 1) {
      loop.put("nextitem", values.get(i + 1));
    }
    return new Value.Fields(loop, false);
  }

  private static void bind(int line, List<String> names, Value value, Scope scope) {
    if (names.size() == 1) {
      scope.set(names.getFirst(), value);
      return;
    }
    if (!(value instanceof Value.Items items) || items.values().size() != names.size()) {
      throw Values.wrong(line, "the value of " + names, value, "a list of " + names.size());
    }
    for (int i = 0; i < names.size(); i++) {
      scope.set(names.get(i), items.values().get(i));
    }
  }

  /**
   * {@code value.name}; what is not there is undefined, but nothing may be asked of the undefined.
   */
  static Value member(int line, Value value, String name) {
    @Nullable Value member =
        switch (value) {
          case Value.Fields fields -> fields.values().get(name);
          case Value.Namespace namespace -> namespace.values().get(name);
          case Value.Undefined missing ->
              throw new TemplateException(
                  line, "\"" + missing.name() + "\" is undefined, so it has no \"" + name + "\"");
          default -> null;
        };
    return member == null ? new Value.Undefined(name) : member;
  }
}
