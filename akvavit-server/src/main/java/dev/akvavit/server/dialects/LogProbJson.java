package dev.akvavit.server.dialects;

import dev.akvavit.TextPiece;
import dev.akvavit.server.http.Json;
import dev.akvavit.text.Tokenizer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Log probabilities as OpenAI's two APIs spell them. */
final class LogProbJson {
  private LogProbJson() {}

  /** The chat API's: a list of tokens with their alternatives. */
  static Map<String, @Nullable Object> chat(Tokenizer tokenizer, List<TextPiece> tokens) {
    List<Object> content = new ArrayList<>();
    for (TextPiece token : tokens) {
      Map<String, @Nullable Object> one = token(tokenizer, token.id(), token.logProb());
      one.put(
          "top_logprobs",
          token.alternatives().stream().map(a -> token(tokenizer, a.id(), a.logProb())).toList());
      content.add(one);
    }
    return Json.object("content", content, "refusal", null);
  }

  private static Map<String, @Nullable Object> token(Tokenizer tokenizer, int id, float logProb) {
    byte[] bytes = tokenizer.bytes(id);
    List<Integer> unsigned = new ArrayList<>(bytes.length);
    for (byte b : bytes) {
      unsigned.add(b & 0xFF);
    }
    return Json.object("token", text(bytes), "logprob", finite(logProb), "bytes", unsigned);
  }

  /**
   * The completion API's: four lists side by side.
   *
   * @param offset characters before the first token
   */
  static Map<String, @Nullable Object> completion(
      Tokenizer tokenizer, List<TextPiece> tokens, int offset) {
    List<String> texts = new ArrayList<>();
    List<Float> logProbs = new ArrayList<>();
    List<Map<String, Float>> top = new ArrayList<>();
    List<Integer> offsets = new ArrayList<>();
    int at = offset;
    for (TextPiece token : tokens) {
      texts.add(text(tokenizer.bytes(token.id())));
      logProbs.add(finite(token.logProb()));
      Map<String, Float> alternatives = new LinkedHashMap<>();
      for (TextPiece.Alternative a : token.alternatives()) {
        alternatives.putIfAbsent(text(tokenizer.bytes(a.id())), finite(a.logProb()));
      }
      top.add(alternatives);
      offsets.add(at);
      at += token.text().length();
    }
    return Json.object(
        "tokens", texts, "token_logprobs", logProbs, "top_logprobs", top, "text_offset", offsets);
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }

  /** JSON has no infinities: a token that a constraint forbids is shown as all but impossible. */
  private static float finite(float logProb) {
    return Float.isFinite(logProb) ? logProb : -9999f;
  }
}
