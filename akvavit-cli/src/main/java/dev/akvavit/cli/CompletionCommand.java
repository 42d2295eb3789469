package dev.akvavit.cli;

import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/**
 * {@code akvavit generate-completion}: a script that lets the shell complete commands and options.
 */
@Command(
    name = "generate-completion",
    header = "Print a completion script for bash and zsh.",
    footer = {"  source <(akvavit generate-completion)"})
final class CompletionCommand implements Callable<Integer> {
  private final Screen screen;
  @Spec private @Nullable CommandSpec spec;

  CompletionCommand(Screen screen) {
    this.screen = screen;
  }

  @Override
  public Integer call() {
    if (spec != null) {
      screen.out().print(AutoComplete.bash("akvavit", spec.root().commandLine()));
    }
    return ExitCode.OK;
  }
}
