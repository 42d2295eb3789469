package dev.akvavit.engine;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/**
 * 10 M steps, or as many as {@code -Dsim.steps} says: 500000000 for the long run, 300000 for a
 * quick look; {@code -Dsim.seed=n -Dsim.steps=1} replays one world.
 */
class SimulationTest {
  @Test
  void everyRequestGetsWhatItGetsAloneAndNothingLeaks() {
    long steps = Long.getLong("sim.steps", 10_000_000);
    Simulation simulation = new Simulation(new Parts());
    simulation.run(Long.getLong("sim.seed", 1), steps);
    System.out.println(simulation); // the figures are what the test is run for
    // Floors, as shares of the steps: a simulation in which nothing happens proves nothing.
    if (steps >= 100_000) {
      assertThat(simulation.cancels).as("cancels").isGreaterThan(steps / 50);
      assertThat(simulation.preemptions).as("preemptions").isGreaterThan(steps * 15 / 1000);
      assertThat(simulation.held).as("preempted as often as allowed").isPositive();
      assertThat(simulation.hits).as("prefix hits").isGreaterThan(steps / 50);
      assertThat(simulation.failures + simulation.spoils).as("faults").isGreaterThan(steps / 100);
      assertThat(simulation.refused).as("refused").isGreaterThan(steps / 100);
      for (FinishReason reason : FinishReason.values()) {
        assertThat(simulation.ended[reason.ordinal()])
            .as("ended %s", reason)
            .isGreaterThan(steps / 1000);
      }
    }
  }
}
