package dev.akvavit.cli;

import dev.akvavit.PlanCheck;
import dev.akvavit.Planning;
import dev.akvavit.defaultmodel.DefaultModel;
import dev.akvavit.plan.Certainty;
import dev.akvavit.plan.Machine;
import dev.akvavit.plan.PlanReport;
import dev.akvavit.plan.Scenario;
import dev.akvavit.plan.WeightType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code akvavit plan}: what fits where, from a config alone. */
@Command(
    name = "plan",
    header = "Plan memory: what fits where, from a config alone.",
    description = {
      "Weights, cache, longest context, most users, and the same shape with other attention.",
      "Cache bytes come from the layouts that allocate the cache; each figure says how sure it is."
    },
    footer = {
      "  akvavit plan deepseek-v3 --memory 640GiB",
      "  akvavit plan deepseek-v3.2 --machine 8xH200 --users 32 --context 65536",
      "  akvavit plan models/Qwen3-8B --kv-type f32 --bandwidth 50",
      "  akvavit plan glm-5 --machine 16xH100 --html plan.html",
      "  akvavit plan --check"
    })
final class PlanCommand implements Callable<Integer> {
  private static final int PAGE_WIDTH = 100;
  private static final Duration MEASURING = Duration.ofMillis(300);

  private final Screen screen;
  @Spec private @Nullable CommandSpec spec;

  @Parameters(
      arity = "0..1",
      paramLabel = "MODEL",
      description =
          "A folder, a config.json, a GGUF file, owner/name of the hub, whose config alone is fetched,"
              + " or a shape such as deepseek-v3; a wrong one lists them. Default: the model shipped"
              + " with akvavit.")
  private @Nullable String model;

  @Option(
      names = "--machine",
      paramLabel = "NAME",
      description =
          "GPUs by name, as in 8xH100, or gpus for those of this machine. Default: this machine's"
              + " memory, whose rate of reads is measured.")
  private @Nullable String machine;

  @Option(
      names = "--memory",
      paramLabel = "SIZE",
      description = "Memory to plan for, as in 640GiB; of one GPU when --gpus is given.")
  private @Nullable String memory;

  @Option(names = "--gpus", paramLabel = "N", description = "So many GPUs of --memory each.")
  private @Nullable Integer gpus;

  @Option(
      names = "--bandwidth",
      paramLabel = "GB/s",
      description = "What all memory together is read with; gives the ceiling on tokens a second.")
  private @Nullable Double bandwidth;

  @Option(
      names = "--users",
      paramLabel = "N",
      defaultValue = "1",
      description = "Users at once. Default: 1.")
  private int users;

  @Option(
      names = "--context",
      paramLabel = "N",
      description = "Tokens of each user. Default: the model's own, at most 8192.")
  private int context;

  @Option(
      names = "--shared-prefix",
      paramLabel = "N",
      description = "First tokens that all users have in common: whole pages are kept once.")
  private int sharedPrefix;

  @Mixin private CacheArguments cache = new CacheArguments();

  @Mixin private HubArguments hub = new HubArguments();

  @Option(
      names = "--weights",
      paramLabel = "TYPE",
      description =
          "f32, bf16, fp8, or fp4 for routed experts and fp8 for the rest. Default: as the files or"
              + " the config say.")
  private @Nullable WeightType weights;

  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  @Option(names = "--markdown", description = "Print Markdown.")
  private boolean markdown;

  @Option(
      names = "--check",
      description =
          "Open a model folder or a GGUF file as planned, compute a step, and compare what was"
              + " allocated. A name or a config has no weights to open.")
  private boolean check;

  @Mixin private PlanFiles files = new PlanFiles();

  PlanCommand(Screen screen) {
    this.screen = screen;
  }

  @Override
  public Integer call() {
    Machine on = machine();
    String what = model == null ? DefaultModel.folder().toString() : hub.planned(model, screen);
    Planning found = Planning.of(what, cache.indexPrecision());
    if (!what.equals(model)) {
      String name = model == null ? DefaultModel.NAME : model;
      found = new Planning(found.model().withName(name), found.weights());
    }
    Planning planning = weights == null ? found : found.withWeights(weights);
    Scenario scenario = scenario(planning);
    if (check) {
      return check(what, scenario);
    }
    PlanReport report = planning.report(on, scenario);
    files.write(report, screen);
    if (json || markdown || !files.isAsked()) {
      print(report);
    }
    return ExitCode.OK;
  }

  private Scenario scenario(Planning planning) {
    try {
      return planning.scenario(users, context, sharedPrefix, cache.types());
    } catch (IllegalArgumentException e) {
      throw wrongUsage(
          "--" + String.valueOf(e.getMessage()).replace("shared prefix", "shared-prefix"));
    }
  }

  private Machine machine() {
    try {
      Machine given = givenMachine();
      return bandwidth == null ? given : given.withBandwidth(bandwidth * 1e9);
    } catch (IllegalArgumentException e) {
      throw wrongUsage("--" + e.getMessage());
    }
  }

  private Machine givenMachine() {
    if (machine != null && (memory != null || gpus != null)) {
      throw wrongUsage(
          "found --machine " + machine + " with --memory or --gpus, allowed: one of them");
    }
    if (machine != null) {
      return machine.equals(PlanGpus.NAME) ? PlanGpus.ofThisMachine() : Machine.preset(machine);
    }
    if (memory == null) {
      if (gpus != null) {
        throw wrongUsage(
            "found --gpus " + gpus + " without --memory, allowed: both, as in --memory 80GiB");
      }
      return here();
    }
    long bytes = Machine.parseBytes(memory);
    return gpus == null ? Machine.pool(bytes) : Machine.gpus(bytes, gpus);
  }

  /** Memory that is measured for a moment, unless the user says how fast it is. */
  private Machine here() {
    Machine here = Machine.here();
    if (bandwidth != null || check) {
      return here;
    }
    try (Progress _ = Progress.show(screen, "measuring memory")) {
      int threads = Runtime.getRuntime().availableProcessors();
      double rate = MachineSpeed.readBytesPerSecond(threads, MEASURING);
      return here.withBandwidth(rate, Certainty.MEASURED);
    }
  }

  private void print(PlanReport report) {
    if (json) {
      screen.json(report);
      return;
    }
    PlanPage page = new PlanPage(report);
    if (markdown) {
      screen.say("## " + report.model() + ": " + page.title());
      for (Grid grid : page.grids()) {
        screen.out().println();
        grid.markdown().forEach(screen::say);
      }
      screen.out().println();
      page.notes().forEach(note -> screen.say("- " + note));
      screen.say("- " + PlanPage.whereRulesAre());
      return;
    }
    screen.say(screen.boldOut(report.model()) + "  " + screen.dimOut(page.title()));
    for (Grid grid : page.grids()) {
      screen.out().println();
      screen.say(screen.boldOut(grid.title()));
      grid.lines().forEach(screen::say);
    }
    screen.out().println();
    page.notes().forEach(note -> Screen.wrapped(note, PAGE_WIDTH).forEach(screen::say));
    screen.say(screen.dimOut(PlanPage.whereRulesAre()));
  }

  /** Fails when the cache or the workspace is not what was planned. */
  private int check(String what, Scenario scenario) {
    Path path = Path.of(what);
    boolean hasWeights =
        Files.isDirectory(path) || what.endsWith(".gguf") && Files.isRegularFile(path);
    if (weights != null || !hasWeights) {
      throw wrongUsage(
          "--check: found "
              + (weights == null ? what : "--weights " + weights)
              + ", allowed: a model folder or a .gguf file with its weights as they are");
    }
    PlanCheck found;
    try (Progress progress = Progress.show(screen, "opening the model and computing a step")) {
      found = PlanCheck.of(path, scenario, cache.indexPrecision());
    }
    if (json) {
      screen.json(found);
    } else {
      Table out = new Table(screen);
      out.title("plan check", what);
      out.row("KV cache", against(found.cachePlanned(), found.cacheAllocated()));
      out.row("activations", against(found.activationsPlanned(), found.activationsAllocated()));
      resident(found, out);
    }
    return found.exact() ? ExitCode.OK : ExitCode.FAILURE;
  }

  private static String against(long planned, long allocated) {
    return String.format(Locale.ROOT, "planned %,d bytes, allocated %,d: ", planned, allocated)
        + (planned == allocated ? "exact" : "WRONG");
  }

  private static void resident(PlanCheck found, Table out) {
    if (Double.isNaN(found.off())) {
      out.row("in memory", "this system does not tell what of a process is in memory");
      return;
    }
    out.section("in memory after one full step");
    out.row("weights", planned(found.weightsPlanned(), found.weightsRead()));
    out.row(
        "in total",
        planned(found.totalPlanned(), found.totalFound())
            + (Math.abs(found.off()) <= PlanCheck.TOLERANCE
                ? ", within 2 %"
                : ", more than 2 % off"));
    out.row("", "weights read, cache and activations allocated; planned selections come on top");
    out.row(
        "process",
        "grew by " + Amounts.bytes(found.processGrowth()) + " outside of its heap and code");
    out.row("", "not compared: the JVM's compiler works there too, in some 3 to 20 MiB");
    out.row("JVM", planned(found.jvmPlanned(), found.jvmFound()) + ", a reserve");
  }

  private static String planned(long planned, long found) {
    return String.format(
        Locale.ROOT,
        "planned %s, found %s: %+.1f %%",
        Amounts.bytes(planned),
        Amounts.bytes(found),
        100.0 * (found - planned) / planned);
  }

  private RuntimeException wrongUsage(String message) {
    return spec == null
        ? new CommandException(message)
        : new ParameterException(spec.commandLine(), message);
  }
}
