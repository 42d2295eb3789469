package dev.akvavit.cli;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine;

/**
 * What the first word of a command line may be, in the order of the help.
 *
 * <p>Reading the annotations of all commands takes longer than opening a small model, so a command
 * line that begins with one of these words gets that command alone.
 */
final class Verbs {
  private static final String COMPLETION = "generate-completion";
  private static final Map<String, Class<?>> ALL = new LinkedHashMap<>();

  static {
    ALL.put("run", RunCommand.class);
    ALL.put("chat", ChatCommand.class);
    ALL.put("complete", CompleteCommand.class);
    ALL.put("serve", ServeCommand.class);
    ALL.put("show", ShowCommand.class);
    ALL.put("plan", PlanCommand.class);
    ALL.put("claims", ClaimsCommand.class);
    ALL.put("bench", BenchCommand.class);
    ALL.put("pull", PullCommand.class);
    ALL.put("ls", LsCommand.class);
    ALL.put("rm", RmCommand.class);
    ALL.put("doctor", DoctorCommand.class);
    ALL.put("verify", VerifyCommand.class);
    ALL.put("quantize", QuantizeCommand.class);
    ALL.put("eval", EvalCommand.class);
    ALL.put(COMPLETION, CompletionCommand.class); // which spells out all the others
  }

  private Verbs() {}

  /** Adds the command that {@code args} begin with, or all where they begin with none. */
  static CommandLine addTo(CommandLine akvavit, String... args) {
    needed(args).forEach(akvavit::addSubcommand);
    return akvavit;
  }

  private static Collection<Class<?>> needed(String... args) {
    Class<?> first = args.length == 0 || args[0].equals(COMPLETION) ? null : ALL.get(args[0]);
    return first == null ? ALL.values() : List.of(first);
  }
}
