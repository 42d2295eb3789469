package dev.akvavit.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.akvavit.server.dialects.AnthropicMessages;
import dev.akvavit.server.dialects.OpenAiChat;
import dev.akvavit.server.dialects.OpenAiCompletions;
import dev.akvavit.server.dialects.OpenAiResponses;
import dev.akvavit.server.dialects.TokenTools;
import dev.akvavit.server.fields.Field;
import dev.akvavit.server.fields.FieldTable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * docs/server.md holds each request's table as the code has it; {@code -Dakvavit.docs.write=true}
 * writes them anew.
 */
class ServerDocsTest {
  private static final Path DOCS = Path.of("../docs/server.md");

  private static Map<String, FieldTable> tables() {
    Map<String, FieldTable> tables = new LinkedHashMap<>();
    tables.put("/v1/chat/completions", OpenAiChat.TABLE);
    tables.put("/v1/completions", OpenAiCompletions.TABLE);
    tables.put("/v1/responses", OpenAiResponses.TABLE);
    tables.put("/v1/messages", AnthropicMessages.TABLE);
    tables.put("/v1/messages/count_tokens", AnthropicMessages.COUNT_TABLE);
    tables.put("/tokenize", TokenTools.TOKENIZE);
    tables.put("/detokenize", TokenTools.DETOKENIZE);
    tables.put("/apply-template", TokenTools.APPLY_TEMPLATE);
    return tables;
  }

  private static String markdown(FieldTable table) {
    StringBuilder text = new StringBuilder("| field | allowed |\n| --- | --- |\n");
    for (Field<?> field : table.fields()) {
      text.append("| `%s` | %s |\n".formatted(field.name(), field.allowed()));
    }
    if (!table.harmless().isEmpty()) {
      text.append("\nRead over, for they change no answer: ")
          .append(
              table.harmless().stream()
                  .sorted()
                  .map(name -> "`" + name + "`")
                  .collect(Collectors.joining(", ")))
          .append(".\n");
    }
    return text.toString();
  }

  @Test
  void theDocumentHoldsTheTablesOfTheCode() throws Exception {
    String document = Files.readString(DOCS);
    String written = document;
    for (Map.Entry<String, FieldTable> table : tables().entrySet()) {
      String begin = "<!-- fields of " + table.getKey() + " -->\n";
      String end = "<!-- end of fields -->";
      int from = written.indexOf(begin);
      assertThat(from).as(begin).isNotNegative();
      from += begin.length();
      int to = written.indexOf(end, from);
      written = written.substring(0, from) + markdown(table.getValue()) + written.substring(to);
    }
    if (Boolean.getBoolean("akvavit.docs.write")) {
      Files.writeString(DOCS, written);
    } else {
      assertThat(document).isEqualTo(written);
    }
  }

  @Test
  void everyRouteIsTold() throws Exception {
    String document = Files.readString(DOCS);
    try (TestServer server = TestServer.start()) {
      for (var route : server.server.routes()) {
        if (!route.path().contains(".") && !route.path().startsWith("/akvavit/")) {
          assertThat(document).contains("`" + route.path().replace("/{model}", "") + "`");
        }
      }
    }
  }
}
