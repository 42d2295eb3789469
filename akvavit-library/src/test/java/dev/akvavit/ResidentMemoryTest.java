package dev.akvavit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.akvavit.defaultmodel.DefaultModel;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

class ResidentMemoryTest {

  @Test
  void mappingsAreToldApart() {
    ResidentMemory found =
        ResidentMemory.parse(
            List.of(
                "80000000-85550000 rw-p 00000000 00:00 0 ",
                "Size:              87360 kB",
                "Rss:                1000 kB",
                "7f5a00000000-7f5a10000000 r--p 00000000 08:01 77   /models/a b/model.safetensors",
                "Rss:                 200 kB",
                "Pss:                 100 kB",
                "7f5b00000000-7f5b10000000 rwxp 00000000 00:00 0 ",
                "Rss:                  30 kB",
                "7f5c00000000-7f5c10000000 rw-p 00000000 00:00 0 ",
                "Rss:                   4 kB",
                "55d000000000-55d000100000 rw-p 00000000 00:00 0                  [heap]",
                "Rss:                   5 kB",
                "7f5d00000000-7f5d10000000 r-xp 00000000 08:01 78   /usr/lib/libjvm.so",
                "Rss:                   6 kB"),
            Set.of("/models/a b/model.safetensors"));
    assertThat(found)
        .isEqualTo(new ResidentMemory(200 << 10, 9 << 10, 1000 << 10, 30 << 10, 6 << 10));
    assertThat(found.total()).isEqualTo(1245L << 10);
  }

  @Test
  void thisProcessHasAllButWeights() {
    ResidentMemory here = ResidentMemory.read(DefaultModel.folder());
    Assumptions.assumeTrue(here != ResidentMemory.UNKNOWN, "not Linux");
    assertThat(here.heap()).isPositive();
    assertThat(here.code()).isPositive();
    assertThat(here.files()).isPositive();
  }
}
