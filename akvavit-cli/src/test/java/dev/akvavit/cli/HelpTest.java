package dev.akvavit.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HelpTest {

  @Test
  void theFirstPageListsTheCommandsWithExamples() {
    Invocation help = Invocation.of("--help");
    assertThat(help.exitCode()).isZero();
    assertThat(help.out())
        .contains(
            "run ",
            "chat ",
            "complete ",
            "show ",
            "plan ",
            "doctor ",
            "verify ",
            "quantize ",
            "eval ",
            "bench ",
            "pull ",
            "ls ",
            "rm ",
            "Examples:",
            "Exit codes:");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "run",
        "chat",
        "complete",
        "show",
        "plan",
        "doctor",
        "verify",
        "quantize",
        "eval",
        "bench",
        "pull",
        "ls",
        "rm",
        "serve",
        "claims"
      })
  void everyCommandExplainsItselfWithAnExample(String command) {
    Invocation help = Invocation.of(command, "--help");
    assertThat(help.exitCode()).isZero();
    assertThat(help.out())
        .contains("Usage: akvavit " + command, "Examples:", "  akvavit " + command, "--debug");
  }

  @Test
  void theVersionIsTheBuilds() {
    assertThat(Invocation.of("--version").out())
        .matches("akvavit \\d+\\.\\d+\\.\\d+\\S*( \\([0-9a-f]+\\))? on Java 25\\S* \\(.+\\)\\s+");
  }

  @Test
  void completionIsAScriptThatKnowsTheCommands() {
    assertThat(Invocation.of("generate-completion").out())
        .startsWith("#!")
        .contains("complete -F", "verify", "--index-precision");
  }
}
