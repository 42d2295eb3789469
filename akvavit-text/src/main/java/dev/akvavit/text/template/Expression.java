package dev.akvavit.text.template;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What has a value. {@code line} is where it stands in the template. */
sealed interface Expression {
  int line();

  record Constant(int line, Value value) implements Expression {}

  record Name(int line, String name) implements Expression {}

  record ItemsOf(int line, List<Expression> values) implements Expression {}

  record FieldsOf(int line, List<Expression> keys, List<Expression> values) implements Expression {}

  /** {@code value.name}. */
  record Member(int line, Expression of, String name) implements Expression {}

  /** {@code value[key]}. */
  record Index(int line, Expression of, Expression key) implements Expression {}

  /** {@code value[from:to:step]}. */
  record Slice(
      int line,
      Expression of,
      @Nullable Expression from,
      @Nullable Expression to,
      @Nullable Expression step)
      implements Expression {}

  /** {@code name(...)}, {@code value.name(...)}. */
  record Call(int line, Expression of, Arguments arguments) implements Expression {}

  record Filter(int line, Expression of, String name, Arguments arguments) implements Expression {}

  record Test(int line, Expression of, String name, List<Expression> arguments)
      implements Expression {}

  record Not(int line, Expression of) implements Expression {}

  record Negative(int line, Expression of) implements Expression {}

  /** Any operator of two values but {@code and} and {@code or}. */
  record Binary(int line, String sign, Expression left, Expression right) implements Expression {}

  record And(int line, Expression left, Expression right) implements Expression {}

  record Or(int line, Expression left, Expression right) implements Expression {}

  /** {@code then if condition else otherwise}. */
  record Choice(int line, Expression condition, Expression then, @Nullable Expression otherwise)
      implements Expression {}

  /** What stands in the parentheses of a call. */
  record Arguments(List<Expression> values, Map<String, Expression> named) {
    static final Arguments NONE = new Arguments(List.of(), Map.of());
  }
}
