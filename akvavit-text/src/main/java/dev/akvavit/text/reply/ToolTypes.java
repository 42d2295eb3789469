package dev.akvavit.text.reply;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Which parameters are texts by the tools' schemas: some formats write all values alike. */
final class ToolTypes {
  private record Parameter(String tool, String name) {}

  private final Set<Parameter> texts = new HashSet<>();

  /**
   * @param tools as the OpenAI API spells them
   */
  ToolTypes(List<?> tools) {
    for (Object tool : tools) {
      if (tool instanceof Map<?, ?> wrapped) {
        Map<?, ?> function = wrapped.get("function") instanceof Map<?, ?> inner ? inner : wrapped;
        if (function.get("name") instanceof String name
            && function.get("parameters") instanceof Map<?, ?> schema
            && schema.get("properties") instanceof Map<?, ?> properties) {
          properties.forEach((parameter, kind) -> {
            if (kind instanceof Map<?, ?> of && "string".equals(of.get("type"))) {
              texts.add(new Parameter(name, String.valueOf(parameter)));
            }
          });
        }
      }
    }
  }

  /** A value as JSON: JSON as it stands, unless it is meant as a text or is none. */
  String json(String tool, String parameter, String value) {
    boolean text = texts.contains(new Parameter(tool, parameter)) || !JsonText.value(value);
    return text ? JsonText.quoted(value) : value.strip();
  }
}
