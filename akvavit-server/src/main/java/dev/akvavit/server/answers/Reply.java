package dev.akvavit.server.answers;

import dev.akvavit.TextPiece;
import java.util.ArrayList;
import java.util.List;

/** One answer put together from its parts. */
public final class Reply {
  private final StringBuilder content = new StringBuilder();
  private final StringBuilder reasoning = new StringBuilder();
  private final List<Part.Call> calls = new ArrayList<>();
  private final List<TextPiece> tokens = new ArrayList<>();

  /** So many empty ones. */
  public static List<Reply> list(int count) {
    List<Reply> replies = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      replies.add(new Reply());
    }
    return replies;
  }

  /** One more part. */
  public void add(Part part) {
    switch (part) {
      case Part.Content c -> {
        content.append(c.text());
        tokens.addAll(c.tokens());
      }
      case Part.Reasoning r -> reasoning.append(r.text());
      case Part.Call call -> calls.add(call);
    }
  }

  public String content() {
    return content.toString();
  }

  /** What the model thought; empty when it did not. */
  public String reasoning() {
    return reasoning.toString();
  }

  public List<Part.Call> calls() {
    return calls;
  }

  /** The content's tokens, for log probabilities. */
  public List<TextPiece> tokens() {
    return tokens;
  }
}
