package dev.akvavit.engine;

/**
 * Where a request's tokens go. Called on the engine's thread between two steps, so an
 * implementation only enqueues: what blocks here blocks everyone. An exception thrown here ends
 * this request as failed and no other.
 */
public interface TokenSink {
  /**
   * Takes the next token; a stop token is delivered too, as the last one.
   *
   * @param logProbs of this token; valid during the call only, {@link LogProbs#isEmpty() empty}
   *     unless asked for
   * @return whether to go on; false ends the request with {@link FinishReason#STOP} in this very
   *     step
   */
  boolean token(int id, LogProbs logProbs);

  /**
   * Takes the end: exactly once for every admitted request, after its last token.
   *
   * @param detail what failed, for {@link FinishReason#FAILED}; empty otherwise
   */
  void finished(FinishReason reason, String detail, GenerationStats stats);
}
