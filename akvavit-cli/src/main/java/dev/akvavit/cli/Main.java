package dev.akvavit.cli;

import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.IFactory;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/**
 * The {@code akvavit} command: reads the command line, runs one verb, turns every failure into one
 * line.
 */
@Command(
    name = "akvavit",
    header = "Efficient attention for the JVM: language models from the command line, offline.",
    description =
        "Every command works at once on the model that ships with akvavit; -m names another.",
    mixinStandardHelpOptions = true,
    versionProvider = VersionText.class,
    scope = ScopeType.INHERIT,
    commandListHeading = "%nCommands:%n",
    footerHeading = "%nExamples:%n",
    footer = {
      "  akvavit run \"class LruCache<K, V>\"    continue a text",
      "  akvavit complete Hello.java:12        fill in the middle of a file",
      "  akvavit show                          what the model is made of",
      "  akvavit pull Qwen/Qwen3-0.6B          fetch a model of the hub, then: chat -m the same",
      "  akvavit doctor                        what this machine can do, and what is slow",
      "",
      "Exit codes: 0 done, 1 failed, 2 wrong usage, 130 interrupted. NO_COLOR turns colours off."
    })
public final class Main implements Runnable {
  private static final int HELP_WIDTH = 100;

  @Spec private @Nullable CommandSpec spec;

  @Option(
      names = "--debug",
      scope = ScopeType.INHERIT,
      description = "Show the stack trace of a failure.")
  private boolean debug;

  /** Runs one command and ends the JVM with its exit code. */
  public static void main(String[] args) {
    System.exit(run(Screen.ofProcess(), args));
  }

  /** Runs one command; its exit code. */
  static int run(Screen screen, String... args) {
    Main main = new Main();
    Failures failures = new Failures(screen, () -> main.debug);
    CommandLine command =
        Verbs.addTo(new CommandLine(main, factory(screen)), args)
            .setOut(writer(screen.out()))
            .setErr(writer(screen.err()))
            .setColorScheme(
                CommandLine.Help.defaultColorScheme(
                    screen.outIsTerminal() && screen.colour() ? Ansi.ON : Ansi.OFF))
            .setUsageHelpWidth(HELP_WIDTH)
            .setCaseInsensitiveEnumValuesAllowed(true)
            .setParameterExceptionHandler(failures::wrongUsage)
            .setExecutionExceptionHandler(failures::failed);
    try {
      return command.execute(args);
    } catch (OutOfMemoryError e) {
      return failures.outOfHeap();
    }
  }

  private static PrintWriter writer(PrintStream stream) {
    return new PrintWriter(stream, true, StandardCharsets.UTF_8);
  }

  /** Commands that talk take the screen. */
  private static IFactory factory(Screen screen) {
    return new IFactory() {
      @Override
      public <K> K create(Class<K> type) throws Exception {
        for (var constructor : type.getDeclaredConstructors()) {
          if (constructor.getParameterCount() == 1
              && constructor.getParameterTypes()[0] == Screen.class) {
            return type.cast(constructor.newInstance(screen));
          }
        }
        return CommandLine.defaultFactory().create(type);
      }
    };
  }

  @Override
  public void run() {
    if (spec != null) {
      throw new ParameterException(spec.commandLine(), "no command given");
    }
  }
}
