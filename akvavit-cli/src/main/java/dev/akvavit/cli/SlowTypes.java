package dev.akvavit.cli;

import dev.akvavit.LanguageModel;
import dev.akvavit.core.DType;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** What is said of a model whose types this machine reads value by value, and what to do. */
record SlowTypes(String what, String advice) {
  static Optional<SlowTypes> of(LanguageModel model, String name) {
    Map<DType, Long> slow = model.weights().slowBytesByType();
    if (slow.isEmpty()) {
      return Optional.empty();
    }
    long all = model.weights().bytesByType().values().stream().mapToLong(b -> b).sum();
    long some = slow.values().stream().mapToLong(b -> b).sum();
    String types = slow.keySet().stream().map(DType::name).collect(Collectors.joining(", "));
    return Optional.of(
        new SlowTypes(
            "%s of %s (%d %% of its weights) has no fast loop here: values are read one by one"
                .formatted(types, name, Math.round(100.0 * some / all)),
            "akvavit quantize -m %s --type q8_0 -o fast.gguf, or --type q4_0 for fewer bits"
                .formatted(name)));
  }
}
