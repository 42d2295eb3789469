package dev.akvavit.cli;

import dev.akvavit.Generation;
import dev.akvavit.GenerationOptions;
import dev.akvavit.LanguageModel;
import dev.akvavit.core.Sampling;
import dev.akvavit.engine.FinishReason;
import dev.akvavit.text.ChatMessage;
import dev.akvavit.text.template.TemplateException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A conversation: its turns so far, the answers to them, and the commands that change it. */
final class ChatSession {
  /** What a line that begins with a slash does. */
  static final Map<String, String> COMMANDS = commands();

  private final Screen screen;
  private final LanguageModel model;
  private final ChatInput input;
  private final List<ChatMessage> turns = new ArrayList<>();
  private GenerationOptions how;
  private String system;

  ChatSession(
      Screen screen, LanguageModel model, ChatInput input, GenerationOptions how, String system) {
    this.screen = screen;
    this.model = model;
    this.input = input;
    this.how = how;
    this.system = system;
  }

  private static Map<String, String> commands() {
    Map<String, String> all = new LinkedHashMap<>();
    all.put("/help", "list these commands");
    all.put("/clear", "forget the conversation");
    all.put("/system", "TEXT  set what the model is told first; without a text, show it");
    all.put("/regenerate", "answer the last question again, drawing other tokens");
    all.put("/save", "FILE  write the conversation as JSON");
    all.put("/exit", "leave, as Ctrl-D does");
    return all;
  }

  /** Reads turns and answers them until the user leaves. */
  void run() {
    String turn = input.next();
    while (turn != null && !turn.equals("/exit")) {
      try {
        take(turn);
      } catch (CommandException | TemplateException | IllegalArgumentException e) {
        tell(e.getMessage() == null ? e.toString() : e.getMessage()); // the conversation goes on
      }
      turn = input.next();
    }
  }

  private void take(String turn) {
    if (turn.isEmpty()) {
      return;
    }
    if (!turn.startsWith("/")) {
      ask(turn);
      return;
    }
    String[] parts = turn.split("\\s+", 2);
    String rest = parts.length < 2 ? "" : parts[1];
    switch (parts[0]) {
      case "/help" ->
          COMMANDS.forEach((name, what) -> screen.tell("  %-12s %s".formatted(name, what)));
      case "/clear" -> turns.clear();
      case "/system" -> setSystem(rest);
      case "/regenerate" -> regenerate();
      case "/save" -> save(rest);
      default -> {
        String near = Spelling.nearest(parts[0], COMMANDS.keySet());
        tell(
            "unknown command "
                + parts[0]
                + (near.isEmpty() ? "" : ", did you mean " + near + "?")
                + "; see /help");
      }
    }
  }

  private void setSystem(String text) {
    if (text.isEmpty()) {
      tell(system.isEmpty() ? "no system message" : "system message: " + system);
    } else {
      system = text;
    }
  }

  private void ask(String question) {
    turns.add(ChatMessage.user(question));
    try {
      answer();
    } catch (RuntimeException e) {
      turns.removeLast(); // a question that was not answered is not part of the conversation
      throw e;
    }
  }

  private void answer() {
    List<ChatMessage> all = new ArrayList<>();
    if (!system.isEmpty()) {
      all.add(ChatMessage.system(system));
    }
    all.addAll(turns);
    StringBuilder text = new StringBuilder();
    try (Generation generation = model.chat(all, how)) {
      input.onInterrupt(generation::cancel);
      Answer.stream(screen, model, generation, 0, reader(text));
      if (generation.finishReason() == FinishReason.LENGTH) {
        tell("the answer was cut: the context or -n allows no more; /clear makes room");
      }
    } finally {
      input.onInterrupt(() -> {});
    }
    turns.add(ChatMessage.assistant(text.toString()));
  }

  private Answer.Reader reader(StringBuilder text) {
    Typewriter typewriter = Typewriter.ofAnswers(screen);
    return new Answer.Reader() {
      @Override
      public void accept(String more) {
        text.append(more);
        typewriter.accept(more);
      }

      @Override
      public void end() {
        typewriter.end();
      }
    };
  }

  /** The same question under the next seed. */
  private void regenerate() {
    if (turns.isEmpty()) {
      tell("nothing was asked yet");
      return;
    }
    if (how.sampling().greedy()) {
      tell(
          "greedy decoding gives the same answer again; start the chat with --temperature 0.8,"
              + " say");
      return;
    }
    how = how.withSampling(withSeed(how.sampling().seed() + 1));
    turns.removeLast();
    String question = String.valueOf(turns.removeLast().content());
    ask(question);
  }

  private Sampling withSeed(long seed) {
    Sampling s = how.sampling();
    return new Sampling(
        s.temperature(),
        s.topK(),
        s.topP(),
        s.minP(),
        seed,
        s.repetitionPenalty(),
        s.frequencyPenalty(),
        s.presencePenalty());
  }

  /** A conversation in a file. */
  private record Saved(List<Turn> messages) {
    record Turn(String role, String content) {}
  }

  private void save(String file) {
    if (file.isEmpty()) {
      tell("/save: found no file name, allowed: a file to write");
      return;
    }
    List<Saved.Turn> all = new ArrayList<>();
    if (!system.isEmpty()) {
      all.add(new Saved.Turn("system", system));
    }
    turns.forEach(t -> all.add(new Saved.Turn(t.role(), String.valueOf(t.content()))));
    try {
      Files.writeString(Path.of(file), RecordJson.of(new Saved(all)) + "\n");
      tell("saved %d messages to %s".formatted(all.size(), file));
    } catch (IOException e) {
      tell("/save: " + file + " cannot be written: " + e.getMessage());
    }
  }

  private void tell(String line) {
    screen.tell(screen.dimErr(line));
  }
}
