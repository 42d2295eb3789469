package dev.akvavit.cli;

import dev.akvavit.core.Limits;
import dev.akvavit.text.Prompt;
import dev.akvavit.text.Tokenizer;
import dev.akvavit.text.Tokenizers;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.DoubleStream;

/**
 * Jlama's command, {@code jlama complete}. With no terminal it writes a line for each token: for
 * the first the prompt's milliseconds a token, rounded to whole ones, then the mean of all tokens
 * generated so far. It warms nothing up, so as many tokens as count are generated before those that
 * do; prompts stay cold.
 */
final class Jlama implements Peer {
  private static final Pattern TIME = Pattern.compile("\\[took ([0-9.,]+)ms]\\)");
  private static final String WORD = " a";
  private static final int SAMPLE = 256;
  private static final int SLACK = 10; // a begin token, and a vocabulary read otherwise

  private final Path program;

  Jlama(Path program) {
    this.program = program;
  }

  @Override
  public String name() {
    return "Jlama";
  }

  @Override
  public String wanted() {
    return "a folder of safetensors";
  }

  @Override
  public boolean reads(Path model) {
    return Files.isDirectory(model);
  }

  @Override
  public List<Setting> settings() {
    return List.of(Setting.DEFAULTS);
  }

  @Override
  public List<String> notes() {
    return List.of(
        "jlama complete warms nothing up: of its tokens the second half counts, its prompts are"
            + " those of a JVM just started, in whole milliseconds a token");
  }

  @Override
  public Result run(Path model, int threads, Setting setting, BenchTest test) {
    Tokenizer tokenizer = Tokenizers.open(model, Limits.DEFAULT);
    String text = text(tokenizer, Math.max(1, test.prompt() + test.depth()));
    int length = tokenizer.encode(Prompt.content(text)).length; // Jlama's may differ by a few
    int all = length + 2 * test.tokens() + SLACK;
    double[] times;
    try {
      Path cache = Files.createTempDirectory("akvavit-jlama");
      Path link = cache.resolve("bench_model"); // how it keeps the hub's bench/model
      try {
        Files.createSymbolicLink(link, model.toAbsolutePath());
        List<String> arguments = new ArrayList<>(List.of("complete", "--model-cache", "" + cache));
        arguments.addAll(List.of("--threads", "" + threads, "--temperature", "0"));
        arguments.addAll(List.of("--tokens", "" + all, "--prompt", text));
        arguments.addAll(setting.options());
        arguments.add("bench/model");
        times = times(PeerProcess.output(program, arguments));
      } finally {
        Files.deleteIfExists(link);
        Files.delete(cache);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new Result(name(), test.prompt() > 0 ? read(times, test) : generated(times, test));
  }

  /** About as many tokens as asked for, whatever the vocabulary. */
  private static String text(Tokenizer tokenizer, int tokens) {
    int found = tokenizer.encode(Prompt.content(WORD.repeat(SAMPLE))).length;
    return WORD.repeat(Math.max(1, Math.round((float) tokens * SAMPLE / found)));
  }

  private static double[] times(String output) {
    DoubleStream.Builder times = DoubleStream.builder();
    Matcher line = TIME.matcher(output);
    while (line.find()) {
      times.add(Double.parseDouble(line.group(1).replace(',', '.')));
    }
    return times.build().toArray();
  }

  private double read(double[] times, BenchTest test) {
    if (times.length == 0 || times[0] < 1) {
      throw new FailedException(
          program + " gave no time of " + test.name() + ", or less than a millisecond a token");
    }
    return 1000 / times[0];
  }

  /** Line {@code i} has the mean of {@code i} tokens: what they took together is the product. */
  private double generated(double[] times, BenchTest test) {
    int n = test.tokens();
    if (times.length <= 2 * n) {
      throw new FailedException(
          String.format(
              Locale.ROOT,
              "%s generated %d tokens of the %d that %s needs; its text ended early",
              program,
              times.length,
              2 * n + 1,
              test.name()));
    }
    return 1000 * n / (2 * n * times[2 * n] - n * times[n]);
  }
}
