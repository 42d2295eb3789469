package dev.akvavit.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.akvavit.core.MalformedFileException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A guard without a test that fails when the guard is removed does not exist: each planted error is
 * caught by the check that is named beside it, and every check passes when nothing is planted.
 */
class SabotageTest {
  private static final Map<String, String> CAUGHT = new LinkedHashMap<>();

  static List<Planted> errors() {
    List<Planted> all = new ArrayList<>(PlantedRotation.errors());
    all.addAll(PlantedAttention.errors());
    all.addAll(PlantedIndexer.errors());
    all.addAll(PlantedLayers.errors());
    all.addAll(PlantedLayouts.errors());
    return all;
  }

  static Stream<Planted.Catcher> catchers() {
    return errors().stream().map(Planted::catcher).distinct();
  }

  static Stream<Arguments> named() {
    return errors().stream().map(e -> Arguments.of(e.error(), e));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("named")
  void caught(String error, Planted planted) {
    Throwable noticed =
        catchThrowable(() -> planted.catcher().check(planted.ops(), planted.config()));
    assertThat(noticed)
        .as("%s is to be caught by %s, not to end in some other error", error, planted.catcher())
        .isInstanceOfAny(AssertionError.class, MalformedFileException.class);
    CAUGHT.put(error, planted.catcher().toString());
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("catchers")
  void passesUndamaged(Planted.Catcher catcher) {
    assertThatCode(() -> catcher.check(UnaryOperator.identity(), UnaryOperator.identity()))
        .doesNotThrowAnyException();
  }

  @Test
  void fortyAtLeast() {
    assertThat(errors()).hasSizeGreaterThanOrEqualTo(40);
    assertThat(errors().stream().map(Planted::error)).doesNotHaveDuplicates();
  }

  @AfterAll
  static void table() {
    System.out.printf("%d planted errors caught of %d%n", CAUGHT.size(), errors().size());
    CAUGHT.forEach((error, catcher) -> System.out.printf("  %-55s %s%n", error, catcher));
  }
}
