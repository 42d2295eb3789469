package dev.akvavit.server.answers;

import dev.akvavit.TextPiece;
import dev.akvavit.text.reply.ReplyEvent;
import dev.akvavit.text.reply.ReplyParser;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** The parts of a chat model's answer, told apart by the marks of its family. */
public final class ReplyParts implements PartParser {
  private final ReplyParser parser;
  private final List<TextPiece> tokens = new ArrayList<>(); // whose text is still held back

  public ReplyParts(ReplyParser parser) {
    this.parser = parser;
  }

  @Override
  public void accept(TextPiece piece, Consumer<Part> to) {
    if (piece.id() >= 0) {
      tokens.add(piece);
    }
    parser.accept(piece.id(), piece.text(), event -> to.accept(part(event)));
  }

  @Override
  public void end(boolean cut, Consumer<Part> to) {
    parser.end(event -> to.accept(part(event)));
    if (!tokens.isEmpty()) {
      to.accept(new Part.Content("", List.copyOf(tokens)));
    }
  }

  private Part part(ReplyEvent event) {
    List<TextPiece> told = List.copyOf(tokens);
    tokens.clear();
    return switch (event) {
      case ReplyEvent.Content c -> new Part.Content(c.text(), told);
      case ReplyEvent.Reasoning r -> new Part.Reasoning(r.text());
      case ReplyEvent.ToolCall c -> new Part.Call(c.index(), c.id(), c.name(), c.arguments());
    };
  }

  @Override
  public boolean calls() {
    return parser.calls() > 0;
  }
}
