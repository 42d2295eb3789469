package dev.akvavit.text.reply;

/** A bit of an answer. Texts of one kind that follow each other belong together. */
public sealed interface ReplyEvent {
  /** Text for the reader. */
  record Content(String text) implements ReplyEvent {}

  /** What the model thinks before it answers. */
  record Reasoning(String text) implements ReplyEvent {}

  /**
   * A whole call of a tool: it is told when it is complete, so that nobody sees half a JSON text.
   *
   * @param index which of the answer's calls, from 0
   * @param id the model's own where it writes one, else nine random letters and digits
   * @param arguments a JSON object as text
   */
  record ToolCall(int index, String id, String name, String arguments) implements ReplyEvent {}
}
