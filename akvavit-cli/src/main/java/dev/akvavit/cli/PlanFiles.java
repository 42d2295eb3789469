package dev.akvavit.cli;

import dev.akvavit.plan.PlanReport;
import dev.akvavit.report.Chart;
import dev.akvavit.report.PngChart;
import dev.akvavit.report.SvgChart;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Files that a plan is written to, besides what it prints; those that exist are replaced. */
final class PlanFiles {
  @Option(
      names = "--html",
      paramLabel = "FILE",
      description = "Write one page with everything: tables, charts, formulas. Needs no network.")
  private @Nullable Path html;

  @Option(names = "--svg", paramLabel = "FILE", description = "Write the charts as SVG.")
  private @Nullable Path svg;

  @Option(names = "--png", paramLabel = "FILE", description = "Write the charts as PNG.")
  private @Nullable Path png;

  /** Whether there is something to write. */
  boolean isAsked() {
    return html != null || svg != null || png != null;
  }

  /**
   * Writes what was asked for.
   *
   * @throws CommandException naming the option when a file cannot be written
   */
  void write(PlanReport report, Screen screen) {
    List<Chart> charts = new PlanCharts(report).all();
    if (html != null) {
      String page = new PlanHtml(report, VersionText.version()).page().html();
      write("--html", html, page.getBytes(StandardCharsets.UTF_8), screen);
    }
    if (svg != null) {
      write("--svg", svg, SvgChart.file(charts).getBytes(StandardCharsets.UTF_8), screen);
    }
    if (png != null) {
      write("--png", png, png(charts), screen);
    }
  }

  private static byte[] png(List<Chart> charts) {
    try {
      return PngChart.of(charts);
    } catch (IllegalStateException e) {
      throw new CommandException("--png: " + e.getMessage());
    }
  }

  static void write(String option, Path file, byte[] bytes, Screen screen) {
    if (Files.isDirectory(file)) {
      throw new CommandException(option + ": found the folder " + file + ", allowed: a file");
    }
    try {
      Files.write(file, bytes);
    } catch (NoSuchFileException e) {
      throw new CommandException(option + ": the folder of " + file + " does not exist");
    } catch (AccessDeniedException e) {
      throw new CommandException(option + ": " + file + " may not be written");
    } catch (IOException e) {
      throw new CommandException(option + ": " + file + " cannot be written: " + e.getMessage());
    }
    screen.tell(screen.dimErr("wrote " + file + ", " + Amounts.bytes(bytes.length)));
  }
}
