package dev.akvavit.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.akvavit.LanguageModel;
import dev.akvavit.core.ModelConfig;
import dev.akvavit.defaultmodel.DefaultModel;
import dev.akvavit.plan.ComputeWork;
import org.junit.jupiter.api.Test;

/** On the model that ships: latent attention with an indexer, its table tied to the head. */
class ComputeWorkTest {

  @Test
  void aPromptTakesItsProductsOnceATokenAndItsPairs() {
    try (LanguageModel model = LanguageModel.open(DefaultModel.folder())) {
      ModelConfig c = model.config();
      long active = model.summary().parameters().active();
      double one = ComputeWork.prefill(c, active, 1);
      double head = 2.0 * c.vocabulary() * c.hidden();
      double pair = (ComputeWork.prefill(c, active, 2) - 2 * one + head);
      assertThat(pair).as("a second token sees two rows, so one pair more").isPositive();
      assertThat(ComputeWork.prefill(c, active, 3) - 3 * one + 2 * head)
          .isCloseTo(3 * pair, within(1e-6 * one));
      assertThat(one).isCloseTo(2.0 * active + pair, within(1e-6 * one));
    }
  }

  @Test
  void aGeneratedTokenScansAllRowsAndAttendsToTheTopOnly() {
    try (LanguageModel model = LanguageModel.open(DefaultModel.folder())) {
      ModelConfig c = model.config();
      long active = model.summary().parameters().active();
      assertThat(ComputeWork.decode(c, active, 0)).isEqualTo(2.0 * active);
      double below = ComputeWork.decode(c, active, 101) - ComputeWork.decode(c, active, 100);
      double above = ComputeWork.decode(c, active, 1001) - ComputeWork.decode(c, active, 1000);
      assertThat(above).isPositive().isLessThan(below);
    }
  }
}
