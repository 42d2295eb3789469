package dev.akvavit.server.dialects;

import dev.akvavit.server.fields.Field;
import dev.akvavit.server.http.Json;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Rows that go to the model's chat template. */
final class TemplateFields {
  private static final int MAX_MEMBERS = 64;

  /** Further variables of the template, such as {@code enable_thinking}. */
  static final Field<Map<String, Object>> KWARGS =
      Field.of(
          "chat_template_kwargs",
          "an object of up to " + MAX_MEMBERS + " members for the model's chat template",
          Map.of(),
          (place, v) -> {
            if (!v.isObject()) {
              throw place.refuse(v);
            }
            if (v.size() > MAX_MEMBERS) {
              throw place.refuse(v.size() + " members");
            }
            Map<String, Object> all = new LinkedHashMap<>();
            v.properties()
                .forEach(member -> {
                  Object value = Json.plain(member.getValue());
                  if (value != null) {
                    all.put(member.getKey(), value);
                  }
                });
            return all;
          });

  /** How much to think, for templates that know the word. */
  static final Field<@Nullable String> REASONING_EFFORT =
      Field.choice("reasoning_effort", "none", "minimal", "low", "medium", "high");

  private TemplateFields() {}

  /** Both as variables of the template. */
  static Map<String, Object> extras(Map<String, Object> kwargs, @Nullable String effort) {
    Map<String, Object> extras = new LinkedHashMap<>(kwargs);
    if (effort != null) {
      boolean thinks = !effort.equals("none");
      extras.putIfAbsent("reasoning_effort", effort);
      extras.putIfAbsent("enable_thinking", thinks); // Qwen's word
      extras.putIfAbsent("thinking", thinks); // DeepSeek's word
    }
    return extras;
  }
}
