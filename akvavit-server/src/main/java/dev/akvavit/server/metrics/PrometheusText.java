package dev.akvavit.server.metrics;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Figures that are read when they are asked for, in Prometheus' text format 0.0.4: lines of one
 * name stand together under one head.
 */
final class PrometheusText {
  private final Map<String, StringBuilder> families = new LinkedHashMap<>();

  void gauge(String name, String help, double value, String model, String... labels) {
    line(name, "gauge", help, value, model, labels);
  }

  void counter(String name, String help, double value, String model, String... labels) {
    line(name, "counter", help, value, model, labels);
  }

  private void line(
      String name, String type, String help, double value, String model, String... labels) {
    StringBuilder family =
        families.computeIfAbsent(
            name,
            n -> {
              StringBuilder head = new StringBuilder();
              if (!help.isEmpty()) {
                head.append("# HELP ").append(n).append(' ').append(help).append('\n');
              }
              return head.append("# TYPE ").append(n).append(' ').append(type).append('\n');
            });
    String modelLabel = name.startsWith("vllm:") ? "model_name" : "model";
    family.append(name).append('{').append(modelLabel).append("=\"").append(escaped(model));
    for (int i = 0; i < labels.length; i += 2) {
      family.append("\",").append(labels[i]).append("=\"").append(escaped(labels[i + 1]));
    }
    family.append("\"} ").append(number(value)).append('\n');
  }

  /** All lines of a histogram again under another name. */
  void copied(String scrape, String meter, String as) {
    String name = meter.replace('.', '_') + "_seconds";
    if (families.containsKey(as)) {
      return;
    }
    StringBuilder copy = new StringBuilder();
    scrape
        .lines()
        .filter(line -> line.startsWith(name) || line.startsWith("# TYPE " + name + " "))
        .map(line ->
            line.replaceFirst(name, as)
                .replace("{model=", "{model_name=")
                .replace(",model=", ",model_name="))
        .forEach(line -> copy.append(line).append('\n'));
    families.put(as, copy);
  }

  String finished() {
    return String.join("", families.values());
  }

  private static String number(double value) {
    return value == (long) value ? Long.toString((long) value) : Double.toString(value);
  }

  private static String escaped(String label) {
    return label.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n");
  }
}
