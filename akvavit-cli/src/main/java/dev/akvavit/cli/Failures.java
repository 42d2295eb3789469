package dev.akvavit.cli;

import dev.akvavit.CapacityException;
import dev.akvavit.GenerationException;
import dev.akvavit.core.MalformedFileException;
import dev.akvavit.core.UnsupportedModelException;
import dev.akvavit.engine.RefusedException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * Turns what went wrong into one line that says what, and what to do. A failure nobody foresaw says so, for then the
 * stack trace is worth a report.
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
    tell(firstLine(e) + suggestion(e) + "; see " + name + " --help");
    trace(e);
    return ExitCode.USAGE;
  }

  private static String suggestion(ParameterException e) {
    if (e instanceof UnmatchedArgumentException unmatched) {
      List<String> near = unmatched.getSuggestions();
      return near.isEmpty() ? "" : ", did you mean " + String.join(" or ", near.stream().limit(3).toList()) + "?";
    }
    return "";
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
            || e instanceof GenerationException
            || e instanceof RefusedException
            || e instanceof IllegalArgumentException
            || e instanceof UncheckedIOException
            || e instanceof IOException;
    tell(foreseen ? firstLine(e) : "unexpected failure, please report it with the output of --debug: " + e);
    trace(e);
    return ExitCode.FAILURE;
  }

  private static String firstLine(Exception e) {
    String message = e.getMessage() == null ? e.toString() : e.getMessage();
    return message.lines().findFirst().orElse(e.toString());
  }

  private void tell(String line) {
    screen.err().println(screen.redErr("akvavit: ") + line);
  }

  private void trace(Exception e) {
    if (debug.getAsBoolean()) {
      e.printStackTrace(screen.err());
    }
  }
}
