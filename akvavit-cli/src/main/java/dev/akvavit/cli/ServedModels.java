package dev.akvavit.cli;

import dev.akvavit.ModelOptions;
import dev.akvavit.Planning;
import dev.akvavit.core.ModelConfig;
import dev.akvavit.defaultmodel.DefaultModel;
import dev.akvavit.server.options.ModelSource;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Which models are served, each by a name, and how they are opened. */
final class ServedModels {
  @Option(
      names = {"-m", "--model"},
      paramLabel = "[NAME=]MODEL",
      description = {
        "A model folder, a .gguf file or owner/name of the hub, by its own name or by NAME; may be"
            + " given several times. The first is used where a request names none, the others are"
            + " opened when asked for.",
        "Default: the model shipped with akvavit."
      })
  private List<String> models = List.of();

  @Mixin private OpeningArguments opening = new OpeningArguments();

  @Option(
      names = "--kv-memory",
      paramLabel = "SIZE",
      description =
          "Memory for each model's KV cache, as in 4GiB. Default: a whole context for each slot, at"
              + " most a quarter of the memory there is.")
  private @Nullable String kvMemory;

  @Option(
      names = "--slots",
      paramLabel = "N",
      defaultValue = "16",
      description = "Requests computed together; more wait. Default: 16.")
  private int slots;

  @Option(
      names = "--queue",
      paramLabel = "N",
      defaultValue = "256",
      description = "Requests that may wait; more are refused with 429. Default: 256.")
  private int queue;

  /** What the first model is called, and how many more there are. */
  String names() {
    if (models.isEmpty()) {
      return DefaultModel.NAME;
    }
    String first = name(models.getFirst());
    return models.size() == 1 ? first : first + " and " + (models.size() - 1) + " more";
  }

  private static String name(String model) {
    int equals = model.indexOf('=');
    return equals > 0 ? model.substring(0, equals) : HubArguments.name(model);
  }

  /** The models in the order of the command line; what is not here is fetched from the hub. */
  List<ModelSource> sources(Screen screen) {
    List<ModelSource> sources = new ArrayList<>();
    if (models.isEmpty()) {
      Path folder = DefaultModel.folder();
      sources.add(new ModelSource(DefaultModel.NAME, folder, options(folder)));
    }
    for (String model : models) {
      Path folder = opening.hub().model(model.substring(model.indexOf('=') + 1), screen);
      sources.add(new ModelSource(name(model), folder, options(folder)));
    }
    return sources;
  }

  private ModelOptions options(Path folder) {
    return opening.options(given -> {
      ModelOptions options =
          given.withMaxSequences(slots).withMaxQueuedRequests(queue).withWarmUp(true);
      return options.withCacheTokens(cacheTokens(folder, options));
    });
  }

  /** Tokens that the cache holds for all sequences together, at least one context. */
  private int cacheTokens(Path folder, ModelOptions options) {
    ModelConfig config = Planning.of(folder.toString(), options.indexPrecision()).model().config();
    long perToken = config.kvBytesPerToken(options.cacheTypes());
    int asked = options.context();
    int one = asked > 0 ? asked : Math.min(config.maxPositions(), ModelOptions.USUAL_CONTEXT);
    if (kvMemory != null) {
      return (int) Math.clamp(dev.akvavit.plan.Machine.parseBytes(kvMemory) / perToken, 1, 1 << 30);
    }
    long affordable = Machine.read().memoryAvailable() / 4 / perToken;
    return (int) Math.clamp((long) slots * one, 1, Math.clamp(affordable, one, 1 << 30));
  }
}
