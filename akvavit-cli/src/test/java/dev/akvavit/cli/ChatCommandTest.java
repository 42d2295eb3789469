package dev.akvavit.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.akvavit.defaultmodel.DefaultModel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The shipped model made to chat by a template of its own, for it has none. */
class ChatCommandTest {
  private static final String TEMPLATE =
      """
      {{ bos_token }}{% for m in messages %}{{ m.content }}
      {% endfor %}\
      """;

  @TempDir private static Path folder;

  @BeforeAll
  static void copyTheModel() throws Exception {
    try (Stream<Path> files = Files.list(DefaultModel.folder())) {
      for (Path file : files.toList()) {
        Files.copy(file, folder.resolve(file.getFileName()));
      }
    }
    Files.writeString(folder.resolve("chat_template.jinja"), TEMPLATE);
  }

  private static Invocation chat(String input, String... options) {
    return Invocation.reading(
        input,
        Stream.concat(Stream.of("chat", "-n", "6", "-m", folder.toString()), Stream.of(options))
            .toArray(String[]::new));
  }

  @Test
  void answersEveryLineWithTheConversationSoFar() {
    Invocation chat = chat("int a; ".repeat(20) + "\nint b;\n");
    assertThat(chat.exitCode()).isZero();
    assertThat(chat.out()).isNotBlank().endsWith("\n");
    assertThat(chat.err().lines().filter(l -> l.startsWith("prefill "))).hasSize(2);
    assertThat(chat.err())
        .as("the first turn is in the cache")
        .containsPattern("cached [1-9]\\d* ");
  }

  @Test
  void whatIsSaidFirstChangesTheAnswer() {
    String told = chat("int x;\n", "--system", "public class Point {").out();
    assertThat(told).isNotEqualTo(chat("int x;\n", "--system", "package org.apache").out());
    assertThat(chat("/system public class Point {\nint x;\n").out()).isEqualTo(told);
  }

  @Test
  void savesTheConversationAsJson() throws Exception {
    Path file = folder.resolve("saved.json");
    chat("hello\n/save " + file + "\n", "--system", "be brief");
    JsonObject saved = JsonObject.of(Files.readString(file));
    assertThat(saved.objects("messages"))
        .extracting(m -> m.text("role"))
        .containsExactly("system", "user", "assistant");
    assertThat(saved.objects("messages").get(1).text("content")).isEqualTo("hello");
  }

  @Test
  void regeneratesWithAnotherDrawAndForgetsOnDemand() throws Exception {
    Path file = folder.resolve("cleared.json");
    Invocation chat =
        chat(
            "hi\n/regenerate\n/clear\n/save " + file + "\n/exit\nnever read\n",
            "--temperature",
            "2");
    assertThat(chat.err().lines().filter(l -> l.startsWith("prefill "))).hasSize(2);
    assertThat(JsonObject.of(Files.readString(file)).objects("messages")).isEmpty();
  }

  @Test
  void saysWhatItDoesNotUnderstand() {
    assertThat(chat("/hlep\n").err()).contains("unknown command /hlep, did you mean /help?");
    assertThat(chat("/help\n").err()).contains("/regenerate", "/save");
    assertThat(chat("/regenerate\n").err()).contains("nothing was asked yet");
    assertThat(chat("x\n/regenerate\n").err()).contains("--temperature 0.8");
    assertThat(chat("/save\n").err()).contains("found no file name");
  }

  @Test
  void aTooLongQuestionDoesNotEndTheChat() {
    Invocation chat = chat("int a; ".repeat(40) + "\nhi\n", "--context", "64");
    assertThat(chat.exitCode()).isZero();
    assertThat(chat.err()).contains("in a context of 64");
    assertThat(chat.err().lines().filter(l -> l.startsWith("prefill "))).hasSize(1);
  }

  @Test
  void runAsksAModelThatChatsUnlessRaw() {
    String text = "String name;";
    String[] options = {"-n", "6", "-m", folder.toString(), text};
    String asked =
        Invocation.of(Stream.concat(Stream.of("run"), Stream.of(options)).toArray(String[]::new))
            .out();
    String raw =
        Invocation.of(
                Stream.concat(Stream.of("run", "--raw"), Stream.of(options)).toArray(String[]::new))
            .out();
    assertThat(raw).isEqualTo(Invocation.of("run", "-n", "6", text).out()).isNotEqualTo(asked);
  }

  @Test
  void aModelWithoutTemplateIsSentToRun() {
    Invocation chat = Invocation.of("chat");
    assertThat(chat.exitCode()).isEqualTo(ExitCode.FAILURE);
    assertThat(chat.err())
        .contains("akvavit-java-tiny has no chat template")
        .contains("use akvavit run");
  }

  @Test
  void marksTellWhereATurnEnds() {
    assertThat(ChatInput.isUnfinished("a\\")).isTrue();
    assertThat(ChatInput.isUnfinished("a")).isFalse();
    assertThat(ChatInput.isUnfinished("\"\"\"a")).isTrue();
    assertThat(ChatInput.isUnfinished("\"\"\"")).isTrue();
    assertThat(ChatInput.isUnfinished("\"\"\"a\nb\"\"\" ")).isFalse();
    assertThat(ChatInput.unmarked("\"\"\"a\nb\"\"\" ")).isEqualTo("a\nb");
    assertThat(ChatInput.unmarked("a\\\nb ")).isEqualTo("a\nb");
  }
}
