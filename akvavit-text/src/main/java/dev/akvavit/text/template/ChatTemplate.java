package dev.akvavit.text.template;

import dev.akvavit.core.Limits;
import dev.akvavit.core.MalformedFileException;
import dev.akvavit.text.ChatMessage;
import dev.akvavit.text.Prompt;
import dev.akvavit.text.json.JsonFile;
import dev.akvavit.text.json.JsonValue;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A model's chat template: turns a conversation into a {@link Prompt} whose message texts are
 * content, so that nobody can spell a control token.
 *
 * <p>Templates come from the model or the operator, never from a request. May be shared by threads.
 */
public final class ChatTemplate implements ChatEncoder {
  private static final String CONFIG = "tokenizer_config.json";
  private static final String DEFAULT = "default";

  /** The one that Hugging Face takes when tools are given and the model has it. */
  private static final String WITH_TOOLS = "tool_use";

  private final Map<String, List<Statement>> templates = new TreeMap<>();
  private final Map<String, String> tokens;
  private final Clock clock;
  private final String source;
  private final boolean tools;

  /** Found out when the first call of a tool is to be written. */
  private volatile @Nullable Boolean argumentsAsText;

  private ChatTemplate(
      String file, Map<String, String> sources, Map<String, String> tokens, Clock clock) {
    sources.forEach((name, source) -> templates.put(name, Parser.parse(file, source)));
    this.tokens = Map.copyOf(tokens);
    this.clock = clock;
    source = String.join("\n", sources.values());
    tools =
        sources.containsKey(WITH_TOOLS)
            || sources.values().stream()
                .flatMap(template -> Lexer.tokens(file, template).stream())
                .anyMatch(token -> token.is(Token.Kind.NAME, "tools"));
  }

  /**
   * The template of a model folder: {@code chat_template.jinja}, else what {@code
   * tokenizer_config.json} has; null when the model has none.
   *
   * @throws MalformedFileException if the files break their format
   * @throws dev.akvavit.core.UnsupportedModelException if a template uses what we do not know,
   *     naming the line
   */
  public static @Nullable ChatTemplate open(Path modelFolder, Limits limits) {
    return open(modelFolder, limits, Clock.systemDefaultZone());
  }

  /** The same with a clock of its own, for templates that write the date. */
  public static @Nullable ChatTemplate open(Path modelFolder, Limits limits, Clock clock) {
    Path config = modelFolder.resolve(CONFIG);
    JsonValue settings =
        Files.exists(config) ? JsonFile.read(config, limits) : new JsonValue(CONFIG, "", Map.of());
    Path jinja = modelFolder.resolve("chat_template.jinja");
    if (Files.exists(jinja)) {
      return new ChatTemplate(
          "chat_template.jinja", Map.of(DEFAULT, source(jinja, limits)), tokens(settings), clock);
    }
    Map<String, String> sources = sources(settings.get("chat_template"));
    return sources.isEmpty() ? null : new ChatTemplate(CONFIG, sources, tokens(settings), clock);
  }

  /** The source of a folder's template, the default one of several. */
  public static Optional<String> source(Path modelFolder) {
    Path jinja = modelFolder.resolve("chat_template.jinja");
    if (Files.exists(jinja)) {
      return Optional.of(source(jinja, Limits.DEFAULT));
    }
    Path config = modelFolder.resolve(CONFIG);
    return Files.exists(config)
        ? Optional.ofNullable(
            sources(JsonFile.read(config, Limits.DEFAULT).get("chat_template")).get(DEFAULT))
        : Optional.empty();
  }

  /**
   * A template from its source.
   *
   * @param tokens special tokens by the names templates know them by: {@code bos_token}, {@code
   *     eos_token}, …
   */
  public static ChatTemplate of(String source, Map<String, String> tokens, Clock clock) {
    return new ChatTemplate("chat_template", Map.of(DEFAULT, source), tokens, clock);
  }

  private static String source(Path jinja, Limits limits) {
    try {
      if (Files.size(jinja) > limits.stringBytes()) {
        throw new MalformedFileException(
            "chat_template.jinja",
            "size",
            Files.size(jinja) + " bytes",
            "at most " + limits.stringBytes());
      }
      return Files.readString(jinja);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Map<String, String> sources(JsonValue value) {
    if (value.value() instanceof String source) {
      return Map.of(DEFAULT, source);
    }
    Map<String, String> sources = new TreeMap<>();
    for (JsonValue named : value.items()) {
      sources.put(named.get("name").text(), named.get("template").text());
    }
    return sources;
  }

  private static Map<String, String> tokens(JsonValue settings) {
    Map<String, String> tokens = new TreeMap<>();
    settings
        .members()
        .forEach((name, token) -> {
          JsonValue text = token.value() instanceof Map ? token.get("content") : token;
          if (name.endsWith("_token") && text.value() instanceof String spelled) {
            tokens.put(name, spelled);
          }
        });
    return tokens;
  }

  /**
   * Writes a conversation out.
   *
   * @param addGenerationPrompt whether to open the assistant's next turn
   * @param extras further variables, such as {@code tools} and {@code enable_thinking}, as maps,
   *     lists, text, numbers, truth and null; texts in them are content
   * @throws TemplateException if the template refuses the conversation or costs too much
   * @throws IllegalArgumentException if an extra is of another class
   */
  @Override
  public Prompt render(
      List<ChatMessage> messages, boolean addGenerationPrompt, Map<String, Object> extras) {
    if (!tools && extras.get("tools") instanceof List<?> given && !given.isEmpty()) {
      throw new TemplateException("the model's template knows no tools; leave them out");
    }
    boolean calls = messages.stream().anyMatch(message -> !message.toolCalls().isEmpty());
    List<ChatMessage> turns =
        calls ? ToolCallArguments.converted(messages, argumentsAsText()) : messages;
    try {
      return jinja(turns, addGenerationPrompt, extras);
    } catch (TemplateException e) {
      List<ChatMessage> filled = ToolCallArguments.withTexts(turns);
      if (filled.equals(turns)) {
        throw e;
      }
      return jinja(filled, addGenerationPrompt, extras);
    }
  }

  @Override
  public String source() {
    return source;
  }

  @Override
  public boolean tools() {
    return tools;
  }

  private boolean argumentsAsText() {
    Boolean known = argumentsAsText;
    if (known == null) {
      known = ToolCallArguments.wantedAsText(this::attempt);
      argumentsAsText = known;
    }
    return known;
  }

  /** What a conversation becomes, or null when the template refuses it. */
  private @Nullable String attempt(List<ChatMessage> messages) {
    try {
      return jinja(messages, false, Map.of()).text();
    } catch (TemplateException e) {
      return null;
    }
  }

  /** What Jinja makes of it, message for message as given. */
  Prompt jinja(
      List<ChatMessage> messages, boolean addGenerationPrompt, Map<String, Object> extras) {
    List<Value> values = new ArrayList<>();
    long chars = 0;
    for (ChatMessage message : messages) {
      values.add(value(message));
      chars += message.content() == null ? 0 : message.content().length();
      chars += message.reasoning() == null ? 0 : message.reasoning().length();
      chars += message.toolCalls().toString().length();
    }
    Interpreter interpreter = new Interpreter(new Fuel(chars), new Functions(clock));
    tokens.forEach((name, token) -> interpreter.define(name, Text.template(token)));
    extras.forEach((name, value) -> interpreter.define(name, Values.of(value, true)));
    interpreter.define("messages", new Value.Items(values));
    interpreter.define("add_generation_prompt", Value.flag(addGenerationPrompt));
    return interpreter.run(template(extras.get("tools") != null)).prompt();
  }

  private List<Statement> template(boolean tools) {
    List<Statement> template = tools ? templates.get(WITH_TOOLS) : null;
    if (template == null) {
      template = templates.get(DEFAULT);
    }
    if (template == null) {
      throw new TemplateException(
          1, "the model has the templates " + templates.keySet() + " but none named " + DEFAULT);
    }
    return template;
  }

  private static Value value(ChatMessage message) {
    Map<String, Value> fields = new LinkedHashMap<>();
    boolean known = ChatMessage.ROLES.contains(message.role());
    fields.put("role", Values.of(message.role(), !known));
    fields.put("content", Values.of(message.content(), true));
    if (message.reasoning() != null) {
      fields.put("reasoning_content", Text.content(message.reasoning()));
      fields.put("reasoning", Text.content(message.reasoning()));
    }
    if (!message.toolCalls().isEmpty()) {
      fields.put("tool_calls", Values.of(message.toolCalls(), true));
    }
    message.extra().forEach((name, value) -> fields.putIfAbsent(name, Values.of(value, true)));
    return new Value.Fields(fields, true);
  }
}
