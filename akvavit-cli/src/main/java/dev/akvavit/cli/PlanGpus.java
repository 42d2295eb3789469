package dev.akvavit.cli;

import dev.akvavit.plan.Machine;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * GPUs of this machine, as NVIDIA's driver tells of them: by {@code nvidia-smi} where it answers
 * soon, else by the driver's files, which name the model and not its memory.
 */
final class PlanGpus {
  /** What {@code --machine} says for them. */
  static final String NAME = "gpus";

  private static final Duration PATIENCE = Duration.ofSeconds(5);
  private static final List<String> QUERY =
      List.of("nvidia-smi", "--query-gpu=name,memory.total", "--format=csv,noheader,nounits");
  private static final Path DRIVER = Path.of("/proc/driver/nvidia/gpus");

  /** One GPU; 0 MiB when the driver did not tell. */
  record Gpu(String model, long mebibytes) {}

  private PlanGpus() {}

  /**
   * All of them, as equal ones with the memory of the smallest.
   *
   * @throws CommandException when none is found, or none whose memory is known
   */
  static Machine ofThisMachine() {
    return machine(find(QUERY, DRIVER, PATIENCE))
        .orElseThrow(() ->
            new CommandException(
                "--machine gpus: found no GPU whose memory the driver tells; say --machine 8xH100,"
                    + " or --memory and --gpus"));
  }

  static Optional<Machine> machine(List<Gpu> gpus) {
    if (gpus.isEmpty()) {
      return Optional.empty();
    }
    long least = gpus.stream().mapToLong(Gpu::mebibytes).min().orElse(0);
    return Machine.detected(gpus.getFirst().model(), least, gpus.size());
  }

  /** Empty when there is no driver, or it does not answer: never a failure. */
  static List<Gpu> find(List<String> query, Path driver, Duration patience) {
    List<Gpu> asked = ask(query, patience);
    return asked.isEmpty() ? read(driver) : asked;
  }

  private static List<Gpu> ask(List<String> query, Duration patience) {
    try {
      Path answer = Files.createTempFile("akvavit-gpus", ".csv");
      try {
        Process process =
            new ProcessBuilder(query)
                .redirectOutput(answer.toFile()) // a file: nothing to read from one that hangs
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        if (!process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS)) {
          process.destroyForcibly();
          return List.of();
        }
        return process.exitValue() == 0
            ? parse(Files.readString(answer, StandardCharsets.UTF_8))
            : List.of();
      } finally {
        Files.deleteIfExists(answer);
      }
    } catch (IOException e) {
      return List.of(); // no such program
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return List.of();
    }
  }

  /** {@code NVIDIA H100 80GB HBM3, 81559} a line; other lines are no GPUs. */
  static List<Gpu> parse(String csv) {
    List<Gpu> gpus = new ArrayList<>();
    for (String line : csv.lines().toList()) {
      int comma = line.lastIndexOf(',');
      String memory = line.substring(comma + 1).strip();
      if (comma > 0 && memory.matches("\\d{1,9}")) {
        gpus.add(new Gpu(line.substring(0, comma).strip(), Long.parseLong(memory)));
      }
    }
    return List.copyOf(gpus);
  }

  /** {@code Model: NVIDIA H100 80GB HBM3} in a file for each GPU. */
  private static List<Gpu> read(Path driver) {
    List<Gpu> gpus = new ArrayList<>();
    try (DirectoryStream<Path> folders = Files.newDirectoryStream(driver)) {
      for (Path folder : folders) {
        for (String line : Files.readAllLines(folder.resolve("information"))) {
          if (line.startsWith("Model:")) {
            gpus.add(new Gpu(line.substring("Model:".length()).strip(), 0));
          }
        }
      }
    } catch (IOException e) {
      return List.copyOf(gpus); // no driver, or one of another kind
    }
    return List.copyOf(gpus);
  }
}
