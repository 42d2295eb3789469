package dev.akvavit.server.answers;

import dev.akvavit.TextPiece;
import dev.akvavit.server.http.Json;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import tools.jackson.databind.JsonNode;

/**
 * An answer that has to be the call of a tool: masks made it {@code {"name": …, "arguments": …}},
 * whatever the model's family would have written, so its text is the call.
 */
public final class ForcedCall implements PartParser {
  private final PartParser inner;
  private final StringBuilder text = new StringBuilder();
  private boolean called;

  /**
   * @param inner tells a thought before the call
   */
  public ForcedCall(PartParser inner) {
    this.inner = inner;
  }

  @Override
  public void accept(TextPiece piece, Consumer<Part> to) {
    inner.accept(piece, part -> collect(part, to));
  }

  @Override
  public void end(boolean cut, Consumer<Part> to) {
    inner.end(cut, part -> collect(part, to));
    if (cut) {
      to.accept(new Part.Content(text.toString(), List.of()));
      return;
    }
    JsonNode call = Json.tree(text.toString());
    called = true;
    String id = "call_" + HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextLong());
    to.accept(
        new Part.Call(0, id, call.get("name").stringValue(), Json.text(call.get("arguments"))));
  }

  private void collect(Part part, Consumer<Part> to) {
    if (part instanceof Part.Content content) {
      text.append(content.text());
    } else {
      to.accept(part);
    }
  }

  @Override
  public boolean calls() {
    return called;
  }
}
