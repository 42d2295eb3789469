package dev.akvavit.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.akvavit.core.Sampling;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EngineEventsTest {
  @Test
  void stepsPreemptionsAndEndsAreRecorded(@TempDir Path folder) throws IOException {
    EngineLimits tight = new EngineLimits(1, 12, 64, 16, 4, 8, 100);
    Rig rig = new Rig(tight, new HashModel(tight, false));
    try (Recording recording = new Recording()) {
      for (String name : List.of("Step", "Preemption", "Request", "Integrity")) {
        recording.enable("dev.akvavit." + name).withoutThreshold();
      }
      recording.start();
      for (int i = 0; i < 2; i++) {
        rig.submit(
            new Request(new int[] {1, 2, i}, 8, new int[0], Sampling.GREEDY), new Collected());
      }
      rig.finish();
      rig.pool.take(); // a leak
      new Integrity(rig.pool, rig.events).check();
      recording.stop();
      recording.dump(folder.resolve("engine.jfr"));
    }
    List<RecordedEvent> events = RecordingFile.readAllEvents(folder.resolve("engine.jfr"));
    EngineCounters counters = rig.events.counters(rig.mailbox);
    assertThat(named(events, "Step")).hasSize((int) counters.steps());
    assertThat(named(events, "Step").stream().mapToLong(e -> e.getInt("tokens")).sum())
        .isEqualTo(counters.computedTokens());
    assertThat(named(events, "Preemption")).hasSize((int) counters.preemptions()).isNotEmpty();
    assertThat(named(events, "Request"))
        .hasSize(2)
        .allMatch(e -> e.getString("reason").equals("LENGTH"));
    assertThat(named(events, "Integrity"))
        .singleElement()
        .satisfies(e ->
            assertThat(e.getString("finding"))
                .contains("1 pages are referenced")
                .contains("11 of 12"));
    assertThat(counters.integrityFailures()).isEqualTo(1);
    assertThat(counters.generatedTokens()).isEqualTo(16);
  }

  private static List<RecordedEvent> named(List<RecordedEvent> events, String name) {
    return events.stream()
        .filter(e -> e.getEventType().getName().equals("dev.akvavit." + name))
        .toList();
  }
}
