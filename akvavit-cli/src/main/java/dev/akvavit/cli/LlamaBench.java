package dev.akvavit.cli;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/** llama.cpp's own benchmark, as the user installed it: each run is a process of its own. */
final class LlamaBench {
  static final String PROGRAM = "llama-bench";

  /** Ways to run it; which is fastest depends on processor, compiler and depth. */
  static final List<Setting> SETTINGS =
      List.of(
          new Setting("its defaults", List.of()),
          new Setting("-fa 1", List.of("-fa", "1")),
          new Setting(
              "-fa 1 -ctk bf16 -ctv bf16", List.of("-fa", "1", "-ctk", "bf16", "-ctv", "bf16")));

  private static final JsonFactory JSON = new JsonFactory();

  private final Path program;

  LlamaBench(Path program) {
    this.program = program;
  }

  /** Options of a run, as people type them. */
  record Setting(String name, List<String> options) {}

  /** It ran and failed, or said what nobody understands. */
  static final class FailedException extends RuntimeException {
    private static final long serialVersionUID = 1;

    FailedException(String message) {
      super(message);
    }
  }

  /**
   * The one of {@code searchPath}.
   *
   * @param searchPath folders, as the variable PATH has them
   */
  static LlamaBench find(String searchPath) {
    return Stream.of(searchPath.split(Pattern.quote(File.pathSeparator)))
        .filter(folder -> !folder.isEmpty())
        .map(folder -> Path.of(folder, PROGRAM))
        .filter(Files::isExecutable)
        .findFirst()
        .map(LlamaBench::new)
        .orElseThrow(() ->
            new CommandException(
                "--compare: found no "
                    + PROGRAM
                    + " on the PATH; install llama.cpp, or name it: --compare-with FILE"));
  }

  /** The one at {@code program}. */
  static LlamaBench at(Path program) {
    if (!Files.isRegularFile(program) || !Files.isExecutable(program)) {
      throw new CommandException(
          "--compare-with: found " + program + ", allowed: llama.cpp's " + PROGRAM + ", a program");
    }
    return new LlamaBench(program);
  }

  /**
   * What a run found.
   *
   * @param version llama.cpp's build
   * @param rate tokens a second
   */
  record Result(String version, double rate) {}

  /**
   * One test once, after a warm-up that the program makes itself.
   *
   * @throws FailedException when the program fails, for example over a model it does not know
   */
  Result run(Path model, int threads, Setting setting, BenchTest test) {
    List<String> command = new ArrayList<>(List.of(program.toString(), "-m", model.toString()));
    command.addAll(List.of("-t", "" + threads, "-ngl", "0", "-r", "1", "-o", "json"));
    command.addAll(List.of("-p", "" + test.prompt(), "-n", "" + test.tokens()));
    command.addAll(List.of("-d", "" + test.depth()));
    command.addAll(setting.options());
    Map<String, String> found = parse(output(command));
    String build = found.getOrDefault("build_commit", "of an unknown build");
    return new Result("llama.cpp " + build, rate(found, test));
  }

  private String output(List<String> command) {
    try {
      Process process = new ProcessBuilder(command).start();
      Thread killer = new Thread(process::destroyForcibly); // no orphan goes on computing
      Runtime.getRuntime().addShutdownHook(killer);
      try {
        process.getOutputStream().close();
        CompletableFuture<String> errors =
            CompletableFuture.supplyAsync(() -> text(process.errorReader()));
        String out = text(process.inputReader());
        int exit = process.waitFor();
        if (exit != 0) {
          throw new FailedException(
              program + " ended with exit code " + exit + ": " + lastLine(errors.join()));
        }
        return out;
      } finally {
        process.destroyForcibly();
        Runtime.getRuntime().removeShutdownHook(killer);
      }
    } catch (IOException e) {
      throw new FailedException(program + " cannot be run: " + e.getMessage());
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

  /** The fields of the last test of its list: what came before was another's. */
  private Map<String, String> parse(String json) {
    Map<String, String> fields = new HashMap<>();
    try (JsonParser parser = JSON.createParser(ObjectReadContext.empty(), json)) {
      String name = "";
      for (JsonToken t = parser.nextToken(); t != null; t = parser.nextToken()) {
        if (t == JsonToken.PROPERTY_NAME) {
          name = parser.currentName();
        } else if (t.isScalarValue()) {
          fields.put(name, parser.getString());
        }
      }
      return fields;
    } catch (JacksonException e) {
      throw new FailedException(program + " wrote no JSON: " + e.getOriginalMessage());
    }
  }

  private double rate(Map<String, String> found, BenchTest test) {
    boolean same =
        ("" + test.prompt()).equals(found.get("n_prompt"))
            && ("" + test.tokens()).equals(found.get("n_gen"))
            && ("" + test.depth()).equals(found.getOrDefault("n_depth", "0"));
    String rate = found.get("avg_ts");
    if (!same || rate == null) {
      throw new FailedException(
          program + " reported no " + test.name() + "; its -p, -n, -d and -o json are needed");
    }
    return Double.parseDouble(rate);
  }
}
