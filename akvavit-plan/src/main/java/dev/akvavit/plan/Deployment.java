package dev.akvavit.plan;

import java.util.List;

/**
 * How to start what was planned on processors: options of the JVM, and memory to ask of Kubernetes.
 *
 * @param jvmOptions weights, cache and activations lie outside the Java heap
 * @param memoryMiB to request and to limit: the need, rounded up
 */
public record Deployment(List<String> jvmOptions, long memoryMiB) {
  /** Of {@link Formula#PROCESS}'s half GiB; the rest is class data, compiled code and threads. */
  private static final int HEAP_MIB = 256;

  private static final long STEP_MIB = 64;

  public Deployment {
    jvmOptions = List.copyOf(jvmOptions);
  }

  static Deployment of(MemoryBudget budget) {
    return new Deployment(
        List.of(
            "-Xmx" + HEAP_MIB + "m",
            "-XX:+UseSerialGC",
            "--add-modules=jdk.incubator.vector",
            "--enable-native-access=ALL-UNNAMED"),
        Math.ceilDiv(budget.bytes(), STEP_MIB << 20) * STEP_MIB);
  }
}
