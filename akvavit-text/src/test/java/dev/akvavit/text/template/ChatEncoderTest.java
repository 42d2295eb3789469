package dev.akvavit.text.template;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.akvavit.core.Limits;
import dev.akvavit.core.MalformedFileException;
import dev.akvavit.core.UnsupportedModelException;
import dev.akvavit.text.ChatMessage;
import dev.akvavit.text.Symbols;
import dev.akvavit.text.Tokenizer;
import dev.akvavit.text.TokenizerDefinition;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ChatEncoderTest {
  private static final List<ChatMessage> HI = List.of(ChatMessage.user("hi"));

  @TempDir private Path folder;

  private ChatEncoder open(String... tokens) {
    Map<String, Integer> vocabulary = new HashMap<>(Map.of("x", 0));
    for (String token : tokens) {
      vocabulary.put(token, vocabulary.size());
    }
    Symbols symbols = new Symbols.CodePoints(false, null, false);
    var roles = new TokenizerDefinition.Roles(-1, -1, -1, List.of(), List.of());
    var definition =
        new TokenizerDefinition(
            "test",
            vocabulary,
            List.of(),
            symbols,
            false,
            List.of(),
            List.of(),
            List.of(),
            false,
            roles);
    return ChatEncoder.open(folder, new Tokenizer(definition), Limits.DEFAULT);
  }

  private void write(String file, String text) throws IOException {
    Files.writeString(folder.resolve(file), text);
  }

  @Test
  void aModelWithoutChatHasNone() throws IOException {
    assertThat(open()).isNull();
    write("tokenizer_config.json", "{\"chat_template\": null}");
    assertThat(open()).isNull();
    write("config.json", "{\"model_type\": \"deepseek_v32\"}");
    assertThat(open()).as("a vocabulary without the control tokens").isNull();
  }

  @Test
  void deepSeekV32HasCodeForATemplate() throws IOException {
    write("config.json", "{\"model_type\": \"deepseek_v32\"}");
    assertThat(
            open(
                "<｜begin▁of▁sentence｜>",
                "<｜end▁of▁sentence｜>",
                "<｜User｜>",
                "<｜Assistant｜>",
                "<think>",
                "</think>"))
        .isInstanceOf(DeepSeekV32Chat.class);
  }

  @Test
  void readsTheConfiguration() throws IOException {
    write(
        "tokenizer_config.json",
        "{\"bos_token\": {\"content\": \"<b>\"}, \"eos_token\": \"<e>\", \"chat_template\": \"{{"
            + " bos_token }}{{ messages[0].content }}{{ eos_token }}\"}");
    assertThat(open().render(HI, true, Map.of()).text()).isEqualTo("<b>hi<e>");
  }

  @Test
  void choosesAmongNamedTemplates() throws IOException {
    write(
        "tokenizer_config.json",
        "{\"chat_template\": [{\"name\": \"default\", \"template\": \"D\"}, {\"name\":"
            + " \"tool_use\", \"template\": \"T\"}]}");
    assertThat(open().render(HI, true, Map.of()).text()).isEqualTo("D");
    assertThat(open().render(HI, true, Map.of("tools", List.of(Map.of("name", "f")))).text())
        .isEqualTo("T");
    write(
        "tokenizer_config.json", "{\"chat_template\": [{\"name\": \"rag\", \"template\": \"R\"}]}");
    assertThatThrownBy(() -> open().render(HI, true, Map.of()))
        .isInstanceOf(TemplateException.class)
        .hasMessageContaining("rag");
  }

  @Test
  void theJinjaFileGoesFirst() throws IOException {
    write("tokenizer_config.json", "{\"bos_token\": \"<b>\", \"chat_template\": \"old\"}");
    write("chat_template.jinja", "new {{ bos_token }}\n");
    assertThat(open().render(HI, true, Map.of()).text()).isEqualTo("new <b>");
  }

  @Test
  void refusesBrokenConfigurations() throws IOException {
    write("tokenizer_config.json", "{\"chat_template\": 7}");
    assertThatThrownBy(this::open)
        .isInstanceOf(MalformedFileException.class)
        .hasMessageContaining("chat_template");
    write("tokenizer_config.json", "{\"chat_template\": [{\"name\": \"default\"}]}");
    assertThatThrownBy(this::open)
        .isInstanceOf(MalformedFileException.class)
        .hasMessageContaining("chat_template[0].template");
    write("chat_template.jinja", "x".repeat(200));
    Limits narrow = new Limits(99, 99, 99, 99, 9, 9, 9, 99, 1, 1);
    assertThatThrownBy(() -> ChatTemplate.open(folder, narrow))
        .isInstanceOf(MalformedFileException.class);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '#',
      quoteCharacter = '`',
      value = {
        "`a\nb{% include 'x' %}` # 2 # include",
        "`{% import 'x' as y %}` # 1 # import",
        "`\n\n{{ x | attr('__class__') }}` # 3 # attr",
        "`{{ x is fancy }}` # 1 # fancy",
        "`{% call f() %}{% endcall %}` # 1 # call",
        "`{% if x %}` # 1 # end of the template",
        "`{% endif %}` # 1 # endif",
        "`{% for x %}{% endfor %}` # 1 # in",
        "`{{ x` # 1 # tag without",
        "`{{ 'x }}` # 1 # string without",
        "`{# x` # 1 # {# without",
        "`{{ x ! }}` # 1 # !",
        "`{{ }}` # 1 # value",
        "`{{ 1 + }}` # 1 # value",
        "`{{ a.b.'c' }}` # 1 # member",
        "`{% set x %}` # 1 # endset",
        "`{{ 99999999999999999999 }}` # 1 # 18 digits",
        "`{{ '\\uZZZZ' }}` # 1 # escape",
        "`{% if a %}{% else %}{% elif b %}{% endif %}` # 1 # elif",
        "`{% raw %}{{ x }}{% endraw %}` # 1 # raw",
      })
  void namesLineAndConstructItDoesNotKnow(String source, int line, String construct) {
    assertThatThrownBy(() -> ChatTemplate.of(source, Map.of(), Clock.systemUTC()))
        .isInstanceOf(UnsupportedModelException.class)
        .hasMessageContaining("line " + line)
        .hasMessageContaining(construct);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '#',
      quoteCharacter = '`',
      value = {
        "`{{ x.__class__.__mro__ }}` # __class__",
        "`{{ ''.__class__ + 'x' }}` # __class__",
        "`{{ 'x'.format(1) }}` # format",
        "`{{ messages.append(1) }}` # append",
        "`{{ os.system('x') }}` # os",
        "`{{ cycler('a') }}` # cycler",
        "`{{ raise_exception('as the template says') }}` # as the template says",
        "`{% set a, b = [1] %}` # list of 2",
        "`{{ {1: 2} }}` # key",
        "`{{ [3] | map('nothing') | list }}` # nothing",
        "`{{ [3] | select('nothing') | list }}` # nothing",
        "`{% set x = 1 %}{% set x.y = 2 %}` # namespace",
        "`{{ strftime_now('%Q') }}` # %Q",
        "`{{ 9223372036854775807 + 1 }}` # ",
        "`{{ 'a' < 1 }}` # order",
        "`{{ range(1, 5, 0) }}` # step 0",
        "`{{ [1][::0] }}` # step 0",
        "`{{ 1(2) }}` # called",
        "`{% macro f() %}{% endmacro %}{{ f(1) }}` # arguments",
        "`{{ namespace() }}` # namespace",
        "`{{ 'a'.split('') }}` # empty",
      })
  void namesTheLineOfWhatGoesWrong(String source, String message) {
    assertThatThrownBy(
            () -> ChatTemplate.of(source, Map.of(), Clock.systemUTC()).render(HI, true, Map.of()))
        .isInstanceOfAny(TemplateException.class, UnsupportedModelException.class)
        .hasMessageContaining("line 1")
        .hasMessageContaining(message == null ? "" : message);
  }

  @Test
  void takesOnlyPlainValues() {
    ChatTemplate template = ChatTemplate.of("{{ x }}", Map.of(), Clock.systemUTC());
    assertThatThrownBy(() -> template.render(HI, true, Map.of("x", new Object())))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("class java.lang.Object");
  }
}
