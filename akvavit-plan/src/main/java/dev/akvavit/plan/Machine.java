package dev.akvavit.plan;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Memory to plan for: one pool, or equal devices that share weights and cache between them.
 *
 * @param name for people
 * @param deviceBytes memory of one device
 * @param devices how many; a model is taken to be spread evenly
 * @param accelerators whether the devices are GPUs, each with a driver's reserve of its own
 * @param bandwidth bytes a second that all devices read together; 0 when not known
 * @param certainty of the memory: measured here, given, or published
 * @param bandwidthCertainty the same of the bandwidth
 */
public record Machine(
    String name,
    long deviceBytes,
    int devices,
    boolean accelerators,
    double bandwidth,
    Certainty certainty,
    Certainty bandwidthCertainty) {
  private static final Pattern SIZE =
      Pattern.compile("(\\d+(?:\\.\\d+)?)\\s*([KMGT]i?B)", Pattern.CASE_INSENSITIVE);
  private static final Pattern PRESET = Pattern.compile("(?:(\\d{1,4})x)?([A-Za-z0-9]+)");

  /** Memory as the drivers report it, bandwidth as the makers publish it. */
  private record Gpu(String name, long mebibytes, double bandwidth) {}

  private static final List<Gpu> GPUS =
      List.of(
          new Gpu("H100", 81_559, 3.35e12),
          new Gpu("H200", 143_771, 4.8e12),
          new Gpu("A100", 81_920, 2.039e12),
          new Gpu("L40S", 46_068, 0.864e12),
          new Gpu("RTX4090", 24_564, 1.008e12));

  public Machine {
    if (deviceBytes < 1 || deviceBytes > 1L << 50) {
      throw new IllegalArgumentException(
          "memory: found " + deviceBytes + " bytes, allowed: 1 byte to 1024 TiB a device");
    }
    if (devices < 1 || devices > 8192) {
      throw new IllegalArgumentException("gpus: found " + devices + ", allowed: 1 to 8192");
    }
    if (!(bandwidth >= 0) || Double.isInfinite(bandwidth)) {
      throw new IllegalArgumentException(
          "bandwidth: found " + bandwidth + ", allowed: bytes a second, or 0 when not known");
    }
  }

  /** Memory of all devices. */
  public long bytes() {
    return deviceBytes * devices;
  }

  /** One pool of memory. */
  public static Machine pool(long bytes) {
    return new Machine("given memory", bytes, 1, false, 0, Certainty.EXACT, Certainty.EXACT);
  }

  /** Equal GPUs. */
  public static Machine gpus(long bytesEach, int count) {
    return new Machine(
        count + " GPUs", bytesEach, count, true, 0, Certainty.EXACT, Certainty.EXACT);
  }

  /**
   * A well-known machine: {@code H100}, {@code 8xH100}.
   *
   * @throws IllegalArgumentException naming the presets there are
   */
  public static Machine preset(String text) {
    Matcher m = PRESET.matcher(text);
    if (m.matches()) {
      for (Gpu gpu : GPUS) {
        if (gpu.name().equalsIgnoreCase(m.group(2))) {
          int count = m.group(1) == null ? 1 : Integer.parseInt(m.group(1));
          return new Machine(
              count + " x " + gpu.name(),
              gpu.mebibytes() << 20,
              count,
              true,
              gpu.bandwidth() * count,
              Certainty.ESTIMATED,
              Certainty.ESTIMATED);
        }
      }
    }
    throw new IllegalArgumentException(
        "machine: found "
            + text
            + ", allowed: a count, x and one of "
            + String.join(", ", GPUS.stream().map(Gpu::name).toList())
            + ", as in 8xH100");
  }

  /**
   * This machine: its memory, or the limit of its container when that is less.
   *
   * @throws IllegalStateException where the system does not tell
   */
  public static Machine here() {
    long total = field(Path.of("/proc/meminfo"), "MemTotal:");
    if (total == 0) {
      throw new IllegalStateException(
          "this system does not tell how much memory it has; say it with --memory");
    }
    long limit = cgroupLimit();
    String name = limit < total ? "this container" : "this machine";
    return new Machine(
        name, Math.min(limit, total), 1, false, 0, Certainty.MEASURED, Certainty.MEASURED);
  }

  /**
   * GPUs that a driver told of.
   *
   * @param model as the driver names it, such as {@code NVIDIA H100 80GB HBM3}
   * @param mebibytes of one; 0 when the driver does not tell, for a model that is known here
   * @return empty when the memory is not known
   */
  public static Optional<Machine> detected(String model, long mebibytes, int count) {
    String squeezed = model.replace(" ", "").toUpperCase(Locale.ROOT);
    Optional<Gpu> known =
        GPUS.stream().filter(g -> squeezed.contains(g.name().toUpperCase(Locale.ROOT))).findFirst();
    long memory = mebibytes > 0 ? mebibytes : known.map(Gpu::mebibytes).orElse(0L);
    if (memory == 0) {
      return Optional.empty();
    }
    return Optional.of(
        new Machine(
            count + " x " + model + " of this machine",
            memory << 20,
            count,
            true,
            known.map(g -> g.bandwidth() * count).orElse(0.0),
            mebibytes > 0 ? Certainty.MEASURED : Certainty.ESTIMATED,
            Certainty.ESTIMATED));
  }

  /** Times a second that so many bytes can be read; NaN when the bandwidth is not known. */
  double ceiling(double bytesRead) {
    return bandwidth == 0 ? Double.NaN : bandwidth / bytesRead;
  }

  /** The same memory, read at a given rate; 0 when not known. */
  public Machine withBandwidth(double bytesPerSecond) {
    return withBandwidth(bytesPerSecond, Certainty.EXACT);
  }

  /** The same memory, read at another rate. */
  public Machine withBandwidth(double bytesPerSecond, Certainty how) {
    return new Machine(name, deviceBytes, devices, accelerators, bytesPerSecond, certainty, how);
  }

  /** {@code kB} of a line of the kernel's tables, as bytes; 0 when there is no such line. */
  private static long field(Path file, String name) {
    try {
      for (String line : Files.readAllLines(file)) {
        if (line.startsWith(name)) {
          return Long.parseLong(line.replaceAll("\\D", "")) << 10;
        }
      }
    } catch (IOException e) {
      return 0; // not Linux
    }
    return 0;
  }

  private static long cgroupLimit() {
    for (String file :
        new String[] {"/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"}) {
      try {
        String text = Files.readString(Path.of(file)).strip();
        return text.equals("max") ? Long.MAX_VALUE : Long.parseLong(text);
      } catch (IOException | NumberFormatException e) {
        continue; // no such file: another version of cgroups, or none
      }
    }
    return Long.MAX_VALUE;
  }

  /**
   * {@code 640GiB}, {@code 80GB}, {@code 512 MiB} in bytes.
   *
   * @throws IllegalArgumentException for anything else
   */
  public static long parseBytes(String text) {
    Matcher m = SIZE.matcher(text.strip());
    if (!m.matches()) {
      throw new IllegalArgumentException(
          "memory: found " + text + ", allowed: a number with its unit, as in 640GiB or 80GB");
    }
    String unit = m.group(2).toUpperCase(Locale.ROOT);
    int power = "KMGT".indexOf(unit.charAt(0)) + 1;
    double base = unit.length() == 3 ? 1024 : 1000;
    return Math.round(Double.parseDouble(m.group(1)) * Math.pow(base, power));
  }
}
