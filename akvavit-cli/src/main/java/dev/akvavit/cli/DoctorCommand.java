package dev.akvavit.cli;

import dev.akvavit.LanguageModel;
import dev.akvavit.ModelOptions;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code akvavit doctor}: what this machine can do, what is slow, and what to do about it. */
@Command(
    name = "doctor",
    header = "Examine this machine: what it can do, what is slow and why.",
    description = {
      "Measures memory and arithmetic for less than a second each.",
      "Exit code 0 unless something prevents akvavit from running."
    },
    footer = {"  akvavit doctor", "  akvavit doctor --json", "  akvavit doctor -m model.gguf"})
final class DoctorCommand implements Callable<Integer> {
  /** Small: only the types of the weights matter. */
  private static final int CONTEXT = 32;

  private final Screen screen;

  @Option(
      names = {"-m", "--model"},
      paramLabel = "MODEL",
      description = "Also say whether a model's types are read by fast loops here.")
  private @Nullable String model;

  @Mixin private HubArguments hub = new HubArguments();

  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  DoctorCommand(Screen screen) {
    this.screen = screen;
  }

  @Override
  public Integer call() {
    DoctorReport report;
    try (Progress _ = Progress.show(screen, "measuring")) {
      report = DoctorReport.examine(slowTypes());
    }
    if (json) {
      screen.json(report);
    } else {
      print(report);
    }
    return report.canRun() ? ExitCode.OK : ExitCode.FAILURE;
  }

  /** Of the model that is named, if one is. */
  private Optional<SlowTypes> slowTypes() {
    if (model == null) {
      return Optional.empty();
    }
    ModelOptions options = ModelOptions.DEFAULT.withContext(CONTEXT);
    try (LanguageModel opened = LanguageModel.open(hub.model(model, screen), options)) {
      return SlowTypes.of(opened, HubArguments.name(model));
    }
  }

  private void print(DoctorReport r) {
    Table out = new Table(screen);
    Machine m = r.machine();
    out.title("akvavit " + r.version(), "");
    out.section("Java");
    out.row("version", "%s, %s, %s".formatted(r.java(), r.vendor(), r.jvm()));
    out.row("heap limit", Amounts.bytes(r.heapLimit()) + "; weights and caches lie outside it");
    out.row("AOT cache", r.aotCache() ? "in use" : "none");
    out.row("backend", r.backend());
    out.row("loops", String.join("; ", r.paths()));
    out.row("flags", String.join(" ", r.jvmFlags()));
    out.section("machine");
    out.row("processor", "%s, %d to use%s".formatted(m.cpu(), m.processors(), quota(m)));
    out.row("instructions", m.features().isEmpty() ? "unknown" : String.join(" ", m.features()));
    out.row("memory", memory(m));
    out.row("page cache", Amounts.bytes(m.pageCache()) + "; a model read before starts from there");
    out.section("measured now, %d threads".formatted(m.processors()));
    out.row(
        "memory reads",
        "%s: weights of 1 GiB allow %s a second"
            .formatted(
                Amounts.gigabytesPerSecond(r.readBytesPerSecond()),
                tokens(r.readBytesPerSecond() / (1 << 30))));
    out.row(
        "matrix product", String.format(Locale.ROOT, "%.0f GFLOP/s in F32", r.matmulFlops() / 1e9));
    out.section("files");
    out.row("default model", r.defaultModel().isEmpty() ? "missing" : r.defaultModel());
    out.section("findings");
    if (r.findings().isEmpty()) {
      out.row("all well", "nothing found that slows akvavit down");
    }
    for (DoctorReport.Finding finding : r.findings()) {
      String weight = finding.weight().name().toLowerCase(Locale.ROOT);
      out.row(weight, finding.what());
      out.row("", "→ " + finding.advice());
    }
  }

  private static String quota(Machine m) {
    return m.cpuQuota() == 0
        ? ""
        : String.format(Locale.ROOT, ", container allows %.1f", m.cpuQuota());
  }

  private static String memory(Machine m) {
    String limit =
        m.memoryLimit() == 0 ? "" : ", container allows " + Amounts.bytes(m.memoryLimit());
    return "%s of %s available%s"
        .formatted(Amounts.bytes(m.memoryAvailable()), Amounts.bytes(m.memoryTotal()), limit);
  }

  private static String tokens(double perSecond) {
    return String.format(Locale.ROOT, "%.0f tokens", perSecond);
  }
}
