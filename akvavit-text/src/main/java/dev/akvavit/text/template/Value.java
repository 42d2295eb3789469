package dev.akvavit.text.template;

import java.util.List;
import java.util.Map;

/**
 * What a template computes with. Nothing here can be called but what the template itself or this
 * package defines.
 */
sealed interface Value
    permits Text,
        Value.Whole,
        Value.Real,
        Value.Flag,
        Value.Items,
        Value.Fields,
        Value.Namespace,
        Value.None,
        Value.Undefined,
        Value.Macro {
  None NONE = new None();
  Flag TRUE = new Flag(true);
  Flag FALSE = new Flag(false);

  record Whole(long value) implements Value {}

  record Real(double value) implements Value {}

  record Flag(boolean value) implements Value {}

  record Items(List<Value> values) implements Value {}

  /**
   * A map in order of insertion.
   *
   * @param content whether its keys came from a message rather than from the template
   */
  record Fields(Map<String, Value> values, boolean content) implements Value {
    Text key(String key) {
      return content ? Text.content(key) : Text.template(key);
    }
  }

  /** The one thing a template may change: {@code namespace(...)}. */
  record Namespace(Map<String, Value> values) implements Value {}

  record None() implements Value {}

  /** A name or member that is not there; harmless until something is asked of it. */
  record Undefined(String name) implements Value {}

  record Macro(Statement.Macro definition) implements Value {}

  static Flag flag(boolean value) {
    return value ? TRUE : FALSE;
  }
}
