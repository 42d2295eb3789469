package dev.akvavit.format;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.stream.Stream;

/**
 * A file or folder while it is made, under another name beside its place: it takes the place when
 * it is whole, and is deleted when that fails, also when the process is told to end (Ctrl-C).
 */
final class Unfinished implements AutoCloseable {
  /** A writer that still runs while the JVM ends may put another file into the folder. */
  private static final int ATTEMPTS_AT_EXIT = 3;

  private final Path target;
  private final Path part;
  private final Thread atExit = Thread.ofPlatform().unstarted(this::deleteAtExit);

  private Unfinished(Path target) {
    this.target = target;
    part = target.resolveSibling(target.getFileName() + ".part");
  }

  /** Begins; what an earlier attempt left is deleted. */
  static Unfinished at(Path target) throws IOException {
    Unfinished made = new Unfinished(target);
    made.delete();
    Runtime.getRuntime().addShutdownHook(made.atExit);
    return made;
  }

  /** Where it is made. */
  Path part() {
    return part;
  }

  /** Gives it its name, in place of a file that has it. */
  void finish() throws IOException {
    Files.move(part, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  @Override
  public void close() throws IOException {
    try {
      Runtime.getRuntime().removeShutdownHook(atExit);
    } catch (IllegalStateException _) {
      return; // the hook runs
    }
    delete();
  }

  private void deleteAtExit() {
    for (int i = 0; i < ATTEMPTS_AT_EXIT; i++) {
      try {
        delete();
        return;
      } catch (IOException | UncheckedIOException _) {
        continue;
      }
    }
  }

  private void delete() throws IOException {
    if (Files.exists(part)) {
      try (Stream<Path> files = Files.walk(part)) {
        for (Path path : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.deleteIfExists(path);
        }
      }
    }
  }

  /** A failure in words that say what to mend. */
  static UncheckedIOException failure(Path target, IOException e) {
    String why =
        switch (e) {
          case NoSuchFileException _ -> "its folder does not exist";
          case AccessDeniedException _ -> "no permission";
          case FileSystemException f when f.getReason() != null -> f.getReason();
          default -> String.valueOf(e.getMessage());
        };
    return new UncheckedIOException(target + " cannot be written: " + why, e);
  }
}
