package dev.akvavit.cli;

import dev.akvavit.LanguageModel;
import dev.akvavit.ModelSummary;
import dev.akvavit.core.DType;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * What {@code show} tells of a model.
 *
 * @param weightBytesByType of the tensors in use
 * @param context tokens that fit in the context as opened
 * @param cacheBytes bytes of the cache as allocated
 * @param kvBytesPerToken of all layers
 */
record ModelFacts(
    String name,
    String folder,
    String modelType,
    int layerCount,
    int hidden,
    int vocabulary,
    boolean tiedEmbeddings,
    int maxPositions,
    int context,
    long weightBytes,
    Map<DType, Long> weightBytesByType,
    boolean chats,
    boolean fillsIn,
    String backend,
    List<ModelSummary.Layers> layers,
    ModelSummary.ParameterCountView parameters,
    List<ModelSummary.Plane> planes,
    long kvBytesPerToken,
    long cacheBytes,
    List<String> unusedTensors) {

  static ModelFacts of(String name, Path folder, LanguageModel model) {
    ModelSummary summary = model.summary();
    var config = model.config();
    return new ModelFacts(
        name,
        folder.toString(),
        config.modelType(),
        config.layers().size(),
        config.hidden(),
        config.vocabulary(),
        config.tiedEmbeddings(),
        config.maxPositions(),
        model.engine().limits().maxContext(),
        model.weights().bytes(),
        model.weights().bytesByType(),
        model.chats(),
        model.fillsIn(),
        model.backend(),
        summary.layers(),
        summary.parameters(),
        summary.planes(),
        summary.kvBytesPerToken(),
        model.cacheBytes(),
        model.weights().unused().stream().sorted().toList());
  }

  /** {@code 38.3 MiB: 28.0 MiB F8_E4M3, 10.3 MiB BF16}, the largest part first. */
  String weights() {
    return Amounts.bytes(weightBytes)
        + ": "
        + weightBytesByType.entrySet().stream()
            .sorted(Map.Entry.<DType, Long>comparingByValue().reversed())
            .map(e -> Amounts.bytes(e.getValue()) + " " + e.getKey())
            .collect(Collectors.joining(", "));
  }

  /** In words. */
  String abilities() {
    List<String> all = new ArrayList<>(List.of("continue text"));
    if (chats) {
      all.add("chat");
    }
    if (fillsIn) {
      all.add("fill in the middle");
    }
    return String.join(", ", all);
  }
}
