package dev.akvavit.text.template;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** What does something. */
sealed interface Statement {
  record Data(int line, Text text) implements Statement {}

  record Print(Expression value) implements Statement {}

  /** {@code if} and its {@code elif}s, each with its body; then {@code else}. */
  record If(
      int line,
      List<Expression> conditions,
      List<List<Statement>> bodies,
      List<Statement> otherwise)
      implements Statement {}

  record For(
      int line,
      List<String> names,
      Expression values,
      @Nullable Expression condition,
      List<Statement> body,
      List<Statement> otherwise)
      implements Statement {}

  record Set(int line, List<String> names, Expression value) implements Statement {}

  record SetMember(int line, String namespace, String name, Expression value)
      implements Statement {}

  /** {@code set name} … {@code endset}. */
  record Capture(String name, List<Statement> body) implements Statement {}

  record Macro(
      int line,
      String name,
      List<String> parameters,
      List<@Nullable Expression> defaults,
      List<Statement> body)
      implements Statement {}

  /** {@code generation} … {@code endgeneration}, which marks the assistant's words for training. */
  record Group(List<Statement> body) implements Statement {}

  record Break() implements Statement {}

  record Continue() implements Statement {}
}
