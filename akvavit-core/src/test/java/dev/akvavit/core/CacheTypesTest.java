package dev.akvavit.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class CacheTypesTest {
  private static final CacheTypes BF16 = CacheTypes.of(DType.BF16);

  @Test
  void oneTypeForAllOrOneAPlane() {
    assertThat(CacheTypes.parse("f16", BF16)).isEqualTo(CacheTypes.of(DType.F16));
    CacheTypes byPlane = CacheTypes.parse("keys=F16, values=q8_0", BF16);
    assertThat(byPlane.type("keys")).isEqualTo(DType.F16);
    assertThat(byPlane.type("values")).isEqualTo(DType.Q8_0);
    assertThat(byPlane.type("anything else")).isEqualTo(DType.BF16);
    CacheTypes mixed = CacheTypes.parse("rope=bf16,q8_0", CacheTypes.of(DType.F32));
    assertThat(mixed).isEqualTo(CacheTypes.of(DType.Q8_0).with("rope", DType.BF16));
  }

  @Test
  void isWrittenAsItIsRead() {
    for (String text : new String[] {"f32", "bf16,index=f16", "q8_0,keys=f16,values=f32"}) {
      assertThat(CacheTypes.parse(text, BF16)).hasToString(text);
    }
  }

  @Test
  void whatIsNoTypeIsNamed() {
    assertThatThrownBy(() -> CacheTypes.parse("latent=q4_0", BF16))
        .hasMessageContaining("found q4_0 in latent=q4_0, allowed: f32, bf16, f16, q8_0");
    assertThatThrownBy(() -> CacheTypes.parse("", BF16)).hasMessageContaining("found nothing");
    assertThatThrownBy(() -> CacheTypes.parse("=f16", BF16)).hasMessageContaining("a plane before");
    assertThatThrownBy(() -> CacheTypes.parse("rope=f32,rope=f16", BF16))
        .hasMessageContaining("two types for rope in rope=f32,rope=f16, allowed: one");
    assertThatThrownBy(() -> CacheTypes.parse("f32,f16", BF16))
        .hasMessageContaining("two types for all planes");
    assertThatThrownBy(() -> CacheTypes.of(DType.F8_E4M3))
        .hasMessageContaining("rows: found f8_e4m3");
  }

  @Test
  void planesMustBeThere() {
    assertThatThrownBy(() -> BF16.with("keys", DType.F16).requireAmong(List.of("latent", "rope")))
        .hasMessage("kv-type: found plane keys, allowed for this model: latent, rope");
    BF16.requireAmong(Set.of());
  }

  @Test
  void rowsAreWholeBlocks() {
    assertThatThrownBy(() -> new KvLayout.Plane("values", 4, 80, DType.Q8_0))
        .hasMessage(
            "kv-type of plane values: found Q8_0, allowed for rows of 80: a type without blocks"
                + " of 32");
    assertThat(new KvLayout.Plane("values", 4, 64, DType.Q8_0).bytesPerToken()).isEqualTo(4 * 68);
  }
}
