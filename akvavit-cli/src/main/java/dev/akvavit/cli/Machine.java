package dev.akvavit.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The machine as the operating system describes it. What a system does not tell is unknown or 0,
 * never guessed.
 *
 * @param features instruction sets that the engine can use, of those the processor has
 * @param processors that this JVM may use
 * @param cpuQuota processors' worth of time that a container allows; 0 for no limit
 * @param memoryLimit bytes a container allows; 0 for no limit
 * @param memoryAvailable bytes that could be had without swapping
 * @param pageCache bytes of files that the kernel keeps in memory
 */
record Machine(
    String cpu,
    Set<String> features,
    int processors,
    double cpuQuota,
    long memoryTotal,
    long memoryAvailable,
    long memoryLimit,
    long pageCache) {
  private static final List<String> USEFUL =
      List.of(
          """
          avx2 fma f16c avx512f avx512bw avx512_vnni avx512_bf16 avx512_fp16 avx_vnni amx_tile
          amx_int8 amx_bf16 asimd asimddp bf16 i8mm sve sve2\
          """
              .split("\\s+"));

  static Machine read() {
    Map<String, String> cpu = fields(Path.of("/proc/cpuinfo"));
    Map<String, String> memory = fields(Path.of("/proc/meminfo"));
    Set<String> has =
        Set.of(cpu.getOrDefault("flags", cpu.getOrDefault("Features", "")).split(" +"));
    return new Machine(
        cpu.getOrDefault("model name", System.getProperty("os.arch")),
        USEFUL.stream().filter(has::contains).collect(Collectors.toCollection(TreeSet::new)),
        Runtime.getRuntime().availableProcessors(),
        quota(),
        kibibytes(memory, "MemTotal"),
        kibibytes(memory, "MemAvailable"),
        limit(),
        kibibytes(memory, "Cached"));
  }

  /** {@code name : value} lines; of several with one name, the first. */
  private static Map<String, String> fields(Path file) {
    try (Stream<String> lines = Files.lines(file)) {
      return lines
          .filter(line -> line.contains(":"))
          .map(line -> line.split(":", 2))
          .collect(Collectors.toMap(p -> p[0].strip(), p -> p[1].strip(), (first, later) -> first));
    } catch (IOException e) {
      return Map.of(); // not Linux
    }
  }

  private static long kibibytes(Map<String, String> fields, String name) {
    return 1024 * Long.parseLong(fields.getOrDefault(name, "0 kB").replaceAll("\\D", ""));
  }

  /**
   * Version 2 of control groups says {@code max 100000} or {@code 150000 100000}, microseconds in a
   * period.
   */
  private static double quota() {
    String[] parts = first(Path.of("/sys/fs/cgroup/cpu.max")).split(" ");
    return parts.length == 2 && !parts[0].equals("max")
        ? Double.parseDouble(parts[0]) / Double.parseDouble(parts[1])
        : 0;
  }

  private static long limit() {
    String limit = first(Path.of("/sys/fs/cgroup/memory.max"));
    return limit.isEmpty() || limit.equals("max") ? 0 : Long.parseLong(limit);
  }

  private static String first(Path file) {
    try {
      return Files.readString(file).strip();
    } catch (IOException e) {
      return "";
    }
  }
}
