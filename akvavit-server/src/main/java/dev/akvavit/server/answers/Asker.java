package dev.akvavit.server.answers;

import dev.akvavit.Generation;
import dev.akvavit.engine.FinishReason;
import dev.akvavit.engine.RefusedException;
import dev.akvavit.server.http.ApiError;
import dev.akvavit.server.http.Call;
import dev.akvavit.server.models.ModelShelf;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Puts questions to models: refuses what cannot be taken now, and lets go when the client does. */
public final class Asker {
  private final Duration heartbeat;
  private final Duration deadline;
  private final int unread;
  private final Quarantine quarantine;
  private final AnswerObserver observer;
  private final ServiceRate rate = new ServiceRate();

  /**
   * @param heartbeat a stream shows a sign of life at least this often
   * @param deadline an answer that takes longer ends with what there is
   * @param unread a reader who is so many characters behind is let go
   */
  public Asker(
      Duration heartbeat,
      Duration deadline,
      int unread,
      Quarantine quarantine,
      AnswerObserver observer) {
    this.heartbeat = heartbeat;
    this.deadline = deadline;
    this.unread = unread;
    this.quarantine = quarantine;
    this.observer = observer;
  }

  /**
   * Asks all questions at once; all of them are taken or none.
   *
   * @throws ApiError 429 when too much waits, 503 when the server is closing, 422 when the same
   *     question failed a short while ago
   */
  public Answers ask(Call call, ModelShelf.Lease lease, List<Question> questions) {
    for (Question question : questions) {
      quarantine.requireClear(lease.name(), question);
    }
    List<Generation> taken = new ArrayList<>(questions.size());
    try {
      for (Question question : questions) {
        taken.add(
            lease
                .model()
                .generate(question.prompt(), question.how(), question.stopTokens())
                .limitUnread(unread));
      }
    } catch (RefusedException e) {
      taken.forEach(Generation::cancel);
      throw refusal(lease, e);
    }
    call.note("model", lease.name());
    call.whenClientGoes(() -> taken.forEach(Generation::cancel));
    return new Answers(this, call, lease.name(), questions, taken);
  }

  private ApiError refusal(ModelShelf.Lease lease, RefusedException e) {
    if (e.reason() == RefusedException.Reason.CLOSED) {
      return ApiError.later(503, "closing", "the server takes no more requests: it is closing", 5);
    }
    int waiting = lease.model().engine().counters().queuedRequests();
    return ApiError.later(
        429,
        "overloaded",
        e.getMessage() + "; try again later",
        rate.secondsFor(waiting, System.nanoTime()));
  }

  Duration heartbeat() {
    return heartbeat;
  }

  Duration deadline() {
    return deadline;
  }

  void ended(String model, Question question, Ending ending) {
    rate.ended(System.nanoTime());
    observer.ended(model, ending.reason(), ending.stats());
    if (ending.reason() == FinishReason.FAILED) {
      quarantine.add(model, question);
    }
  }
}
