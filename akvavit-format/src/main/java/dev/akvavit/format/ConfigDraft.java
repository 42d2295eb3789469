package dev.akvavit.format;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Settings under Hugging Face's keys, put together from another file's. */
final class ConfigDraft {
  private final Map<String, Json> members = new LinkedHashMap<>();

  ConfigDraft put(String key, String value) {
    members.put(key, new Json.Text(value));
    return this;
  }

  ConfigDraft put(String key, boolean value) {
    members.put(key, new Json.Flag(value));
    return this;
  }

  ConfigDraft put(String key, long value) {
    members.put(key, new Json.Number(Long.toString(value), value));
    return this;
  }

  ConfigDraft put(String key, double value) {
    members.put(key, new Json.Number(Double.toString(value), value));
    return this;
  }

  ConfigDraft put(String key, List<String> values) {
    members.put(key, new Json.Elements(values.stream().map(v -> (Json) new Json.Text(v)).toList()));
    return this;
  }

  ConfigDraft put(String key, ConfigDraft section) {
    members.put(key, section.members());
    return this;
  }

  Json.Members members() {
    return new Json.Members(members);
  }
}
