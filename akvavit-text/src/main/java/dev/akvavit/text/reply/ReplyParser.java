package dev.akvavit.text.reply;

import dev.akvavit.text.reply.ReplyEvent.Content;
import dev.akvavit.text.reply.ReplyEvent.Reasoning;
import dev.akvavit.text.reply.ReplyEvent.ToolCall;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Tells text, reasoning and calls of one answer apart as its pieces come; what may yet become a
 * marker is held back. However the answer is cut, the events put together are the same.
 *
 * <p>White space around reasoning and calls belongs to nobody. A call that is malformed, or cut off
 * by the end of the answer, is told as content, so that nothing the model wrote is lost. Not for
 * threads.
 */
public final class ReplyParser {
  private enum Mode {
    /** Nothing but white space so far. */
    START,
    REASONING,
    CONTENT,
    CALL
  }

  private final ReplyFormat format;
  private final Supplier<String> ids;
  private final ToolTypes types;
  private final List<String> opens;
  private final StringBuilder pending = new StringBuilder();
  private Mode mode;
  private String opened = "";
  private boolean trimming;
  private int searched; // of a call: where its end is not
  private int calls;

  ReplyParser(ReplyFormat format, boolean insideThought, List<?> tools, Supplier<String> ids) {
    this.format = format;
    this.ids = ids;
    types = new ToolTypes(tools);
    opens = tools.isEmpty() ? List.of() : format.syntax().opens();
    mode = insideThought ? Mode.REASONING : Mode.START;
    trimming = insideThought;
  }

  /**
   * Takes the next piece of the answer.
   *
   * @param id the token, or -1; a special token that the detokenizer skipped is known by it
   * @param text the text that became certain with it
   */
  public void accept(int id, String text, Consumer<ReplyEvent> to) {
    pending.append(text).append(format.spelling(id));
    while (!pending.isEmpty() && step(to)) {}
  }

  /** The answer has ended: what was held back. */
  public void end(Consumer<ReplyEvent> to) {
    String rest = pending.toString();
    pending.setLength(0);
    switch (mode) {
      case REASONING -> reasoning(rest.stripTrailing(), to);
      case CALL -> call(rest, opened + rest, format.syntax().knowsItsEnd(), to);
      case START, CONTENT -> content(rest, to);
    }
  }

  /** How many tools were called so far. */
  public int calls() {
    return calls;
  }

  /** One step on; false when more text is needed. */
  private boolean step(Consumer<ReplyEvent> to) {
    return switch (mode) {
      case START -> start();
      case REASONING -> reason(to);
      case CONTENT -> answer(to);
      case CALL -> called(to);
    };
  }

  private boolean start() {
    String text = pending.toString().stripLeading();
    if (text.isEmpty()) {
      return false;
    }
    boolean thinks = format.reasons();
    if (thinks && text.startsWith(format.open())) {
      pending.delete(0, pending.length() - text.length() + format.open().length());
      begin(Mode.REASONING);
      return true;
    }
    if (thinks && format.open().startsWith(text)) {
      return false;
    }
    if (!opens.isEmpty() && format.syntax().bare() && text.startsWith("{")) {
      opened = "";
      mode = Mode.CALL;
      return true;
    }
    mode = Mode.CONTENT;
    return true;
  }

  private void begin(Mode next) {
    mode = next;
    trimming = true;
  }

  private boolean reason(Consumer<ReplyEvent> to) {
    if (trimming) { // some models open a block that their prompt has opened already
      String text = pending.toString().stripLeading();
      if (text.isEmpty() || format.open().startsWith(text) && !text.equals(format.open())) {
        return false;
      }
      if (text.startsWith(format.open())) {
        pending.delete(0, pending.length() - text.length() + format.open().length());
        return true;
      }
    }
    int end = pending.indexOf(format.close());
    if (end >= 0) {
      reasoning(pending.substring(0, end).stripTrailing(), to);
      pending.delete(0, end + format.close().length());
      begin(Mode.CONTENT);
      return true;
    }
    int sure = trimmed(sure(List.of(format.close())));
    reasoning(pending.substring(0, sure), to);
    pending.delete(0, sure);
    return false;
  }

  private boolean answer(Consumer<ReplyEvent> to) {
    if (trimming) {
      String text = pending.toString().stripLeading();
      pending.delete(0, pending.length() - text.length());
      if (text.isEmpty()) {
        return false;
      }
      if (!opens.isEmpty() && format.syntax().bare() && text.startsWith("{")) {
        opened = "";
        mode = Mode.CALL;
        return true;
      }
    }
    int first = -1;
    for (String open : opens) {
      int at = pending.indexOf(open);
      if (at >= 0 && (first < 0 || at < first)) {
        first = at;
        opened = open;
      }
    }
    if (first >= 0) {
      content(pending.substring(0, first).stripTrailing(), to);
      pending.delete(0, first + opened.length());
      mode = Mode.CALL;
      return true;
    }
    int sure = opens.isEmpty() ? pending.length() : trimmed(sure(opens));
    content(pending.substring(0, sure), to);
    pending.delete(0, sure);
    return false;
  }

  private boolean called(Consumer<ReplyEvent> to) {
    String close = format.syntax().close();
    if (close == null) {
      return false;
    }
    int end = pending.indexOf(close, searched);
    if (end < 0) {
      searched = Math.max(0, pending.length() - close.length() + 1);
      return false;
    }
    searched = 0;
    String block = pending.substring(0, end);
    pending.delete(0, end + close.length());
    call(block, opened + block + close, true, to);
    return true;
  }

  /**
   * @param spelled what the model wrote, for when it is no call after all
   * @param whole whether the block is known not to be cut off
   */
  private void call(String block, String spelled, boolean whole, Consumer<ReplyEvent> to) {
    List<Call> found = whole ? read(block) : List.of();
    mode = Mode.CONTENT;
    if (found.isEmpty()) {
      content(spelled, to);
      return;
    }
    for (Call call : found) {
      String id = call.id() == null ? ids.get() : call.id();
      to.accept(new ToolCall(calls++, id, call.name(), call.arguments()));
    }
    trimming = true;
  }

  private List<Call> read(String block) {
    List<Call> found = format.syntax().read(block, types);
    return found == null ? List.of() : found;
  }

  private void content(String text, Consumer<ReplyEvent> to) {
    String shown = trimming ? text.stripLeading() : text;
    if (!shown.isEmpty()) {
      trimming = false;
      to.accept(new Content(shown));
    }
  }

  private void reasoning(String text, Consumer<ReplyEvent> to) {
    String shown = trimming ? text.stripLeading() : text;
    if (!shown.isEmpty()) {
      trimming = false;
      to.accept(new Reasoning(shown));
    }
  }

  /** How much of the text cannot be the beginning of a marker. */
  private int sure(List<String> markers) {
    int sure = pending.length();
    for (String marker : markers) {
      int from = Math.max(0, pending.length() - marker.length() + 1);
      for (int at = from; at < sure; at++) {
        if (marker.startsWith(pending.substring(at))) {
          sure = at;
        }
      }
    }
    return sure;
  }

  /** The same without white space at the end, which a marker behind it would swallow. */
  private int trimmed(int end) {
    int at = end;
    while (at > 0 && Character.isWhitespace(pending.charAt(at - 1))) {
      at--;
    }
    return at;
  }
}
