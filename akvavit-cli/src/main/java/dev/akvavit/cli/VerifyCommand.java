package dev.akvavit.cli;

import dev.akvavit.ModelOptions;
import dev.akvavit.Verification;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code akvavit verify}: a checkpoint held against the reference values beside it. */
@Command(
    name = "verify",
    header = "Check a checkpoint against reference values.",
    description = {
      "Computes what DIR/golden.safetensors holds and prints, for each tensor, the largest error"
          + " relative to its row's largest value, whether the greedy tokens are the same, and whether sparse attention"
          + " selects the same.",
      "Inputs of products are not rounded unless --activations says int8 or bf16.",
      "Exit code 0 when everything agrees, 1 when not."
    },
    footer = {
      "  akvavit verify golden/deepseek-v3.2",
      "  akvavit verify --config config.hub.json --json golden/llama-gqa"
    })
final class VerifyCommand implements Callable<Integer> {
  private final Screen screen;
  @Mixin private ComputeArguments compute = new ComputeArguments();

  @Parameters(
      paramLabel = "DIR",
      description = "Folder with config.json, safetensors and golden.safetensors.")
  private @Nullable Path folder;

  @Option(
      names = "--config",
      paramLabel = "FILE",
      defaultValue = "config.json",
      description = "Config to read. Default: config.json.")
  private String config = "config.json";

  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  VerifyCommand(Screen screen) {
    this.screen = screen;
  }

  @Override
  public Integer call() {
    ModelOptions options = compute.over(ModelOptions.DEFAULT);
    Path chosen = folder();
    Verification.Report report;
    try (Progress _ = Progress.show(screen, "verifying " + chosen)) {
      report = Verification.run(chosen, config, options);
    }
    if (json) {
      screen.json(Verdict.of(chosen, config, report));
    } else {
      print(chosen, report);
    }
    return report.passed() ? ExitCode.OK : ExitCode.FAILURE;
  }

  private Path folder() {
    boolean gguf =
        folder != null && folder.toString().endsWith(".gguf") && Files.isRegularFile(folder);
    if (folder == null || !gguf && !Files.isDirectory(folder)) {
      throw new CommandException(
          "DIR: found "
              + folder
              + ", "
              + (folder != null && Files.exists(folder) ? "a file" : "which does not exist")
              + "; allowed: a folder with config.json, safetensors and golden.safetensors, or a"
              + " .gguf file beside the latter");
    }
    return folder;
  }

  private void print(Path chosen, Verification.Report report) {
    screen.say(
        "%s · %s · %s · %s\n", chosen, report.modelType(), report.mechanism(), report.backend());
    int width = report.checks().stream().mapToInt(c -> c.tensor().length()).max().orElse(0);
    for (Verification.Check check : report.checks()) {
      screen.say(
          "%s  %-" + width + "s  %s  %s",
          verdict(check.passed()),
          check.tensor(),
          check.allowed() == 0
              ? " ".repeat(18)
              : String.format(Locale.ROOT, "%.1e (≤ %.0e)", check.error(), check.allowed()),
          screen.dimOut(check.detail()));
    }
    long failed = report.checks().stream().filter(c -> !c.passed()).count();
    screen.say(
        "\n%s  %d of %d checks agree",
        verdict(failed == 0), report.checks().size() - failed, report.checks().size());
  }

  private String verdict(boolean passed) {
    return passed ? screen.greenOut("PASS") : screen.redOut("FAIL");
  }

  /** The library's report as JSON has it: with its verdicts. */
  private record Verdict(
      String folder,
      String config,
      String modelType,
      String mechanism,
      String backend,
      boolean passed,
      List<Line> checks) {
    private record Line(
        String tensor, boolean passed, double error, double allowed, String detail) {}

    static Verdict of(Path folder, String config, Verification.Report r) {
      return new Verdict(
          folder.toString(),
          config,
          r.modelType(),
          r.mechanism(),
          r.backend(),
          r.passed(),
          r.checks().stream()
              .map(c -> new Line(c.tensor(), c.passed(), c.error(), c.allowed(), c.detail()))
              .toList());
    }
  }
}
