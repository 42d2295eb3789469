package dev.akvavit.server.dialects;

import dev.akvavit.GenerationOptions;
import dev.akvavit.core.Sampling;
import dev.akvavit.engine.CacheScope;
import dev.akvavit.server.fields.Field;
import dev.akvavit.server.fields.Field.Place;
import dev.akvavit.server.fields.Fields;
import dev.akvavit.server.http.ApiError;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** The rows that all dialects share: how tokens are drawn and when the answer ends. */
final class SamplingFields {
  private static final int MAX_STOPS = 16;
  private static final int MAX_STOP_LENGTH = 256;
  private static final int MAX_BIASES = 1024;
  private static final int MAX_BIAS = 100;
  static final int MAX_CHOICES = 8;

  static final Field<@Nullable Float> TEMPERATURE = Field.number("temperature", 0, 2);
  static final Field<@Nullable Float> TOP_P = Field.number("top_p", 0, 1);
  static final Field<@Nullable Integer> TOP_K = Field.integer("top_k", -1, 1 << 20);
  static final Field<@Nullable Float> MIN_P = Field.number("min_p", 0, 1);
  static final Field<@Nullable Float> FREQUENCY_PENALTY = Field.number("frequency_penalty", -2, 2);
  static final Field<@Nullable Float> PRESENCE_PENALTY = Field.number("presence_penalty", -2, 2);
  static final Field<@Nullable Float> REPETITION_PENALTY =
      Field.number("repetition_penalty", 0.01, 100);
  static final Field<@Nullable Long> SEED = Field.longInteger("seed");
  static final Field<Integer> CHOICES = Field.integer("n", 1, MAX_CHOICES, 1);
  static final Field<List<String>> STOP = stops("stop");
  static final Field<Map<Integer, Float>> LOGIT_BIAS =
      Field.of(
          "logit_bias",
          "an object of up to "
              + MAX_BIASES
              + " token ids of the vocabulary, each with a number in -100..100",
          Map.of(),
          SamplingFields::biases);

  /** All of them, in the order of the documentation. */
  static final List<Field<?>> ROWS =
      List.of(
          TEMPERATURE,
          TOP_P,
          TOP_K,
          MIN_P,
          FREQUENCY_PENALTY,
          PRESENCE_PENALTY,
          REPETITION_PENALTY,
          SEED,
          CHOICES,
          STOP,
          LOGIT_BIAS);

  private SamplingFields() {}

  /** A row for stop texts: one, or a list. */
  static Field<List<String>> stops(String name) {
    return Field.of(
        name,
        "a text, or up to %d texts, of 1..%d characters".formatted(MAX_STOPS, MAX_STOP_LENGTH),
        List.of(),
        (place, v) ->
            v.isString()
                ? List.of(stop(place, v))
                : Field.list(place, v, MAX_STOPS, SamplingFields::stop));
  }

  private static String stop(Place place, JsonNode v) {
    String stop = Field.text(place, v, MAX_STOP_LENGTH);
    if (stop.isEmpty()) {
      throw place.refuse("an empty text");
    }
    return stop;
  }

  private static Map<Integer, Float> biases(Place place, JsonNode v) {
    if (!v.isObject()) {
      throw place.refuse(v);
    }
    if (v.size() > MAX_BIASES) {
      throw place.refuse(v.size() + " entries");
    }
    Map<Integer, Float> biases = new HashMap<>();
    for (Map.Entry<String, JsonNode> entry : v.properties()) {
      double bias = entry.getValue().isNumber() ? entry.getValue().doubleValue() : Double.NaN;
      if (!(Math.abs(bias) <= MAX_BIAS)) {
        throw place.refuse(entry.getValue());
      }
      biases.put(tokenId(place, entry.getKey()), (float) bias);
    }
    return biases;
  }

  private static int tokenId(Place place, String text) {
    boolean plain = text.length() <= 9 && text.matches("0|[1-9][0-9]*");
    if (!plain || Integer.parseInt(text) >= place.bounds().vocabulary()) {
      String shown = text.length() <= 40 ? text : text.substring(0, 40) + "…";
      throw ApiError.invalid(
          place.name(),
          "token id \"" + shown + "\"",
          "token ids in 0.." + (place.bounds().vocabulary() - 1));
    }
    return Integer.parseInt(text);
  }

  /**
   * The model's own defaults with what the request changes.
   *
   * @param choice which of the request's choices: each draws with a seed of its own, the first with
   *     the one given
   */
  static GenerationOptions options(
      Fields fields, GenerationOptions defaults, CacheScope scope, int choice) {
    Sampling model = defaults.sampling();
    Long seed = fields.get(SEED);
    Float topP = fields.get(TOP_P);
    Integer topK = fields.get(TOP_K);
    Sampling sampling =
        new Sampling(
            given(fields.get(TEMPERATURE), model.temperature()),
            topK == null ? model.topK() : Math.max(topK, 0),
            topP == null ? model.topP() : Math.max(topP, Float.MIN_VALUE), // 0 keeps the best alone
            given(fields.get(MIN_P), model.minP()),
            seed == null ? ThreadLocalRandom.current().nextLong() : seed + choice,
            given(fields.get(REPETITION_PENALTY), model.repetitionPenalty()),
            given(fields.get(FREQUENCY_PENALTY), model.frequencyPenalty()),
            given(fields.get(PRESENCE_PENALTY), model.presencePenalty()));
    return defaults
        .withSampling(sampling)
        .withStops(fields.get(STOP).toArray(String[]::new))
        .withLogitBias(fields.get(LOGIT_BIAS))
        .withScope(scope);
  }

  private static float given(@Nullable Float value, float otherwise) {
    return value == null ? otherwise : value;
  }
}
