package dev.akvavit.cli;

import dev.akvavit.CapacityException;
import dev.akvavit.GenerationException;
import dev.akvavit.core.MalformedFileException;
import dev.akvavit.core.UnsupportedModelException;
import dev.akvavit.engine.RefusedException;
import dev.akvavit.hub.HubException;
import dev.akvavit.text.template.TemplateException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * Turns what went wrong into one line that says what, and what to do. A failure nobody foresaw says
 * so, for then the stack trace is worth a report.
 */
final class Failures {
  private final Screen screen;
  private final BooleanSupplier debug;

  /**
   * @param debug asked when something fails, for the command line is not read yet when this is made
   */
  Failures(Screen screen, BooleanSupplier debug) {
    this.screen = screen;
    this.debug = debug;
  }

  /** The command line was wrong. */
  int wrongUsage(ParameterException e, String[] args) {
    CommandLine command = e.getCommandLine();
    String name = command.getCommandSpec().qualifiedName();
    tell(
        (e instanceof UnmatchedArgumentException u ? unmatched(u, command) : firstLine(e))
            + "; see "
            + name
            + " --help");
    trace(e);
    return ExitCode.USAGE;
  }

  private static String unmatched(UnmatchedArgumentException e, CommandLine command) {
    String found = e.getUnmatched().getFirst();
    List<String> known = new ArrayList<>(command.getSubcommands().keySet());
    String what = "command";
    if (found.startsWith("-")) {
      what = "option";
      known =
          command.getCommandSpec().options().stream()
              .flatMap(o -> Arrays.stream(o.names()))
              .toList();
    } else if (known.isEmpty()) {
      return "found one argument too many: " + found + "; quote a text that has spaces";
    }
    String near = Spelling.nearest(found, known);
    return "unknown " + what + " " + found + (near.isEmpty() ? "" : ", did you mean " + near + "?");
  }

  /** The command ran and failed. */
  int failed(Exception e, CommandLine command, @Nullable ParseResult parsed) {
    if (e instanceof ParameterException wrong) {
      return wrongUsage(wrong, new String[0]);
    }
    boolean foreseen =
        e instanceof CommandException
            || e instanceof MalformedFileException
            || e instanceof UnsupportedModelException
            || e instanceof CapacityException
            || e instanceof HubException
            || e instanceof GenerationException
            || e instanceof RefusedException
            || e instanceof TemplateException
            || e instanceof IllegalArgumentException
            || e instanceof UncheckedIOException
            || e instanceof IOException;
    tell(
        foreseen
            ? firstLine(e)
            : "unexpected failure, please report it with the output of --debug: " + e);
    trace(e);
    return ExitCode.FAILURE;
  }

  /** Weights and caches lie outside the heap, so this is rare. */
  int outOfHeap() {
    tell(
        "the Java heap of "
            + Amounts.bytes(Runtime.getRuntime().maxMemory())
            + " is too small; set AKVAVIT_JVM_OPTIONS=-Xmx4g, say");
    return ExitCode.FAILURE;
  }

  private static String firstLine(Exception e) {
    String message = e.getMessage() == null ? e.toString() : e.getMessage();
    return message.lines().findFirst().orElse(e.toString());
  }

  private void tell(String line) {
    screen.tell(screen.redErr("akvavit: ") + line);
  }

  private void trace(Exception e) {
    if (debug.getAsBoolean()) {
      e.printStackTrace(screen.err());
    }
  }
}
