package dev.akvavit.server.dialects;

import dev.akvavit.GenerationOptions;
import dev.akvavit.LanguageModel;
import dev.akvavit.TextPiece;
import dev.akvavit.engine.Request;
import dev.akvavit.server.answers.Answers;
import dev.akvavit.server.answers.Ending;
import dev.akvavit.server.answers.Part;
import dev.akvavit.server.answers.PartParser;
import dev.akvavit.server.answers.Question;
import dev.akvavit.server.answers.Usage;
import dev.akvavit.server.fields.Field;
import dev.akvavit.server.fields.Field.Place;
import dev.akvavit.server.fields.FieldTable;
import dev.akvavit.server.fields.Fields;
import dev.akvavit.server.http.ApiError;
import dev.akvavit.server.http.Call;
import dev.akvavit.server.http.EventStream;
import dev.akvavit.server.http.Json;
import dev.akvavit.server.models.ModelShelf;
import dev.akvavit.text.FimTokens;
import dev.akvavit.text.Prompt;
import dev.akvavit.text.Tokenizer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * {@code POST /v1/completions}: a text is continued, or with {@code suffix} the gap before it is
 * filled.
 */
public final class OpenAiCompletions {
  private static final int USUAL_MAX_TOKENS = 16; // as OpenAI's
  private static final int MAX_PROMPTS = 16;
  private static final int MAX_TEXT = 8 << 20;

  /** A prompt as it came: a text, or token ids. */
  private record Given(@Nullable String text, int[] ids) {}

  private static final Field<@Nullable List<Given>> PROMPT =
      Field.of(
          "prompt",
          "a text, a list of token ids, or up to " + MAX_PROMPTS + " of either",
          null,
          OpenAiCompletions::prompts);
  private static final Field<@Nullable String> SUFFIX = Field.text("suffix", MAX_TEXT);
  private static final Field<Integer> MAX_TOKENS =
      Field.integer("max_tokens", 1, Integer.MAX_VALUE, USUAL_MAX_TOKENS);
  private static final Field<Boolean> ECHO = Field.flag("echo", false);
  private static final Field<@Nullable Integer> LOG_PROBS = Field.integer("logprobs", 0, 20);
  private static final Field<Integer> BEST_OF = Field.integer("best_of", 1, 1, 1);

  /** All that such a request may hold. */
  public static final FieldTable TABLE =
      new FieldTable(
          Stream.concat(
                  Stream.<Field<?>>of(
                      CommonFields.MODEL,
                      PROMPT,
                      SUFFIX,
                      MAX_TOKENS,
                      ECHO,
                      LOG_PROBS,
                      BEST_OF,
                      CommonFields.STREAM,
                      CommonFields.STREAM_USAGE),
                  SamplingFields.ROWS.stream())
              .toList(),
          Set.of("user"));

  private final Service service;

  public OpenAiCompletions(Service service) {
    this.service = service;
  }

  /** Answers one request. */
  public void handle(Call call) {
    JsonNode body = call.json();
    try (ModelShelf.Lease lease = service.model(body)) {
      Fields fields = TABLE.read(body, Service.bounds(lease.model()));
      List<Given> prompts = prompts(fields);
      List<Question> questions = questions(lease.model(), fields, prompts, call);
      Shape shape = new Shape(call, lease, fields, prompts);
      try (Answers answers = service.asker().ask(call, lease, questions)) {
        if (fields.get(CommonFields.STREAM)) {
          call.events(events -> shape.stream(answers, events));
        } else {
          call.answer(shape.whole(answers));
        }
      }
    }
  }

  private static List<Given> prompts(Fields fields) {
    List<Given> prompts = fields.get(PROMPT);
    if (prompts == null) {
      throw ApiError.invalid("prompt", "none", PROMPT.allowed());
    }
    boolean fills = fields.get(SUFFIX) != null;
    if (fills && (prompts.size() != 1 || prompts.getFirst().text() == null)) {
      throw ApiError.refused(
          "suffix", "invalid_value", "suffix: allowed only with one text as prompt");
    }
    if (fields.get(ECHO) && fields.get(LOG_PROBS) != null) {
      throw ApiError.refused(
          "echo", "unsupported", "echo: allowed only without logprobs: a prompt is not scored");
    }
    return prompts;
  }

  private static List<Given> prompts(Place place, JsonNode v) {
    if (v.isArray() && !v.isEmpty() && !v.get(0).isNumber()) {
      return Field.list(place, v, MAX_PROMPTS, OpenAiCompletions::prompt);
    }
    return List.of(prompt(place, v));
  }

  private static Given prompt(Place place, JsonNode v) {
    if (v.isString()) {
      return new Given(v.stringValue(), new int[0]);
    }
    int last = place.bounds().vocabulary() - 1;
    List<Integer> ids =
        Field.list(
            place,
            v,
            MAX_TEXT,
            (at, id) -> Field.whole(at.at("", "token ids in 0.." + last), id, 0, last));
    if (ids.isEmpty()) {
      throw place.refuse("an empty list");
    }
    return new Given(null, ids.stream().mapToInt(i -> i).toArray());
  }

  private List<Question> questions(
      LanguageModel model, Fields fields, List<Given> prompts, Call call) {
    Integer alternatives = fields.get(LOG_PROBS);
    FimTokens gap = fields.get(SUFFIX) == null ? null : gap(model);
    Set<Integer> stops = gap == null ? Set.of() : Set.copyOf(gap.stops());
    List<Question> questions = new ArrayList<>();
    for (Given prompt : prompts) {
      int[] ids = ids(model, prompt, gap, fields.get(SUFFIX));
      int maxTokens = Question.fit(model, ids.length, fields.get(MAX_TOKENS), "max_tokens");
      for (int i = 0; i < fields.get(SamplingFields.CHOICES); i++) {
        GenerationOptions how =
            SamplingFields.options(fields, model.defaults(), call.scope(), i)
                .withMaxTokens(maxTokens)
                .withLogProbs(alternatives == null ? Request.NO_LOG_PROBS : alternatives);
        questions.add(new Question(ids, how, stops, PartParser::plain));
      }
    }
    return questions;
  }

  private static FimTokens gap(LanguageModel model) {
    FimTokens gap = FimTokens.of(model.tokenizer());
    if (gap == null) {
      throw ApiError.refused(
          "suffix", "unsupported", "suffix: this model has no tokens to fill in the middle");
    }
    return gap;
  }

  private static int[] ids(
      LanguageModel model, Given prompt, @Nullable FimTokens gap, @Nullable String suffix) {
    String text = prompt.text();
    if (text == null) {
      return prompt.ids();
    }
    Question.requireShort(model, suffix == null ? text : text + suffix);
    Tokenizer tokenizer = model.tokenizer();
    int[] ids =
        gap == null || suffix == null
            ? tokenizer.encodeDocument(Prompt.content(text))
            : gap.encode(tokenizer, text, suffix);
    if (ids.length == 0) {
      throw ApiError.refused(
          "prompt", "invalid_value", "prompt: found no token, allowed: 1 or more");
    }
    return ids;
  }

  /** The answer's JSON. */
  private record Shape(Call call, ModelShelf.Lease lease, Fields fields, List<Given> prompts) {
    Map<String, @Nullable Object> whole(Answers answers) {
      List<Choice> choices = new ArrayList<>();
      for (int i = 0; i < prompts.size() * perPrompt(); i++) {
        choices.add(new Choice(new StringBuilder(echo(i)), new ArrayList<>()));
      }
      List<Ending> endings =
          answers.read(
              (i, part) -> {
                if (part instanceof Part.Content c) {
                  choices.get(i).text().append(c.text());
                  choices.get(i).tokens().addAll(c.tokens());
                }
              },
              () -> {});
      List<Object> shown = new ArrayList<>();
      for (int i = 0; i < choices.size(); i++) {
        Choice c = choices.get(i);
        shown.add(choice(i, c.text().toString(), logProbs(c.tokens(), 0), endings.get(i)));
      }
      Map<String, @Nullable Object> answer = envelope(shown);
      answer.put("usage", Usage.of(endings, perPrompt()).openAi());
      answer.put("timings", Timings.of(endings.getFirst().stats()));
      return answer;
    }

    private record Choice(StringBuilder text, List<TextPiece> tokens) {}

    void stream(Answers answers, EventStream events) {
      int[] offsets = new int[prompts.size() * perPrompt()];
      for (int i = 0; i < offsets.length && fields.get(ECHO); i++) {
        events.send(envelope(List.of(choice(i, echo(i), null, null))));
        offsets[i] = echo(i).length();
      }
      List<Ending> endings =
          answers.read(
              (i, part) -> {
                if (part instanceof Part.Content c && worthSending(c)) {
                  Object logProbs = logProbs(c.tokens(), offsets[i]);
                  offsets[i] += c.text().length();
                  events.send(envelope(List.of(choice(i, c.text(), logProbs, null))));
                }
              },
              events::heartbeat);
      for (int i = 0; i < endings.size(); i++) {
        events.send(envelope(List.of(choice(i, "", null, endings.get(i)))));
      }
      if (fields.get(CommonFields.STREAM_USAGE)) {
        Map<String, @Nullable Object> last = envelope(List.of());
        last.put("usage", Usage.of(endings, perPrompt()).openAi());
        last.put("timings", Timings.of(endings.getFirst().stats()));
        events.send(last);
      }
      events.done();
    }

    private boolean worthSending(Part.Content c) {
      return !c.text().isEmpty() || fields.get(LOG_PROBS) != null;
    }

    private int perPrompt() {
      return fields.get(SamplingFields.CHOICES);
    }

    private String echo(int choice) {
      String text = prompts.get(choice / perPrompt()).text();
      if (!fields.get(ECHO)) {
        return "";
      }
      return text != null
          ? text
          : lease.model().tokenizer().decode(prompts.get(choice / perPrompt()).ids(), true);
    }

    private @Nullable Object logProbs(List<TextPiece> tokens, int offset) {
      return fields.get(LOG_PROBS) == null
          ? null
          : LogProbJson.completion(lease.model().tokenizer(), tokens, offset);
    }

    private Map<String, @Nullable Object> choice(
        int index, String text, @Nullable Object logProbs, @Nullable Ending ending) {
      Map<String, @Nullable Object> choice =
          Json.object(
              "index", index,
              "text", text,
              "logprobs", logProbs,
              "finish_reason", ending == null ? null : ending.openAi());
      Endings.note(choice, ending);
      return choice;
    }

    private Map<String, @Nullable Object> envelope(List<?> choices) {
      return Json.object(
          "id",
          "cmpl-" + call.requestId(),
          "object",
          "text_completion",
          "created",
          call.epochSeconds(),
          "model",
          lease.name(),
          "choices",
          choices);
    }
  }
}
