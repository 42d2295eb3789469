package dev.akvavit.server.answers;

import dev.akvavit.TextPiece;
import java.util.List;

/** A bit of an answer, in the order in which it became certain. */
public sealed interface Part {

  /**
   * Text for the reader.
   *
   * @param text may be empty where a token's text is still held back
   * @param tokens what it was made of, for log probabilities; may be empty at the end
   */
  record Content(String text, List<TextPiece> tokens) implements Part {}

  /** What the model thinks before it answers. */
  record Reasoning(String text) implements Part {}

  /**
   * A whole call of a tool.
   *
   * @param index which of the answer's calls, from 0
   * @param arguments a JSON object as text
   */
  record Call(int index, String id, String name, String arguments) implements Part {}
}
