package dev.akvavit.cli;

import dev.akvavit.hub.Hub;
import dev.akvavit.hub.ModelReference;
import dev.akvavit.hub.PulledModel;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code akvavit pull}: models of the hub into the cache. */
@Command(
    name = "pull",
    header = "Fetch a model of the Hugging Face hub, verified, into the cache that Python uses.",
    description = {
      "Only what is needed: settings, tokenizer, templates, safetensors, or one GGUF file.",
      "What came is kept when it breaks off: the same command goes on from there.",
      "Every command's -m takes the same names, and fetches what is missing."
    },
    footer = {
      "  akvavit pull Qwen/Qwen3-0.6B",
      "  akvavit pull deepseek-ai/DeepSeek-V2-Lite@main --progress plain",
      "  akvavit pull unsloth/Qwen3-0.6B-GGUF:Q8_0",
      "  HF_TOKEN=hf_… akvavit pull meta-llama/Llama-3.2-1B"
    })
final class PullCommand implements Callable<Integer> {
  private final Screen screen;
  @Mixin private HubArguments arguments = new HubArguments();

  @Parameters(
      arity = "1..*",
      paramLabel = "MODEL",
      description = "owner/name, with @revision, :QUANT or /FILE.gguf behind it.")
  private List<String> models = List.of();

  @Option(names = "--json", description = "Print JSON, one object a model.")
  private boolean json;

  PullCommand(Screen screen) {
    this.screen = screen;
  }

  @Override
  public Integer call() {
    List<ModelReference> references = models.stream().map(ModelReference::parse).toList();
    Hub hub = arguments.hub();
    for (ModelReference reference : references) {
      PulledModel pulled;
      try (PullProgress progress = arguments.progress(screen)) {
        pulled = hub.pull(reference, progress);
      }
      if (json) {
        screen.json(pulled);
      } else {
        print(pulled);
      }
    }
    return ExitCode.OK;
  }

  private void print(PulledModel pulled) {
    screen.say(
        screen.boldOut(pulled.model())
            + "  "
            + "%d files, %s, %s; commit %s"
                .formatted(
                    pulled.files(),
                    Amounts.bytes(pulled.bytes()),
                    pulled.downloaded() == 0
                        ? "all here already"
                        : Amounts.bytes(pulled.downloaded()) + " fetched",
                    pulled.commit()));
    screen.say(screen.dimOut("  " + pulled.path()));
  }
}
