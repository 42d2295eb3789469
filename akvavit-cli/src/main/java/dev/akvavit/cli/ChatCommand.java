package dev.akvavit.cli;

import dev.akvavit.GenerationOptions;
import dev.akvavit.LanguageModel;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code akvavit chat}: a conversation with a model that has a chat template. */
@Command(
    name = "chat",
    header = "Talk to a model that has a chat template.",
    description = {
      "Ctrl-C ends an answer, Ctrl-D the chat; /help lists the commands inside. A line that ends in"
          + " a backslash goes on, and so does one that opens \"\"\" until they close. From a pipe,"
          + " every line is a question."
    },
    footer = {
      "  akvavit chat -m models/Qwen3-0.6B",
      "  akvavit chat -m models/Llama-3.2-1B-Instruct --system \"Answer in one sentence.\""
          + " --temperature 0.7"
    })
final class ChatCommand implements Callable<Integer> {
  private final Screen screen;
  @Mixin private ModelArguments model = new ModelArguments();
  @Mixin private SamplingArguments sampling = new SamplingArguments();

  @Option(
      names = "--system",
      paramLabel = "TEXT",
      description = "What the model is told before the first question.")
  private String system = "";

  ChatCommand(Screen screen) {
    this.screen = screen;
  }

  @Override
  public Integer call() throws IOException {
    int maxTokens = sampling.maxTokens(0);
    sampling.over(GenerationOptions.GREEDY); // wrong usage is told before a model is opened
    try (LanguageModel opened = model.open(screen)) {
      if (!opened.chats()) {
        throw new CommandException(
            model.name()
                + " has no chat template: it continues text and does not answer; use akvavit run,"
                + " or -m with a chat model");
      }
      try (ChatInput input = input()) {
        screen.tell(
            screen.dimErr(model.name() + " on " + opened.backend() + "; /help lists the commands"));
        GenerationOptions how = sampling.over(opened.defaults()).withMaxTokens(maxTokens);
        opened.warmUp(); // while the first question is typed
        new ChatSession(screen, opened, input, how, system).run();
      }
    }
    return ExitCode.OK;
  }

  private ChatInput input() throws IOException {
    return screen.inIsTerminal() && screen.outIsTerminal()
        ? new TerminalInput(ChatSession.COMMANDS.keySet())
        : ChatInput.piped(screen);
  }
}
