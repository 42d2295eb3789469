package dev.akvavit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.akvavit.core.CacheTypes;
import dev.akvavit.core.DType;
import dev.akvavit.core.IndexPrecision;
import dev.akvavit.core.MalformedFileException;
import dev.akvavit.core.Sampling;
import dev.akvavit.defaultmodel.DefaultModel;
import dev.akvavit.engine.FinishReason;
import dev.akvavit.text.ChatMessage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class LanguageModelTest {
  private static final String PROMPT =
      "// Sum.java\npublic class Sum {\n  public static int sum(int[] values) {\n";

  private LanguageModel model;

  @BeforeAll
  void open() {
    model = LanguageModel.open(DefaultModel.folder(), ModelOptions.DEFAULT.withContext(512));
  }

  @AfterAll
  void close() {
    model.close();
  }

  @Test
  void stopTextsEndTheAnswerAndAreNotPartOfIt() {
    GenerationOptions how = GenerationOptions.GREEDY.withMaxTokens(64);
    String whole = model.generate(PROMPT, how).text();
    String stop = whole.substring(20, 26);
    Generation stopped = model.generate(PROMPT, how.withStops(stop));
    assertThat(stopped.text()).isEqualTo(whole.substring(0, whole.indexOf(stop)));
    assertThat(stopped.finishReason()).isEqualTo(FinishReason.STOP);
  }

  @Test
  void aSeedFixesASampledAnswer() {
    GenerationOptions how =
        GenerationOptions.GREEDY
            .withMaxTokens(32)
            .withSampling(new Sampling(0.9f, 40, 0.95f, 0, 7, 1, 0, 0));
    String first = model.generate(PROMPT, how).text();
    assertThat(model.generate(PROMPT, how).text()).isEqualTo(first);
    GenerationOptions other = how.withSampling(new Sampling(0.9f, 40, 0.95f, 0, 8, 1, 0, 0));
    assertThat(model.generate(PROMPT, other).text()).isNotEqualTo(first);
  }

  @Test
  void aSecondQuestionReusesTheFirstOnesPagesAndAnswersAlike() {
    String prompt = PROMPT.repeat(4);
    GenerationOptions how = GenerationOptions.GREEDY.withMaxTokens(16);
    Generation first = model.generate(prompt, how);
    String text = first.text();
    Generation second = model.generate(prompt, how);
    assertThat(second.text()).isEqualTo(text);
    assertThat(first.stats().cachedTokens()).isZero();
    assertThat(second.stats().cachedTokens()).isPositive();
  }

  @Test
  void logProbabilitiesNameTheChosenTokenFirstWhenGreedy() {
    for (TextPiece piece :
        model.generate(PROMPT, GenerationOptions.GREEDY.withMaxTokens(8).withLogProbs(3))) {
      assertThat(piece.alternatives()).hasSize(3);
      assertThat(piece.alternatives().getFirst().id()).isEqualTo(piece.id());
      assertThat(piece.alternatives().getFirst().logProb()).isEqualTo(piece.logProb()).isNegative();
    }
  }

  @Test
  void aPromptThatDoesNotFitIsRefusedWithBothCounts() {
    assertThatThrownBy(() -> model.generate(PROMPT.repeat(40)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("511")
        .hasMessageContaining("512");
    assertThatThrownBy(() -> model.generate(PROMPT, GenerationOptions.GREEDY.withMaxTokens(600)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("600")
        .hasMessageContaining("512");
  }

  @Test
  void optionsOutOfTheModelsRangeAreRefused() {
    assertThatThrownBy(
            () -> LanguageModel.open(DefaultModel.folder(), ModelOptions.DEFAULT.withContext(9000)))
        .hasMessageContaining("9000")
        .hasMessageContaining("8192");
    assertThatThrownBy(() ->
            LanguageModel.open(DefaultModel.folder(), ModelOptions.DEFAULT.withBackend("tpu")))
        .hasMessageContaining("tpu")
        .hasMessageContaining("cpu");
    assertThatThrownBy(() ->
            LanguageModel.open(
                DefaultModel.folder(),
                ModelOptions.DEFAULT.withContext(8192).withCacheTokens(2_000_000_000)))
        .isInstanceOf(CapacityException.class)
        .hasMessageContaining("4480 bytes a token");
  }

  @Test
  void narrowerCachesStillWriteJava() {
    ModelOptions narrow =
        ModelOptions.DEFAULT
            .withContext(512)
            .withCacheType(DType.BF16)
            .withIndexPrecision(IndexPrecision.F8);
    try (LanguageModel small = LanguageModel.open(DefaultModel.folder(), narrow)) {
      assertThat(small.cacheBytes()).isEqualTo(512L * 10 * (160 * 2 + 64 + 4));
      String wide = model.generate(PROMPT, GenerationOptions.GREEDY.withMaxTokens(12)).text();
      assertThat(small.generate(PROMPT, GenerationOptions.GREEDY.withMaxTokens(12)).text())
          .isEqualTo(wide);
    }
  }

  /** A context of one page leaves little to warm up with. */
  @Test
  void openingMayWaitForTheWarmUp() {
    ModelOptions options = ModelOptions.DEFAULT.withContext(20).withWarmUp(true);
    GenerationOptions how = GenerationOptions.GREEDY.withMaxTokens(6);
    try (LanguageModel warm = LanguageModel.open(DefaultModel.folder(), options)) {
      assertThat(warm.warmUp()).as("asked for again").isCompleted();
      assertThat(warm.generate("int a", how).text()).isEqualTo(model.generate("int a", how).text());
    }
  }

  /** Beside a request, and broken off by it. */
  @Test
  void warmingUpIsNotNoticed() throws InterruptedException {
    ModelOptions options = ModelOptions.DEFAULT.withContext(512);
    GenerationOptions how = GenerationOptions.GREEDY.withMaxTokens(40);
    try (LanguageModel cold = LanguageModel.open(DefaultModel.folder(), options);
        LanguageModel warming = LanguageModel.open(DefaultModel.folder(), options)) {
      Generation alone = cold.generate(PROMPT.repeat(2), how);
      CompletableFuture<Void> over = warming.warmUp();
      Generation beside = warming.generate(PROMPT.repeat(2), how);
      assertThat(beside.text()).isEqualTo(alone.text());
      over.join();
      Generation later = warming.generate(PROMPT.repeat(2), how);
      assertThat(later.text()).isEqualTo(cold.generate(PROMPT.repeat(2), how).text());
      assertThat(later.stats().cachedTokens()).isEqualTo(32);
      cold.engine().pageMap(0); // answered after the last step has been counted
      warming.engine().pageMap(0);
      assertThat(warming.engine().counters().computedTokens())
          .isEqualTo(cold.engine().counters().computedTokens());
      assertThat(warming.expertLoad()).isDeepEqualTo(cold.expertLoad());
      assertThat(warming.engine().counters().integrityFailures()).isZero();
    }
  }

  @Test
  void closingEndsAWarmUp() {
    CompletableFuture<Void> over;
    try (LanguageModel warming = LanguageModel.open(DefaultModel.folder())) {
      over = warming.warmUp();
    }
    assertThat(over).isCompleted();
  }

  /** Pages are shared, evicted and computed again whatever their rows are made of. */
  @ParameterizedTest
  @ValueSource(strings = {"f32", "f16", "q8_0", "q8_0,rope=bf16,index=f16"})
  void everyCacheTypeAnswersAlikeAloneAndCrowdedOut(String types) {
    ModelOptions options =
        ModelOptions.DEFAULT
            .withContext(256)
            .withCacheTypes(CacheTypes.parse(types, CacheTypes.of(DType.F32)));
    GenerationOptions how = GenerationOptions.GREEDY.withMaxTokens(64);
    List<String> alone = new ArrayList<>();
    try (LanguageModel roomy = LanguageModel.open(DefaultModel.folder(), options)) {
      for (int i = 0; i < 4; i++) {
        Generation one = roomy.generate(PROMPT.repeat(2) + "    // " + i + "\n", how);
        alone.add(one.text());
        assertThat(one.stats().cachedTokens()).as("shared beginning").isEqualTo(i == 0 ? 0 : 32);
      }
    }
    try (LanguageModel narrow =
        LanguageModel.open(DefaultModel.folder(), options.withCacheTokens(256))) {
      List<Generation> crowd = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        crowd.add(narrow.generate(PROMPT.repeat(2) + "    // " + i + "\n", how));
      }
      for (int i = 0; i < 4; i++) {
        assertThat(crowd.get(i).text()).isEqualTo(alone.get(i));
      }
      assertThat(narrow.engine().counters().preemptions()).isPositive();
    }
  }

  @Test
  void cacheTypesThatTheModelCannotHaveAreRefused() {
    CacheTypes keys = CacheTypes.of(DType.BF16).with("keys", DType.F16);
    assertThatThrownBy(() ->
            LanguageModel.open(DefaultModel.folder(), ModelOptions.DEFAULT.withCacheTypes(keys)))
        .hasMessage("kv-type: found plane keys, allowed for this model: latent, rope, index");
  }

  @Test
  void cancellingEndsAnAnswer() {
    Generation generation = model.generate(PROMPT, GenerationOptions.GREEDY.withMaxTokens(400));
    generation.next();
    generation.cancel();
    generation.text();
    assertThat(generation.finishReason())
        .isIn(FinishReason.CANCELLED, FinishReason.STOP, FinishReason.LENGTH);
  }

  @Test
  void gapsAreFilled() {
    Generation generation =
        model.fillIn(
            PROMPT, "    return total;\n  }\n}\n", GenerationOptions.GREEDY.withMaxTokens(24));
    assertThat(generation.text()).contains("values");
  }

  @Test
  void aModelWithoutATemplateDoesNotChat() {
    assertThat(model.chats()).isFalse();
    assertThatThrownBy(() -> model.chat(List.of(ChatMessage.user("hi")), GenerationOptions.GREEDY))
        .hasMessageContaining("no chat template");
  }

  @Test
  void aTemplateBesideTheModelMakesItChat(@TempDir Path folder) throws IOException {
    for (String name :
        new String[] {
          "config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json"
        }) {
      Files.createSymbolicLink(
          folder.resolve(name), DefaultModel.folder().resolve(name).toAbsolutePath());
    }
    Files.writeString(
        folder.resolve("chat_template.jinja"),
        "{{ bos_token }}{% for m in messages %}<|{{ m.role }}|>{{ m.content }}<|end_turn|>{% endfor %}<|assistant|>");
    try (LanguageModel chat = LanguageModel.open(folder, ModelOptions.DEFAULT.withContext(128))) {
      List<ChatMessage> messages = List.of(ChatMessage.user("what is <|eos|>?"));
      assertThat(chat.render(messages, Map.of()).text())
          .isEqualTo("<|bos|><|user|>what is <|eos|>?<|end_turn|><|assistant|>");
      int[] ids = chat.tokenizer().encode(chat.render(messages, Map.of()));
      assertThat(ids).startsWith(chat.tokenizer().bos(), chat.tokenizer().id("<|user|>"));
      assertThat(ids).doesNotContain(chat.tokenizer().eos());
      assertThat(chat.chat(messages, GenerationOptions.GREEDY.withMaxTokens(4)).text()).isNotNull();
    }
  }

  @Test
  void aModelThatDoesNotOpenLeavesNoThreadBehind(@TempDir Path folder) throws IOException {
    for (String name :
        new String[] {
          "config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json"
        }) {
      Files.createSymbolicLink(
          folder.resolve(name), DefaultModel.folder().resolve(name).toAbsolutePath());
    }
    Files.writeString(
        folder.resolve("generation_config.json"), "{\"do_sample\": true, \"top_p\": \"high\"}");
    long before = ownThreads();
    assertThatThrownBy(() -> LanguageModel.open(folder, ModelOptions.DEFAULT.withContext(128)))
        .isInstanceOf(MalformedFileException.class)
        .hasMessageContaining("top_p");
    assertThat(ownThreads()).isEqualTo(before);
  }

  private static long ownThreads() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(t -> t.getName().startsWith("akvavit-"))
        .count();
  }

  @Test
  void theSummaryCountsWhatTheCardSays() {
    ModelSummary summary = model.summary();
    assertThat(summary.parameters().total())
        .isEqualTo(35_382_528 + 9 * 16); // the card leaves out selection biases
    assertThat(summary.kvBytesPerToken()).isEqualTo(10 * (160 + 64) * 2);
    assertThat(summary.layers()).hasSize(2);
    assertThat(model.cacheBytes()).isEqualTo(512L * summary.kvBytesPerToken());
    assertThat(model.weights().unused()).isEmpty();
    assertThat(model.fillsIn()).isTrue();
  }
}
