package dev.akvavit.server.answers;

import dev.akvavit.TextPiece;
import java.util.List;
import java.util.function.Consumer;

/** Tells the parts of one answer from each other as its text comes; however it is cut. */
public interface PartParser {
  /** One more piece of the answer. */
  void accept(TextPiece piece, Consumer<Part> to);

  /**
   * The answer has ended: what was held back.
   *
   * @param cut whether a limit ended it, not the model
   */
  void end(boolean cut, Consumer<Part> to);

  /** Whether a tool has been called. */
  boolean calls();

  /** All is text. */
  static PartParser plain() {
    return new PartParser() {
      @Override
      public void accept(TextPiece piece, Consumer<Part> to) {
        to.accept(new Part.Content(piece.text(), piece.id() < 0 ? List.of() : List.of(piece)));
      }

      @Override
      public void end(boolean cut, Consumer<Part> to) {}

      @Override
      public boolean calls() {
        return false;
      }
    };
  }
}
