package dev.akvavit.claims;

import java.util.List;
import java.util.stream.Stream;

/** Every claim there is evidence for or against, by topic. */
public final class Claims {
  private static final List<Claim> ALL =
      Stream.of(
              CacheClaims.all(),
              ShapeClaims.all(),
              LatentClaims.all(),
              Fp8Claims.all(),
              SparseClaims.all(),
              SpeedClaims.all(),
              ExpertClaims.all(),
              QualityClaims.all(),
              NameClaims.all())
          .flatMap(List::stream)
          .toList();

  private Claims() {}

  public static List<Claim> all() {
    return ALL;
  }

  /** Those that a word means: one by its id, or all of a topic; none when it means nothing. */
  public static List<Claim> named(String word) {
    return ALL.stream().filter(c -> c.id().equals(word) || c.topic().id().equals(word)).toList();
  }
}
