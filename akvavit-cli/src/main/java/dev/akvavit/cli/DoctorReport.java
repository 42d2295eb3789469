package dev.akvavit.cli;

import dev.akvavit.defaultmodel.DefaultModel;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What {@code doctor} finds.
 *
 * @param aotCache whether class data recorded ahead is in use
 * @param vectorModule whether the Vector API is there
 * @param paths which loops run, and why not faster ones
 * @param readBytesPerSecond of all processors together, measured now
 * @param matmulFlops of the backend on all processors, measured now
 * @param defaultModel its folder, empty when it cannot be had
 */
record DoctorReport(
    String version,
    String java,
    String vendor,
    String jvm,
    List<String> jvmFlags,
    long heapLimit,
    boolean aotCache,
    boolean vectorModule,
    String backend,
    List<String> paths,
    Machine machine,
    double readBytesPerSecond,
    double matmulFlops,
    String defaultModel,
    List<Finding> findings) {

  /** How much a finding matters. */
  enum Weight {
    /** Nothing runs until it is mended. */
    PREVENTS,
    /** Everything runs, slower than it could. */
    SLOWS,
    /** Worth knowing. */
    HINT
  }

  /** Something that is not as it could be, and what to do. */
  record Finding(Weight weight, String what, String advice) {}

  private static final Duration SHORT = Duration.ofMillis(400);
  private static final long MODEL_MEMORY = 512L << 20;

  /**
   * @param slow of the model that is asked about
   */
  static DoctorReport examine(Optional<SlowTypes> slow) {
    List<String> flags = ManagementFactory.getRuntimeMXBean().getInputArguments();
    boolean vector = ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent();
    Machine machine = Machine.read();
    List<Finding> findings = new ArrayList<>();
    String model = defaultModel(findings);
    boolean aot = flags.stream().anyMatch(f -> f.startsWith("-XX:AOTCache="));
    judge(findings, machine, vector, aot);
    slow.ifPresent(s -> findings.add(new Finding(Weight.SLOWS, s.what(), s.advice())));
    int threads = machine.processors();
    MachineSpeed.Matmul matmul = MachineSpeed.matmul("cpu", threads, SHORT);
    return new DoctorReport(
        VersionText.version(),
        Runtime.version().toString(),
        System.getProperty("java.vendor"),
        System.getProperty("java.vm.name"),
        flags,
        Runtime.getRuntime().maxMemory(),
        aot,
        vector,
        matmul.backend(),
        matmul.paths(),
        machine,
        MachineSpeed.readBytesPerSecond(threads, SHORT),
        matmul.flops(),
        model,
        findings);
  }

  boolean canRun() {
    return findings.stream().noneMatch(f -> f.weight() == Weight.PREVENTS);
  }

  private static String defaultModel(List<Finding> findings) {
    try {
      Path folder = DefaultModel.folder();
      return folder.toString();
    } catch (UncheckedIOException e) {
      findings.add(
          new Finding(
              Weight.PREVENTS,
              "the default model cannot be had: " + e.getMessage(),
              "or name another model with -m"));
      return "";
    }
  }

  private static void judge(List<Finding> findings, Machine m, boolean vector, boolean aot) {
    if (!vector) {
      findings.add(
          new Finding(
              Weight.SLOWS,
              "the JVM runs without the Vector API: a fifth to a twentieth of the speed",
              "start with ./akvavit, or java --add-modules jdk.incubator.vector"));
    }
    if (!m.features().isEmpty()
        && m.features().stream().noneMatch(f -> f.startsWith("avx") || f.startsWith("asimd"))) {
      findings.add(
          new Finding(
              Weight.SLOWS,
              "the processor shows no AVX2 or NEON",
              "in a virtual machine, pass the host's processor through"));
    }
    if (m.cpuQuota() > 0 && m.cpuQuota() < m.processors()) {
      findings.add(
          new Finding(
              Weight.SLOWS,
              "the container allows %.1f processors' time, %d threads would share it"
                  .formatted(m.cpuQuota(), m.processors()),
              "--threads " + Math.max(1, (int) m.cpuQuota()) + ", or raise the container's limit"));
    }
    long available =
        m.memoryLimit() == 0 ? m.memoryAvailable() : Math.min(m.memoryAvailable(), m.memoryLimit());
    if (available > 0 && available < MODEL_MEMORY) {
      findings.add(
          new Finding(
              Weight.SLOWS,
              "%s of memory are available: weights will be read from disk again and again"
                  .formatted(Amounts.bytes(available)),
              "end other programs, or choose a smaller model, --context or --kv-type q8_0"));
    }
    if (!aot) {
      findings.add(
          new Finding(
              Weight.HINT,
              "classes are loaded without an AOT cache: every start takes about half a second"
                  + " longer",
              "start with ./akvavit"));
    }
  }
}
