package dev.akvavit.cli;

import dev.akvavit.hub.CachedModel;
import dev.akvavit.hub.Hub;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code akvavit ls}: models in the cache. */
@Command(
    name = "ls",
    header = "List the models in the cache, whoever fetched them.",
    description = "Looks at files alone: nothing is asked of the network.",
    footer = {"  akvavit ls", "  akvavit ls --json | jq '.models[].model'"})
final class LsCommand implements Callable<Integer> {
  private static final int COMMIT = 10;

  private final Screen screen;
  @Mixin private HubArguments arguments = new HubArguments();

  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  LsCommand(Screen screen) {
    this.screen = screen;
  }

  /** What {@code --json} prints. */
  private record Listing(String cache, List<CachedModel> models) {}

  @Override
  public Integer call() {
    Hub hub = arguments.hub();
    List<CachedModel> models = hub.list();
    if (json) {
      screen.json(new Listing(hub.settings().cache().toString(), models));
    } else if (models.isEmpty()) {
      screen.tell(
          "no models in " + hub.settings().cache() + "; akvavit pull owner/name fetches one");
    } else {
      Instant now = Instant.now();
      List<List<String>> rows = models.stream().map(model -> row(model, now)).toList();
      List<String> header = List.of("model", "revision", "size", "files", "", "last used");
      new Grid("models", header, List.of(1, 4), rows)
          .lines()
          .forEach(line -> screen.say(line.substring(2)));
    }
    return ExitCode.OK;
  }

  private static List<String> row(CachedModel model, Instant now) {
    String commit = model.commit().substring(0, COMMIT);
    return List.of(
        model.model(),
        model.revisions().isEmpty()
            ? commit
            : String.join(", ", model.revisions()) + " (" + commit + ")",
        Amounts.bytes(model.bytes()),
        "" + model.files(),
        model.complete() ? "complete" : "incomplete",
        age(Duration.between(model.lastUsed(), now)));
  }

  /** As people say it. */
  static String age(Duration age) {
    if (age.toDays() >= 1) {
      return plural(age.toDays(), "day");
    }
    if (age.toHours() >= 1) {
      return plural(age.toHours(), "hour");
    }
    return age.toMinutes() >= 1 ? plural(age.toMinutes(), "minute") : "just now";
  }

  private static String plural(long count, String unit) {
    return count + " " + unit + (count == 1 ? "" : "s") + " ago";
  }
}
