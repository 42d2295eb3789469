package dev.akvavit.engine;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/** A sink that keeps everything, for tests that wait for the end. */
final class Collected implements TokenSink {
  private final List<Integer> tokens = new ArrayList<>();
  private final CountDownLatch end = new CountDownLatch(1);
  private FinishReason reason = FinishReason.STOP;
  private String detail = "";
  private GenerationStats stats;

  @Override
  public boolean token(int id, LogProbs logProbs) {
    if (end.getCount() == 0) {
      throw new AssertionError("a token after the end");
    }
    tokens.add(id);
    return true;
  }

  @Override
  public void finished(FinishReason why, String what, GenerationStats cost) {
    if (end.getCount() == 0) {
      throw new AssertionError("ended twice");
    }
    reason = why;
    detail = what;
    stats = cost;
    end.countDown();
  }

  FinishReason await() throws InterruptedException {
    end.await();
    return reason;
  }

  List<Integer> tokens() {
    return tokens;
  }

  String detail() {
    return detail;
  }

  GenerationStats stats() {
    return stats;
  }
}
