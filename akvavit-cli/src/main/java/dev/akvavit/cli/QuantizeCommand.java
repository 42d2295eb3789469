package dev.akvavit.cli;

import dev.akvavit.Quantization;
import dev.akvavit.core.DType;
import dev.akvavit.defaultmodel.DefaultModel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code akvavit quantize}: a model with fewer bits, as a GGUF file or a folder of FP8. */
@Command(
    name = "quantize",
    header = "Write a model with fewer bits, as GGUF or as FP8 safetensors.",
    description = {
      "Reads safetensors or GGUF and writes one GGUF file, some rows at a time. Prints every tensor"
          + " with its type and what the type cost: the root of the squared errors over the squared"
          + " values. Tables of tokens and MLA's latent get at least 8 bits, routers and vectors"
          + " stay F32.",
      "Type fp8 writes a folder of safetensors as DeepSeek-V3 is published: projections and experts"
          + " in E4M3, a factor for each 128 x 128 block; from GGUF with the tokenizer's and all"
          + " other files that such a folder has."
    },
    footer = {
      "  akvavit quantize --type q8_0 -o java.gguf",
      "  akvavit quantize -m DeepSeek-V2-Lite --type q4_k -o v2-lite.gguf",
      "  akvavit quantize -m DeepSeek-V2-Lite --type fp8 -o DeepSeek-V2-Lite-FP8",
      "  akvavit quantize -m llama.gguf --type fp8 -o Llama-FP8"
    })
final class QuantizeCommand implements Callable<Integer> {
  /** Types that can be written. */
  enum Target {
    F32(DType.F32),
    F16(DType.F16),
    BF16(DType.BF16),
    Q8_0(DType.Q8_0),
    Q4_0(DType.Q4_0),
    Q4_K(DType.Q4_K),
    Q6_K(DType.Q6_K),
    FP8(DType.F8_E4M3);

    private final DType dtype;

    Target(DType dtype) {
      this.dtype = dtype;
    }
  }

  private final Screen screen;

  @Option(
      names = {"-m", "--model"},
      paramLabel = "MODEL",
      description = ModelArguments.MODEL)
  private @Nullable String model;

  @Mixin private HubArguments hub = new HubArguments();

  @Option(
      names = "--type",
      paramLabel = "TYPE",
      required = true,
      description = "Type of most matrices: f32, f16, bf16, q8_0, q4_0, q4_k, q6_k or fp8.")
  private Target type = Target.Q8_0;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FILE",
      required = true,
      description =
          "GGUF file to write; one of this name is replaced when the new one is whole. For fp8 a"
              + " folder that is not there yet.")
  private Path output = Path.of("");

  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  QuantizeCommand(Screen screen) {
    this.screen = screen;
  }

  @Override
  public Integer call() {
    boolean folder = type == Target.FP8;
    if (output.toString().endsWith(".gguf") == folder) {
      throw new CommandException(
          "-o: found "
              + output
              + "; allowed: "
              + (folder ? "the name of a folder" : "a name that ends in .gguf"));
    }
    if (folder && Files.exists(output)) {
      throw new CommandException(
          "-o: found " + output + ", which exists; allowed: a folder that does not yet");
    }
    Path from = model == null ? DefaultModel.folder() : hub.model(model, screen);
    Quantization.Result result = write(from);
    result.notes().forEach(note -> screen.tell("note: " + note));
    double mean = mean(result.tensors());
    if (json) {
      screen.json(
          new Summary(output.toString(), result.bytes(), mean, result.notes(), result.tensors()));
    } else {
      screen.say(
          "\n%s  %s, %d tensors, relative error %.2e",
          output, Amounts.bytes(result.bytes()), result.tensors().size(), mean);
    }
    return ExitCode.OK;
  }

  private Quantization.Result write(Path from) {
    if (json) { // standard output is for the result
      AtomicInteger done = new AtomicInteger();
      try (Progress _ = Progress.show(screen, () -> done.get() + " tensors written")) {
        return write(from, _ -> done.incrementAndGet());
      }
    }
    return write(from, this::tell);
  }

  private Quantization.Result write(Path from, Consumer<Quantization.Tensor> progress) {
    return type == Target.FP8
        ? Quantization.fp8(from, output, progress)
        : Quantization.run(from, output, type.dtype, progress);
  }

  private void tell(Quantization.Tensor tensor) {
    screen.say(
        "%-40s %-6s %12s  %s",
        tensor.name(),
        tensor.type(),
        Amounts.bytes(tensor.bytes()),
        tensor.relativeError() == 0
            ? "exact"
            : String.format(Locale.ROOT, "%.2e", tensor.relativeError()));
  }

  /** Weighted by bytes: what a byte of the file is off by, on average. */
  private static double mean(List<Quantization.Tensor> tensors) {
    double sum = 0;
    double bytes = 0;
    for (Quantization.Tensor tensor : tensors) {
      sum += tensor.relativeError() * tensor.bytes();
      bytes += tensor.bytes();
    }
    return bytes == 0 ? 0 : sum / bytes;
  }

  private record Summary(
      String file,
      long bytes,
      double relativeError,
      List<String> notes,
      List<Quantization.Tensor> tensors) {}
}
