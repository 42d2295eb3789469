package dev.akvavit.cli;

import dev.akvavit.hub.Hub;
import dev.akvavit.hub.ModelReference;
import dev.akvavit.hub.Removal;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code akvavit rm}: models out of the cache. */
@Command(
    name = "rm",
    header = "Remove a model, or one revision of it, from the cache.",
    description = "Files that other revisions share stay. Asks first on a terminal.",
    footer = {
      "  akvavit rm Qwen/Qwen3-0.6B",
      "  akvavit rm --yes deepseek-ai/DeepSeek-V2-Lite@604d5664dd"
    })
final class RmCommand implements Callable<Integer> {
  private final Screen screen;
  @Mixin private HubArguments arguments = new HubArguments();

  @Parameters(
      paramLabel = "MODEL",
      description = "owner/name, or owner/name@revision: a branch, a tag, or a commit's digits.")
  private String model = "";

  @Option(
      names = {"-y", "--yes"},
      description = "Do not ask.")
  private boolean yes;

  @Option(names = "--json", description = "Print JSON; needs --yes on a terminal.")
  private boolean json;

  RmCommand(Screen screen) {
    this.screen = screen;
  }

  @Override
  public Integer call() throws IOException {
    ModelReference reference = ModelReference.parse(model);
    if (!reference.variant().isEmpty()) {
      throw new CommandException(
          "rm: found " + model + ", allowed: owner/name or owner/name@revision, not one file");
    }
    boolean all = !model.contains("@");
    Hub hub = arguments.hub();
    Removal planned = hub.removal(reference, all);
    if (!yes && !confirmed(planned)) {
      screen.tell("nothing removed");
      return ExitCode.FAILURE;
    }
    Removal removed;
    try (PullProgress progress = arguments.progress(screen)) {
      removed = hub.remove(reference, all, progress);
    }
    screen.say(
        json
            ? RecordJson.of(removed)
            : "removed " + text(removed) + ", " + Amounts.bytes(removed.bytes()) + " freed");
    return ExitCode.OK;
  }

  private static String text(Removal removal) {
    int commits = removal.commits().size();
    return removal.model() + (commits == 1 ? ", 1 revision" : ", " + commits + " revisions");
  }

  private boolean confirmed(Removal planned) throws IOException {
    if (!screen.inIsTerminal()) {
      throw new CommandException("rm: found no terminal to ask on; add --yes to remove " + model);
    }
    screen
        .err()
        .print("remove " + text(planned) + ", " + Amounts.bytes(planned.bytes()) + "? [y/N] ");
    screen.err().flush();
    String answer =
        new BufferedReader(new InputStreamReader(screen.in(), StandardCharsets.UTF_8)).readLine();
    return answer != null && Set.of("y", "yes").contains(answer.strip().toLowerCase(Locale.ROOT));
  }
}
