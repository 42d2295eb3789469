package dev.akvavit.cli;

import dev.akvavit.claims.Checked;
import dev.akvavit.claims.Claim;
import dev.akvavit.claims.Claims;
import dev.akvavit.claims.Effort;
import dev.akvavit.claims.Laboratory;
import dev.akvavit.claims.Story;
import dev.akvavit.claims.Topic;
import dev.akvavit.defaultmodel.DefaultModel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code akvavit claims}: what is said of efficient attention, and whether it is so. */
@Command(
    name = "claims",
    header = "Check what is published on efficient attention: derive it, measure it, judge it.",
    description = {
      "Each claim is derived from configs, measured on this machine, or cited; its verdict follows"
          + " from the published figure.",
      "All of them take some minutes, --quick less than one."
    },
    footer = {
      "  akvavit claims --list",
      "  akvavit claims mla-57x kv-93 sparse",
      "  akvavit claims --quick --html claims.html"
    })
final class ClaimsCommand implements Callable<Integer> {
  /** Repetitions that lie farther apart than this part of their median are worth a word. */
  private static final double QUIET = 0.3;

  private final Screen screen;
  @Spec private @Nullable CommandSpec spec;

  @Parameters(
      arity = "0..*",
      paramLabel = "ID",
      description = "Claims or topics, as --list names them. Default: all.")
  private List<String> ids = List.of();

  @Option(
      names = "--quick",
      description = "Shorter contexts, fewer repetitions: under a minute on two cores.")
  private boolean quick;

  @Option(names = "--list", description = "Name the claims without checking them.")
  private boolean list;

  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  @Option(names = "--markdown", description = "Print Markdown.")
  private boolean markdown;

  @Option(
      names = "--html",
      paramLabel = "FILE",
      description = "Write the story with its curves and verdicts. Needs no network.")
  private @Nullable Path html;

  ClaimsCommand(Screen screen) {
    this.screen = screen;
  }

  /**
   * All that was checked, for programs.
   *
   * @param spread of timed repetitions, over their median; NaN when nothing was timed
   */
  record Report(String effort, double spread, List<Checked> claims) {}

  @Override
  public Integer call() {
    List<Claim> chosen = chosen();
    if (list) {
      ClaimsPage.list(screen, chosen);
      return ExitCode.OK;
    }
    requirePlace();
    Laboratory laboratory =
        Laboratory.of(DefaultModel.folder(), quick ? Effort.QUICK : Effort.FULL);
    List<Checked> checked = check(chosen, laboratory);
    if (html != null) {
      String page = page(laboratory, checked);
      PlanFiles.write("--html", html, page.getBytes(StandardCharsets.UTF_8), screen);
    }
    if (json) {
      screen.json(new Report(quick ? "quick" : "full", laboratory.spread(), checked));
    } else if (markdown) {
      ClaimsPage.markdown(checked).forEach(screen::say);
    } else {
      new ClaimsPage(screen).print(checked);
    }
    warnOfNoise(laboratory.spread());
    return ExitCode.OK;
  }

  /** A page that has no place is told before minutes of measuring, not after. */
  private void requirePlace() {
    if (html == null) {
      return;
    }
    Path folder = html.toAbsolutePath().getParent();
    if (folder == null || !Files.isDirectory(folder) || Files.isDirectory(html)) {
      throw new CommandException(
          "--html: found " + html + ", allowed: a file in a folder there is");
    }
  }

  private void warnOfNoise(double spread) {
    if (spread > QUIET) {
      screen.tell(
          screen.dimErr(
              String.format(
                  Locale.ROOT,
                  "timed repetitions differ by %.0f %%: something else uses this machine;"
                      + " take timed claims again when it is quiet",
                  100 * spread)));
    }
  }

  private String page(Laboratory laboratory, List<Checked> checked) {
    try (Progress _ = Progress.show(screen, "drawing the story")) {
      String circumstances =
          String.format(
              Locale.ROOT,
              "akvavit claims%s, version %s, %s, %d processors, Java %s, %s.",
              quick ? " --quick" : "",
              VersionText.version(),
              System.getProperty("os.arch"),
              Runtime.getRuntime().availableProcessors(),
              Runtime.version(),
              LocalDate.now(ZoneOffset.UTC));
      return Story.page(laboratory, checked, circumstances).html();
    }
  }

  private List<Claim> chosen() {
    if (ids.isEmpty()) {
      return Claims.all();
    }
    Set<Claim> chosen = new LinkedHashSet<>();
    for (String id : ids) {
      List<Claim> named = Claims.named(id);
      if (named.isEmpty()) {
        throw unknown(id);
      }
      chosen.addAll(named);
    }
    return List.copyOf(chosen);
  }

  private RuntimeException unknown(String id) {
    List<String> known =
        Stream.concat(
                Arrays.stream(Topic.values()).map(Topic::id), Claims.all().stream().map(Claim::id))
            .toList();
    String near = Spelling.nearest(id, known);
    String message =
        "unknown claim "
            + id
            + (near.isEmpty() ? "" : ", did you mean " + near + "?")
            + "; akvavit claims --list names all";
    return spec == null
        ? new CommandException(message)
        : new ParameterException(spec.commandLine(), message);
  }

  private List<Checked> check(List<Claim> chosen, Laboratory laboratory) {
    AtomicInteger done = new AtomicInteger();
    List<Checked> checked = new ArrayList<>();
    try (Progress _ = Progress.show(screen, "checking claims", chosen.size(), done::get)) {
      for (Claim claim : chosen) {
        checked.add(claim.check(laboratory));
        done.incrementAndGet();
      }
    }
    return checked;
  }
}
