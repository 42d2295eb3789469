package dev.akvavit.cli;

import dev.akvavit.ModelOptions;
import dev.akvavit.core.ActivationPrecision;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Who computes, with how many threads, by which code. */
final class ComputeArguments {
  @Spec(Spec.Target.MIXEE)
  private @Nullable CommandSpec command;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "Threads that compute. Default: as many as processors.")
  private int threads;

  @Option(
      names = "--backend",
      paramLabel = "NAME",
      defaultValue = "cpu",
      description = "Who computes. Default: cpu.")
  private String backend = "cpu";

  @Option(
      names = "--no-jit-kernels",
      description =
          "Run no machine code that akvavit writes itself; results stay the same where"
              + " --activations is not auto.")
  private boolean noJitKernels;

  @Option(
      names = "--activations",
      paramLabel = "TYPE",
      defaultValue = "auto",
      description =
          "What inputs of matrix products are rounded to: f32 (not at all), int8 (8 bits, before"
              + " quantised weights), bf16 (the same, and bf16 before bf16 weights and in attention"
              + " over a bf16 cache), or auto: what of these this machine is fast at."
              + " Default: auto.")
  private ActivationPrecision activations = ActivationPrecision.AUTO;

  @Option(
      names = "--repack",
      description =
          "Copy quantised weights at the start, sixteen rows interleaved: generates faster where"
              + " memory outruns decoding, results stay the same. Takes as much memory as the file,"
              + " whose own pages the system may then drop, and about a second a gigabyte.")
  private boolean repack;

  /** The options with all set; a value out of range is wrong usage. */
  ModelOptions over(ModelOptions options) {
    int processors = Runtime.getRuntime().availableProcessors();
    if (threads > processors && command != null) {
      throw new ParameterException(
          command.commandLine(),
          "--threads: found %d, allowed: 0 (all cores) to %d: more would wait for one another"
              .formatted(threads, processors));
    }
    try {
      return options
          .withBackend(backend)
          .withThreads(threads)
          .withActivations(activations)
          .withRepack(options.repack() || repack)
          .withMachineCode(options.machineCode() && !noJitKernels);
    } catch (IllegalArgumentException e) {
      throw command == null
          ? e
          : new ParameterException(command.commandLine(), "--" + e.getMessage(), e);
    }
  }
}
