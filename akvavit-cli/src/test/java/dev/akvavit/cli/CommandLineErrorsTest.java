package dev.akvavit.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every mistake gets one line that names the thing, the value and the way out, and the right exit
 * code.
 */
class CommandLineErrorsTest {

  static Stream<Arguments> wrongUsage() {
    return Stream.of(
        wrong("no command given; see akvavit --help"),
        wrong("unknown command rnu, did you mean run?; see akvavit --help", "rnu", "x"),
        wrong(
            "unknown option --temprature, did you mean --temperature?; see akvavit run --help",
            "run",
            "--temprature",
            "1"),
        wrong(
            "found one argument too many: world; quote a text that has spaces",
            "run",
            "hello",
            "world"),
        wrong("no prompt given: standard input is empty", "run"),
        wrong("found both a prompt and -f x.txt", "run", "-f", "x.txt", "y"),
        wrong("--temperature: found -1.0, allowed: 0..100", "run", "--temperature", "-1", "x"),
        wrong("--top-p: found 1.5, allowed: above 0, at most 1", "run", "--top-p", "1.5", "x"),
        wrong("--top-k: found -4, allowed: 0 (all) or more", "run", "--top-k", "-4", "x"),
        wrong("--min-p: found 2.0, allowed: 0..1", "run", "--min-p", "2", "x"),
        wrong("--repeat-penalty: found 0.0, allowed: above 0", "run", "--repeat-penalty", "0", "x"),
        wrong("--max-tokens: found 0, allowed: 1 or more", "run", "-n", "0", "x"),
        wrong("--stop: found a text of 0 characters", "run", "--stop", "", "x"),
        wrong("--threads: found -2, allowed: 0 (all cores) or more", "run", "--threads", "-2", "x"),
        wrong("--context: found -1, allowed: 0", "show", "--context", "-1"),
        wrong(
            "--threads: found 100000, allowed: 0 (all cores) to",
            "run",
            "--threads",
            "100000",
            "x"),
        wrong("'--kv-type': found q4 in q4, allowed: f32", "show", "--kv-type", "q4"),
        wrong("'--activations'", "show", "--activations", "q4"),
        wrong("found q4 in rope=q4, allowed: f32, bf16, f16, q8_0", "show", "--kv-type", "rope=q4"),
        wrong("-r: found 0, allowed: 1 or more", "bench", "-r", "0"),
        wrong("-d: found -5, allowed: 0 or more", "bench", "-d", "0,-5"),
        wrong("-b: found 100000, allowed: 1 to 1024", "bench", "-b", "1,100000"),
        wrong("-d: found 9000, allowed: up to 8127 before -n 64 in a", "bench", "-d", "0,9000"),
        wrong("-p: found 9000, allowed: up to 8191 in a context of 8192", "bench", "-p", "9000"),
        wrong("-n: found 9000, allowed: up to 8190 in a context of 8192", "bench", "-n", "9000"),
        wrong("-p: found 512, allowed: up to 98 in a context of 99", "bench", "--context", "99"),
        wrong("-d: found 1000000 with -b 1024 and", "bench", "-b", "1024", "-d", "1000000"),
        wrong("-m: found --random beside it", "bench", "-m", "x", "--random", "smollm2-135m"),
        wrong("--self-test: found -m, --random, -b or", "bench", "--self-test", "-m", "x"),
        wrong("--self-test: found -p, -n, -d or -r", "bench", "--self-test", "-d", "9"),
        wrong("--depth-chart: found -p or -n", "bench", "--depth-chart", "x", "-n", "9"),
        wrong("--depth-chart: found -m, --random,", "bench", "--depth-chart", "x", "-b", "2"),
        wrong("--memory: found x, allowed: a number with its unit", "serve", "--memory", "x"),
        wrong("Missing required parameter: 'DIR'", "verify"));
  }

  private static Arguments wrong(String message, String... args) {
    return Arguments.of(message, args);
  }

  @ParameterizedTest
  @MethodSource
  void wrongUsage(String message, String[] args) {
    expect(Invocation.of(args), ExitCode.USAGE, message);
  }

  static Stream<Arguments> failures() {
    return Stream.of(
        wrong(
            "-m: found nowhere, which does not exist; allowed: a folder",
            "run",
            "-m",
            "nowhere",
            "x"),
        wrong("-m: found pom.xml, a file; allowed: a folder", "show", "-m", "pom.xml"),
        wrong("src/config.json: file: found none", "show", "-m", "src"),
        wrong("backend: found abacus, allowed: ", "run", "--backend", "abacus", "x"),
        wrong("context: found 9000, allowed: up to 8192", "run", "--context", "9000", "x"),
        wrong(
            "allowed: up to 9 in a context of 10",
            "run",
            "--context",
            "10",
            "int a, b, c, d, e, f, g, h, i, j, k;"),
        wrong(
            "-n: found 9000, allowed: up to 8190 after a prompt of 2 tokens",
            "run",
            "-n",
            "9000",
            "x"),
        wrong("no.txt: found nothing of this name, allowed: a text file", "run", "-f", "no.txt"),
        wrong("src: found no regular file, allowed: a text file", "complete", "src"),
        wrong("No.java: found nothing of this name", "complete", "No.java:3"),
        wrong("no.txt: found nothing of this name", "eval", "perplexity", "no.txt"),
        wrong("src: found no regular file", "eval", "cache", "src"),
        wrong(
            "--window: found 0, allowed: 2 or more",
            "eval",
            "perplexity",
            "pom.xml",
            "--window",
            "0"),
        wrong(
            "window: found 512, allowed: 2 to 100",
            "eval",
            "perplexity",
            "pom.xml",
            "--context",
            "100"),
        wrong(
            "window: found 9000, allowed: 2 to 8192",
            "eval",
            "perplexity",
            "pom.xml",
            "--window",
            "9000"),
        wrong(
            "index-precision: found f8, allowed for this model: exact",
            "plan",
            "--index-precision",
            "f8",
            "deepseek-v3"),
        wrong(
            "index-precision: found f8, allowed for this model: exact",
            "bench",
            "--random",
            "smollm2-135m",
            "--index-precision",
            "f8"),
        wrong("pom.xml: found no marks", "bench", "--depth-chart", "pom.xml"),
        wrong(
            "no/x.gguf cannot be written: its folder does not exist",
            "quantize",
            "--type",
            "q8_0",
            "-o",
            "no/x.gguf"),
        wrong("line: found 100000, allowed: 1..", "complete", "pom.xml:100000"),
        wrong("column: found 999, allowed: 1..", "complete", "pom.xml:1:999"),
        wrong("line: found 0, allowed: 1 or more", "complete", "pom.xml:0"),
        wrong("DIR: found nowhere, which does not exist", "verify", "nowhere"),
        wrong("golden.safetensors: found no such file", "verify", "src"),
        wrong("shape: found gpt-5, allowed: llama-2-7b", "bench", "--random", "gpt-5"),
        wrong("dtype: found q4, allowed: f32", "bench", "--random", "llama-3.2-1b:q4"));
  }

  @ParameterizedTest
  @MethodSource
  void failures(String message, String[] args) {
    expect(Invocation.of(args), ExitCode.FAILURE, message);
  }

  @Test
  void aModelTypeNobodyKnowsIsNamed(@TempDir Path folder) throws Exception {
    try (Stream<Path> files = Files.list(Invocation.GOLDEN.resolve("llama-gqa"))) {
      for (Path file : files.toList()) {
        Files.copy(file, folder.resolve(file.getFileName()));
      }
    }
    Path config = folder.resolve("config.json");
    Files.writeString(config, Files.readString(config).replace("\"llama\"", "\"lhama\""));
    expect(
        Invocation.of("verify", folder.toString()),
        ExitCode.FAILURE,
        "model_type = lhama is not supported");
  }

  @Test
  void textThatIsNotUtf8IsRefused(@TempDir Path folder) throws Exception {
    Path file = Files.write(folder.resolve("Latin.java"), new byte[] {'a', (byte) 0xe4, 'b'});
    expect(
        Invocation.of("run", "-f", file.toString()),
        ExitCode.FAILURE,
        "found bytes that are not UTF-8");
    expect(
        Invocation.of("eval", "perplexity", file.toString()),
        ExitCode.FAILURE,
        file + ": found bytes that are not UTF-8");
    Path empty = Files.createFile(folder.resolve("Empty.java"));
    expect(
        Invocation.of("eval", "perplexity", empty.toString()),
        ExitCode.FAILURE,
        empty + ": found an empty file");
  }

  @Test
  void aPortThatIsTakenIsNamed() throws Exception {
    try (ServerSocket other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      String port = String.valueOf(other.getLocalPort());
      expect(
          Invocation.of("serve", "--port", port),
          ExitCode.FAILURE,
          "cannot listen on 127.0.0.1:" + port + ": ");
    }
  }

  @Test
  void debugShowsTheStackTrace() {
    Invocation run = Invocation.of("run", "--debug", "-m", "nowhere", "x");
    assertThat(run.err())
        .contains("akvavit: -m: found nowhere")
        .contains("\tat dev.akvavit.cli.HubArguments");
  }

  private static void expect(Invocation run, int exitCode, String message) {
    assertThat(run.err()).startsWith("akvavit: ").contains(message).hasLineCount(1);
    assertThat(run.exitCode()).isEqualTo(exitCode);
    assertThat(run.out()).isEmpty();
  }
}
