package dev.akvavit.cli;

import dev.akvavit.LanguageModel;
import dev.akvavit.ModelSummary;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code akvavit show}: what a model is made of. */
@Command(
    name = "show",
    header = "Show what a model is made of: layers, parameters, cache.",
    description = "The cache figures come from the same layouts that allocate the cache.",
    footer = {
      "  akvavit show",
      "  akvavit show --kv-type bf16 -m models/DeepSeek-V2-Lite",
      "  akvavit show --json | jq .kvBytesPerToken"
    })
final class ShowCommand implements Callable<Integer> {
  private final Screen screen;
  @Mixin private ModelArguments model = new ModelArguments();

  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  ShowCommand(Screen screen) {
    this.screen = screen;
  }

  @Override
  public Integer call() {
    try (LanguageModel opened = model.open(screen)) {
      ModelFacts facts = ModelFacts.of(model.name(), model.path(screen), opened);
      if (json) {
        screen.json(facts);
      } else {
        print(facts);
      }
    }
    return ExitCode.OK;
  }

  private void print(ModelFacts f) {
    Table out = new Table(screen);
    out.title(f.name(), f.folder());
    out.row(
        "architecture",
        "%s, %d layers, hidden %d".formatted(f.modelType(), f.layerCount(), f.hidden()));
    out.row(
        "vocabulary",
        "%,d tokens%s"
            .formatted(
                f.vocabulary(), f.tiedEmbeddings() ? ", output head tied to the embedding" : ""));
    out.row(
        "context",
        "%,d tokens opened, %,d in the model's config".formatted(f.context(), f.maxPositions()));
    out.row("weights", f.weights());
    out.row("can", f.abilities());
    out.row("backend", f.backend());
    out.section("layers");
    for (ModelSummary.Layers run : f.layers()) {
      String range =
          run.count() == 1 ? "" + run.first() : run.first() + "-" + (run.first() + run.count() - 1);
      out.row(range, run.attention() + ", " + run.feedForward());
    }
    out.section("parameters");
    ModelSummary.ParameterCountView p = f.parameters();
    out.row("total", Amounts.count(p.total()));
    out.row(
        "active a token",
        "%s, %s".formatted(Amounts.count(p.active()), Amounts.share(p.active(), p.total())));
    part(out, "embedding, head", p.embedding(), p.total());
    part(out, "attention", p.attention(), p.total());
    part(out, "dense", p.dense(), p.total());
    part(out, "shared experts", p.shared(), p.total());
    part(out, "routed experts", p.routed(), p.total());
    out.section("cache, bytes a token over all layers");
    for (ModelSummary.Plane plane : f.planes()) {
      out.row(
          plane.name(),
          "%,d (%s a layer, %s)".formatted(plane.bytesPerToken(), plane.shape(), plane.dtype()));
    }
    out.row(
        "together",
        "%,d; %s for %,d tokens"
            .formatted(f.kvBytesPerToken(), Amounts.bytes(f.cacheBytes()), f.context()));
    if (!f.unusedTensors().isEmpty()) {
      out.section("tensors of the file that are not used");
      f.unusedTensors().stream().limit(8).forEach(name -> out.row("", name));
      if (f.unusedTensors().size() > 8) {
        out.row("", "and %d more; --json lists all".formatted(f.unusedTensors().size() - 8));
      }
    }
  }

  private static void part(Table out, String name, long count, long total) {
    if (count > 0) {
      out.row(name, "%s, %s".formatted(Amounts.count(count), Amounts.share(count, total)));
    }
  }
}
