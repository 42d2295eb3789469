package dev.akvavit.cli;

import dev.akvavit.Quantization;
import dev.akvavit.core.DType;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code akvavit quantize}: a model with fewer bits, as a GGUF file. */
@Command(
    name = "quantize",
    header = "Write a model as GGUF with fewer bits.",
    description = {
      "Reads safetensors or GGUF and writes one GGUF file, some rows at a time. Prints every tensor"
          + " with its type and",
      "what the type cost: the root of the squared errors over the squared values. Tables of"
          + " tokens and MLA's latent",
      "get at least 8 bits, routers and vectors stay F32."
    },
    footer = {
      "  akvavit quantize --type q8_0 -o java.gguf",
      "  akvavit quantize -m DeepSeek-V2-Lite --type q4_k -o v2-lite.gguf"
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
    Q6_K(DType.Q6_K);

    private final DType dtype;

    Target(DType dtype) {
      this.dtype = dtype;
    }
  }

  private final Screen screen;
  @Mixin private ModelArguments model = new ModelArguments();

  @Option(
      names = "--type",
      paramLabel = "TYPE",
      required = true,
      description = "Type of most matrices: f32, f16, bf16, q8_0, q4_0, q4_k or q6_k.")
  private Target type = Target.Q8_0;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FILE",
      required = true,
      description = "GGUF file to write; one of this name is replaced when the new one is whole.")
  private Path output = Path.of("");

  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  QuantizeCommand(Screen screen) {
    this.screen = screen;
  }

  @Override
  public Integer call() {
    if (!output.toString().endsWith(".gguf")) {
      throw new CommandException("-o: found " + output + "; allowed: a name that ends in .gguf");
    }
    Path from = model.path(screen);
    Quantization.Result result =
        Quantization.run(
            from,
            output,
            type.dtype,
            tensor -> {
              if (!json) {
                print(tensor);
              }
            });
    double mean = mean(result.tensors());
    if (json) {
      screen
          .out()
          .println(
              RecordJson.of(
                  new Summary(output.toString(), result.bytes(), mean, result.tensors())));
    } else {
      screen
          .out()
          .printf(
              Locale.ROOT,
              "%n%s  %s, %d tensors, relative error %.2e%n",
              output,
              Amounts.bytes(result.bytes()),
              result.tensors().size(),
              mean);
    }
    return ExitCode.OK;
  }

  private void print(Quantization.Tensor tensor) {
    screen
        .out()
        .printf(
            Locale.ROOT,
            "%-40s %-6s %12s  %s%n",
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
      String file, long bytes, double relativeError, List<Quantization.Tensor> tensors) {}
}
