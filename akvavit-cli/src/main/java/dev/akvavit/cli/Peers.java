package dev.akvavit.cli;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The peers that {@code bench --compare} knows, by the names of their programs: one line each. */
final class Peers {
  private record Kind(String program, Function<Path, Peer> made) {}

  private static final List<Kind> KINDS =
      List.of(new Kind("llama-bench", LlamaBench::new), new Kind("jlama", Jlama::new));

  private Peers() {}

  /**
   * The first on a search path that reads a model.
   *
   * @param searchPath folders, as the variable PATH has them
   */
  static Peer find(String searchPath, Path model) {
    List<Peer> found = KINDS.stream().flatMap(kind -> on(searchPath, kind).stream()).toList();
    if (found.isEmpty()) {
      throw new CommandException(
          "--compare: found no "
              + programs(" and no ")
              + " on the PATH; install llama.cpp or Jlama, or name it: --compare-with FILE");
    }
    return found.stream()
        .filter(p -> p.reads(model))
        .findFirst()
        .orElseThrow(() ->
            new CommandException(
                "-m: found "
                    + model
                    + ", allowed with --compare: "
                    + found.stream().map(Peers::reading).collect(Collectors.joining("; "))));
  }

  /** The one at {@code program}: what its name begins like, else llama.cpp's. */
  static Peer at(Path program, Path model) {
    if (!Files.isRegularFile(program) || !Files.isExecutable(program)) {
      throw new CommandException(
          "--compare-with: found " + program + ", allowed: a program, " + programs(" or "));
    }
    String name = String.valueOf(program.getFileName());
    Kind kind =
        KINDS.stream().filter(k -> name.startsWith(k.program)).findFirst().orElse(KINDS.getFirst());
    Peer peer = kind.made.apply(program);
    if (!peer.reads(model)) {
      throw new CommandException(
          "-m: found " + model + ", allowed with --compare-with: " + reading(peer));
    }
    return peer;
  }

  private static Optional<Peer> on(String searchPath, Kind kind) {
    return Stream.of(searchPath.split(Pattern.quote(File.pathSeparator)))
        .filter(folder -> !folder.isEmpty())
        .map(folder -> Path.of(folder, kind.program))
        .filter(Files::isExecutable)
        .findFirst()
        .map(kind.made);
  }

  private static String reading(Peer peer) {
    return peer.wanted() + ", which " + peer.name() + " reads";
  }

  private static String programs(String or) {
    return KINDS.stream().map(Kind::program).collect(Collectors.joining(or));
  }
}
