package dev.akvavit.cli;

import dev.akvavit.Generation;
import dev.akvavit.GenerationOptions;
import dev.akvavit.LanguageModel;
import dev.akvavit.text.ChatMessage;
import dev.akvavit.text.Prompt;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code akvavit run}: continues a text, streaming. */
@Command(
    name = "run",
    header = "Continue a text, or answer it where the model has a chat template.",
    description = {
      "Streams the answer to standard output and one line of statistics to standard error.",
      "Without a prompt, standard input is read."
    },
    footer = {
      "  akvavit run \"public static int max(int[] values) {\"",
      "  akvavit run -n 64 --temperature 0.8 --seed 7 \"class LruCache<K, V> extends\"",
      "  head -30 Big.java | akvavit run -n 100",
      "  akvavit run -m models/Llama-3.2-1B-Instruct \"Why is the sky blue?\""
    })
final class RunCommand implements Callable<Integer> {
  /** A base model has no end of its own. */
  private static final int USUAL_MAX_TOKENS = 256;

  private final Screen screen;
  @Spec private @Nullable CommandSpec spec;
  @Mixin private ModelArguments model = new ModelArguments();
  @Mixin private SamplingArguments sampling = new SamplingArguments();

  @Parameters(
      arity = "0..1",
      paramLabel = "PROMPT",
      description = "The text; - reads standard input.")
  private @Nullable String prompt;

  @Option(
      names = {"-f", "--file"},
      paramLabel = "FILE",
      description = "Read the prompt from a file.")
  private @Nullable Path file;

  @Option(
      names = "--raw",
      description = "Continue the text as it stands, also where the model has a chat template.")
  private boolean raw;

  RunCommand(Screen screen) {
    this.screen = screen;
  }

  @Override
  public Integer call() throws IOException {
    int maxTokens = sampling.maxTokens(0);
    sampling.over(GenerationOptions.GREEDY); // wrong usage is told before a model is opened
    String text = prompt();
    try (LanguageModel opened = model.open(screen)) {
      continueText(opened, text, maxTokens);
    }
    return ExitCode.OK;
  }

  private void continueText(LanguageModel opened, String text, int maxTokens) {
    boolean asks = opened.chats() && !raw;
    int[] ids =
        asks ? question(opened, text) : opened.tokenizer().encodeDocument(Prompt.content(text));
    GenerationOptions how =
        sampling.over(opened.defaults()).withMaxTokens(limit(opened, ids.length, maxTokens, asks));
    try (Generation generation = opened.generate(ids, how)) {
      if (screen.outIsTerminal() && !asks) {
        screen.out().print(screen.dimOut(text));
        screen.out().flush();
      }
      Answer.stream(screen, opened, generation, ids.length, Typewriter.ofAnswer(screen));
    }
  }

  private static int[] question(LanguageModel opened, String text) {
    return opened.tokenizer().encode(opened.render(List.of(ChatMessage.user(text)), Map.of()));
  }

  /**
   * The number asked for, or the usual one as far as the context has room.
   *
   * @param ends whether the model ends its answers itself
   */
  private static int limit(LanguageModel opened, int promptTokens, int asked, boolean ends) {
    int context = opened.engine().limits().maxContext();
    int room = context - promptTokens;
    if (room > 0 && asked > room) {
      throw new CommandException(
          "-n: found %d, allowed: up to %d after a prompt of %d tokens in a context of %d; ask for less, shorten the prompt or give --context"
              .formatted(asked, room, promptTokens, context));
    }
    return asked > 0 || ends
        ? asked
        : Math.clamp(room, 0, USUAL_MAX_TOKENS); // 0 is as many as the context holds
  }

  private String prompt() throws IOException {
    if (file != null && prompt != null) {
      throw wrongUsage("found both a prompt and -f " + file + ", allowed: one of them");
    }
    if (file != null) {
      return Sources.read(file);
    }
    if (prompt != null && !prompt.equals("-")) {
      return prompt;
    }
    if (prompt == null && screen.inIsTerminal()) {
      throw wrongUsage("no prompt given; allowed: a text, -f FILE, or standard input from a pipe");
    }
    String text = new String(screen.in().readAllBytes(), StandardCharsets.UTF_8);
    if (text.isEmpty()) {
      throw wrongUsage("no prompt given: standard input is empty");
    }
    return text;
  }

  private RuntimeException wrongUsage(String message) {
    return spec == null
        ? new CommandException(message)
        : new ParameterException(spec.commandLine(), message);
  }
}
