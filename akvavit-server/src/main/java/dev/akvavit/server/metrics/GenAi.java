package dev.akvavit.server.metrics;

/**
 * Names of OpenTelemetry's semantic conventions for generative AI, which are still being developed:
 * all in one place, so that a change of theirs is a change of one file.
 */
final class GenAi {
  static final String REQUEST_MODEL = "gen_ai.request.model";
  static final String OPERATION = "gen_ai.operation.name";
  static final String INPUT_TOKENS = "gen_ai.usage.input_tokens";
  static final String CACHED_TOKENS = "gen_ai.usage.cache_read.input_tokens";
  static final String OUTPUT_TOKENS = "gen_ai.usage.output_tokens";
  static final String REQUEST_DURATION = "gen_ai.server.request.duration";
  static final String TIME_TO_FIRST_TOKEN = "gen_ai.server.time_to_first_token";
  static final String TIME_PER_OUTPUT_TOKEN = "gen_ai.server.time_per_output_token";

  private GenAi() {}
}
