package dev.akvavit.server.fields;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The values of one request, each within its bounds. */
public final class Fields {
  private final Map<Field<?>, @Nullable Object> values;

  Fields(Map<Field<?>, @Nullable Object> values) {
    this.values = values;
  }

  /** The value of a row; what a table has no row for is absent. */
  @SuppressWarnings({"unchecked", "NullAway"}) // the table put what the field's own reader gave
  public <T extends @Nullable Object> T get(Field<T> field) {
    return values.containsKey(field) ? (T) values.get(field) : field.absent();
  }
}
