package dev.akvavit.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Runs a peer's program to its end. */
final class PeerProcess {
  private PeerProcess() {}

  /**
   * What it wrote to its standard output.
   *
   * @throws Peer.FailedException when it cannot be run or ends with an exit code other than 0
   */
  static String output(Path program, List<String> arguments) {
    ProcessBuilder builder = new ProcessBuilder(program.toString());
    builder.command().addAll(arguments);
    try {
      Process process = builder.start();
      Thread killer = new Thread(process::destroyForcibly); // no orphan goes on computing
      Runtime.getRuntime().addShutdownHook(killer);
      try {
        process.getOutputStream().close();
        CompletableFuture<String> errors =
            CompletableFuture.supplyAsync(() -> text(process.errorReader()));
        String out = text(process.inputReader());
        int exit = process.waitFor();
        if (exit != 0) {
          throw new Peer.FailedException(
              program + " ended with exit code " + exit + ": " + lastLine(errors.join()));
        }
        return out;
      } finally {
        process.destroyForcibly();
        Runtime.getRuntime().removeShutdownHook(killer);
      }
    } catch (IOException e) {
      throw new Peer.FailedException(program + " cannot be run: " + e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CommandException("interrupted while " + program + " ran");
    }
  }

  private static String text(BufferedReader reader) {
    try (reader) {
      return reader.readAllAsString();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String lastLine(String errors) {
    return errors.lines().filter(l -> !l.isBlank()).reduce((a, b) -> b).orElse("it said nothing");
  }
}
