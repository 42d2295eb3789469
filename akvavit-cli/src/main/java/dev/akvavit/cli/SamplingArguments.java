package dev.akvavit.cli;

import dev.akvavit.GenerationOptions;
import dev.akvavit.core.Sampling;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * How answers are drawn: what is not given stays as the model's {@code generation_config.json} has
 * it.
 */
final class SamplingArguments {
  @Spec(Spec.Target.MIXEE)
  private @Nullable CommandSpec command;

  @Option(
      names = {"-n", "--max-tokens"},
      paramLabel = "N",
      description = "Tokens to generate at most.")
  private @Nullable Integer maxTokens;

  @Option(
      names = "--temperature",
      paramLabel = "T",
      description = "0 takes the likeliest token each time; 1 draws as the model says.")
  private @Nullable Float temperature;

  @Option(
      names = "--top-k",
      paramLabel = "K",
      description = "Draw among the K likeliest tokens; 0 for all.")
  private @Nullable Integer topK;

  @Option(
      names = "--top-p",
      paramLabel = "P",
      description = "Draw among the fewest tokens with probability P together.")
  private @Nullable Float topP;

  @Option(
      names = "--min-p",
      paramLabel = "P",
      description = "Leave out tokens less likely than P times the likeliest.")
  private @Nullable Float minP;

  @Option(
      names = "--repeat-penalty",
      paramLabel = "R",
      description = "Above 1: make tokens seen before less likely.")
  private @Nullable Float repeatPenalty;

  @Option(
      names = "--seed",
      paramLabel = "S",
      description = "The same seed draws the same answer. Default: 0.")
  private @Nullable Long seed;

  @Option(
      names = "--stop",
      paramLabel = "TEXT",
      description = "End the answer before this text; may be given up to 16 times.")
  private List<String> stops = List.of();

  /** The number given with {@code -n}, or another. */
  int maxTokens(int otherwise) {
    if (maxTokens == null) {
      return otherwise;
    }
    if (maxTokens < 1) {
      throw wrongUsage(
          new IllegalArgumentException("max-tokens: found " + maxTokens + ", allowed: 1 or more"));
    }
    return maxTokens;
  }

  /**
   * The model's defaults with what the command line changes; values out of range are wrong usage.
   */
  GenerationOptions over(GenerationOptions defaults) {
    Sampling model = defaults.sampling();
    try {
      Sampling sampling =
          new Sampling(
              given(temperature, drawsByOption() && model.greedy() ? 1f : model.temperature()),
              given(topK, model.topK()),
              given(topP, model.topP()),
              given(minP, model.minP()),
              given(seed, model.seed()),
              given(repeatPenalty, model.repetitionPenalty()),
              model.frequencyPenalty(),
              model.presencePenalty());
      return defaults.withSampling(sampling).withStops(stops.toArray(String[]::new));
    } catch (IllegalArgumentException e) {
      throw wrongUsage(e);
    }
  }

  /**
   * Whether an option was given that means nothing under greedy decoding: then the user wants
   * draws.
   */
  private boolean drawsByOption() {
    return seed != null || topK != null || topP != null || minP != null;
  }

  private static <T> T given(@Nullable T value, T otherwise) {
    return value == null ? otherwise : value;
  }

  private RuntimeException wrongUsage(IllegalArgumentException e) {
    return command == null ? e : new ParameterException(command.commandLine(), optionName(e), e);
  }

  /** The library says {@code top_k}, the command line {@code --top-k}. */
  private static String optionName(IllegalArgumentException e) {
    String message = String.valueOf(e.getMessage());
    int colon = Math.max(message.indexOf(':'), 0);
    return "--"
        + message.substring(0, colon).replace('_', '-').replace("repetition", "repeat")
        + message.substring(colon);
  }
}
