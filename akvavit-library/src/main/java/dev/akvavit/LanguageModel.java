package dev.akvavit;

import dev.akvavit.core.Backend;
import dev.akvavit.core.ConfigSource;
import dev.akvavit.core.ModelConfig;
import dev.akvavit.engine.Engine;
import dev.akvavit.engine.Request;
import dev.akvavit.format.Checkpoint;
import dev.akvavit.format.PlacedWeights;
import dev.akvavit.model.arch.Architecture;
import dev.akvavit.model.arch.Architectures;
import dev.akvavit.text.ChatMessage;
import dev.akvavit.text.FimTokens;
import dev.akvavit.text.Prompt;
import dev.akvavit.text.Tokenizer;
import dev.akvavit.text.constraint.StructuredOutput;
import dev.akvavit.text.reply.ReplyFormat;
import dev.akvavit.text.template.ChatEncoder;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * A model that is open: text in, text out. Any number of threads may ask at once; the same question
 * gets the same answer alone or in a crowd.
 *
 * <pre>{@code
 * try (LanguageModel model = LanguageModel.open(Path.of("my-model"))) {
 *   model.generate("class LruCache<K, V>").stream(System.out::print);
 * }
 * }</pre>
 */
public final class LanguageModel implements AutoCloseable {
  private final Path folder;
  private final Checkpoint checkpoint;
  private final PlacedWeights weights;
  private final ModelRunner runner;
  private final Tokenizer tokenizer;
  private final @Nullable ChatEncoder chatEncoder;
  private final GenerationDefaults defaults;
  private final ModelOptions options;
  private final @Nullable ReplyFormat replyFormat;
  private final AtomicReference<@Nullable StructuredOutput> structured = new AtomicReference<>();

  private LanguageModel(
      Path folder,
      Checkpoint checkpoint,
      PlacedWeights weights,
      ModelRunner runner,
      Tokenizer tokenizer,
      @Nullable ChatEncoder chatEncoder,
      GenerationDefaults defaults,
      ModelOptions options) {
    this.folder = folder;
    this.checkpoint = checkpoint;
    this.weights = weights;
    this.runner = runner;
    this.tokenizer = tokenizer;
    this.chatEncoder = chatEncoder;
    replyFormat = chatEncoder == null ? null : ReplyFormat.of(chatEncoder, tokenizer);
    this.defaults = defaults;
    this.options = options;
  }

  /** Opens a folder in Hugging Face's form or a GGUF file with {@link ModelOptions#DEFAULT}. */
  public static LanguageModel open(Path folder) {
    return open(folder, ModelOptions.DEFAULT);
  }

  /**
   * Opens a folder with {@code config.json}, {@code tokenizer.json} and safetensors, or a {@code
   * .gguf} file, which holds all three; maps the weights, and copies none unless {@link
   * ModelOptions#repack} says so.
   *
   * @throws dev.akvavit.core.MalformedFileException when a file is missing or breaks its format
   * @throws dev.akvavit.core.UnsupportedModelException when this engine would compute the model
   *     wrongly
   * @throws CapacityException when memory cannot hold the cache asked for
   * @throws IllegalArgumentException when an option is out of the model's range, or asks for
   *     repacking that would gain nothing
   */
  public static LanguageModel open(Path folder, ModelOptions options) {
    Checkpoint checkpoint = Checkpoint.open(folder);
    try {
      ConfigSource source = checkpoint.config();
      Architecture architecture = Architectures.of(source);
      ModelConfig config = Architectures.configure(source, options.indexPrecision());
      // A large vocabulary takes as long to read as a cache takes to lay out: side by side.
      CompletableFuture<ModelText> reading =
          CompletableFuture.supplyAsync(() -> ModelText.of(folder, checkpoint));
      PlacedWeights[] placed = new PlacedWeights[1];
      ModelRunner runner;
      try {
        runner =
            new ModelRunner(
                config,
                architecture,
                backend -> placed[0] = Repacking.weights(checkpoint, backend, options),
                options,
                folder.toAbsolutePath().toString());
      } catch (Throwable e) {
        reading.handle((_, _) -> true).join(); // it still reads the mapped file
        throw e;
      }
      ModelText text = await(reading, runner);
      if (options.warmUp()) {
        await(runner.engine.warmUp(), runner);
      }
      return new LanguageModel(
          folder,
          checkpoint,
          placed[0],
          runner,
          text.tokenizer(),
          text.chat(),
          text.defaults(),
          options);
    } catch (Throwable e) {
      checkpoint.close();
      throw e;
    }
  }

  /** Waits for a part of opening that goes on beside; ends the runner where it failed. */
  private static <T> T await(CompletableFuture<T> part, ModelRunner runner) {
    try {
      return part.join();
    } catch (CompletionException e) {
      runner.close();
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw e;
    }
  }

  /**
   * Warms up beside the caller: until loops are compiled, four seconds at most, whatever time the
   * engine has no request for goes to steps that nobody asked for. Then the first prompt that comes
   * later runs nearly as fast as the tenth, and one that comes at once waits for a layer of such a
   * step. {@link ModelOptions#withWarmUp} makes opening wait for it instead.
   *
   * @return completed when it is over, as it is once the model closes; cancelling ends it
   */
  public CompletableFuture<Void> warmUp() {
    return runner.engine.warmUp();
  }

  /** Continues a text, as a document of the model, with the model's own {@link #defaults()}. */
  public Generation generate(String text) {
    return generate(text, defaults());
  }

  /** Continues a text. Control tokens spelled in it stay text. */
  public Generation generate(String text, GenerationOptions how) {
    return generate(tokenizer.encodeDocument(Prompt.content(text)), how, Set.of());
  }

  /**
   * Continues token ids.
   *
   * @throws IllegalArgumentException when the prompt leaves no room in the context, with both
   *     counts
   * @throws dev.akvavit.engine.RefusedException when too much waits already
   */
  public Generation generate(int[] prompt, GenerationOptions how) {
    return generate(prompt, how, Set.of());
  }

  /**
   * Answers a conversation.
   *
   * @throws IllegalStateException when the model has no chat template
   * @throws dev.akvavit.text.template.TemplateException when the template refuses the conversation
   */
  public Generation chat(List<ChatMessage> messages, GenerationOptions how) {
    return generate(tokenizer.encode(render(messages, Map.of())), how, Set.of());
  }

  /**
   * The prompt that a conversation becomes, with the assistant's next turn opened.
   *
   * @param extras further variables of the template, such as {@code enable_thinking}
   * @throws IllegalStateException when the model has no chat template
   */
  public Prompt render(List<ChatMessage> messages, Map<String, Object> extras) {
    if (chatEncoder == null) {
      throw new IllegalStateException(
          folder
              + " has no chat template: it is no chat model; use generate for plain continuation");
    }
    return chatEncoder.render(messages, true, extras);
  }

  /**
   * Fills in what stands between two texts.
   *
   * @throws IllegalStateException when the tokenizer has no fill-in-the-middle tokens
   */
  public Generation fillIn(String prefix, String suffix, GenerationOptions how) {
    FimTokens fim = FimTokens.of(tokenizer);
    if (fim == null) {
      throw new IllegalStateException(
          folder
              + ": its tokenizer has no fill-in-the-middle tokens; use generate on the text before"
              + " the gap");
    }
    return generate(fim.encode(tokenizer, prefix, suffix), how, Set.copyOf(fim.stops()));
  }

  /** Continues token ids; the answer also ends at any of {@code moreStops}. */
  public Generation generate(int[] prompt, GenerationOptions how, Set<Integer> moreStops) {
    int room = runner.engine.limits().maxContext() - prompt.length;
    if (room <= 0) {
      throw new IllegalArgumentException(
          "prompt: found "
              + prompt.length
              + " tokens, allowed: up to "
              + (prompt.length + room - 1)
              + " in a context of "
              + (prompt.length + room)
              + "; shorten it or open the model with a longer context");
    }
    Set<Integer> stops = new HashSet<>(defaults.endTokens());
    stops.addAll(moreStops);
    Request request =
        new Request(
            prompt,
            how.maxTokens() == 0 ? room : how.maxTokens(),
            stops.stream().mapToInt(i -> i).toArray(),
            how.sampling(),
            how.logitBias(),
            how.logProbs(),
            how.scope(),
            how.constraint());
    Generation generation = new Generation(tokenizer.detokenizer(true), how.stops(), stops);
    generation.submitted(runner.engine.submit(request, generation.sink()));
    return generation;
  }

  /**
   * What the model's {@code generation_config.json} recommends; greedy when it recommends nothing.
   */
  public GenerationOptions defaults() {
    return GenerationOptions.GREEDY.withSampling(defaults.sampling());
  }

  public Tokenizer tokenizer() {
    return tokenizer;
  }

  /** Tokens that end an answer, by any of the model's files. */
  public Set<Integer> endTokens() {
    return defaults.endTokens();
  }

  /** How the model marks thought and calls of tools; null when it does not chat. */
  public @Nullable ReplyFormat replyFormat() {
    return replyFormat;
  }

  /** Masks that make answers JSON of a schema; made when first asked for. */
  public StructuredOutput structuredOutput() {
    StructuredOutput made = structured.get();
    if (made == null) {
      structured.compareAndSet(null, StructuredOutput.of(tokenizer));
      made = Objects.requireNonNull(structured.get());
    }
    return made;
  }

  /** Whether {@link #chat} works. */
  public boolean chats() {
    return chatEncoder != null;
  }

  /** Whether {@link #fillIn} works. */
  public boolean fillsIn() {
    return FimTokens.of(tokenizer) != null;
  }

  public ModelConfig config() {
    return runner.config;
  }

  public ModelOptions options() {
    return options;
  }

  /** Architecture, parameters and cache in figures. */
  public ModelSummary summary() {
    return ModelSummary.of(
        runner.config, Architectures.of(checkpoint.config()), options.cacheTypes());
  }

  /** The engine underneath: limits, counters, raw requests. */
  public Engine engine() {
    return runner.engine;
  }

  /** Who computes, for people. */
  public String backend() {
    return runner.backend.description();
  }

  /**
   * The arithmetic that the machine gives this model's workers at most, F32 first, measured for
   * about {@code each}; nothing may be computed meanwhile.
   */
  public List<Backend.Peak> peaks(Duration each) {
    return runner.backend.peaks(each);
  }

  /** The weights as the files hold them. */
  public StoredWeights weights() {
    return new StoredWeights(checkpoint, weights, runner.config, runner.backend);
  }

  /** Bytes of the KV cache as allocated. */
  public long cacheBytes() {
    return runner.cache.bytes();
  }

  /** Bytes of activations as allocated. */
  long workspaceBytes() {
    return runner.decoder.workspaceBytes();
  }

  /**
   * Tokens that each routed expert has served: {@code [layer][expert]}, empty rows for dense
   * layers.
   */
  public long[][] expertLoad() {
    return runner.decoder.expertLoad();
  }

  /**
   * Which tokens of a prompt sparse attention chooses, layer by layer; computed beside the engine,
   * whose requests, cache and counters do not notice.
   *
   * @param prompt 1 to {@link Selections#MOST_TOKENS} ids
   * @throws IllegalStateException when the model has no sparse attention
   */
  public Selections selections(int[] prompt) {
    return Selections.of(checkpoint, runner.config, options, prompt);
  }

  /** The model as the planner sees it. */
  public Planning planning() {
    return Planning.of(folder.toString(), options.indexPrecision());
  }

  /** Ends what runs, then unmaps the weights. */
  @Override
  public void close() {
    runner.close();
    weights.close();
    checkpoint.close();
  }
}
