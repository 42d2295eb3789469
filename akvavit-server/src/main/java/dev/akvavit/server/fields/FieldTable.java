package dev.akvavit.server.fields;

import dev.akvavit.server.http.ApiError;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * All that one kind of request may hold. What is neither in the table nor on its short list of
 * harmless names is refused, never ignored.
 *
 * @param fields the rows
 * @param harmless names that change no answer, such as {@code user}: read over whatever they hold
 */
public record FieldTable(List<Field<?>> fields, Set<String> harmless) {
  public FieldTable {
    fields = List.copyOf(fields);
    harmless = Set.copyOf(harmless);
  }

  /**
   * Reads a request.
   *
   * @throws ApiError naming the field, the value and the limit
   */
  public Fields read(JsonNode body, Bounds bounds) {
    Map<Field<?>, @Nullable Object> values = new HashMap<>();
    Set<String> known = new HashSet<>(harmless);
    for (Field<?> field : fields) {
      values.put(field, field.read(body.get(field.name()), bounds));
      known.add(field.name());
    }
    for (String name : body.propertyNames()) {
      if (!known.contains(name)) {
        String shown = name.length() <= 64 ? name : name.substring(0, 64) + "…";
        throw ApiError.client(
            400, "unknown_field", shown, shown + ": this request has no such field");
      }
    }
    return new Fields(values);
  }
}
