package dev.akvavit.cpu.machine;

import static dev.akvavit.cpu.machine.Address.at;
import static dev.akvavit.cpu.machine.Register.R10;
import static dev.akvavit.cpu.machine.Register.R12;
import static dev.akvavit.cpu.machine.Register.R13;
import static dev.akvavit.cpu.machine.Register.R15;
import static dev.akvavit.cpu.machine.Register.R8;
import static dev.akvavit.cpu.machine.Register.R9;
import static dev.akvavit.cpu.machine.Register.RAX;
import static dev.akvavit.cpu.machine.Register.RBP;
import static dev.akvavit.cpu.machine.Register.RBX;
import static dev.akvavit.cpu.machine.Register.RCX;
import static dev.akvavit.cpu.machine.Register.RDI;
import static dev.akvavit.cpu.machine.Register.RDX;
import static dev.akvavit.cpu.machine.Register.RSI;
import static dev.akvavit.cpu.machine.Register.RSP;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/**
 * Every instruction, byte for byte as GNU as 2.40 writes it. {@code encodings.txt} was recorded
 * from the very texts that name the cases here, by {@code as -o x.o} and {@code objdump -d x.o}.
 */
final class AssemblerTest {
  private static final Map<String, Consumer<Assembler>> CASES = new LinkedHashMap<>();

  static {
    general();
    vectors();
    tiles();
    jumps();
  }

  private static void is(String text, Consumer<Assembler> code) {
    CASES.put(text, code);
  }

  private static void general() {
    is("{load} mov %r9, %rax", a -> a.move(RAX, R9));
    is("{load} mov %rdi, %r13", a -> a.move(R13, RDI));
    is("mov (%rdi), %rax", a -> a.move(RAX, at(RDI, 0)));
    is("{disp32} mov 8(%rsp), %r15", a -> a.move(R15, at(RSP, 8)));
    is("{disp32} mov (%r13), %rbx", a -> a.move(RBX, at(R13, 0)));
    is("mov (%r12), %rbx", a -> a.move(RBX, at(R12, 0)));
    is("{disp32} mov %rcx, -16(%rbp, %r9, 4)", a -> a.move(at(RBP, R9, 4, -16), RCX));
    is("mov $-1, %r10", a -> a.move(R10, -1));
    is("mov $0x12345678, %rax", a -> a.move(RAX, 0x12345678));
    is("{disp32} lea 64(%rsi, %rax, 2), %r9", a -> a.address(R9, at(RSI, RAX, 2, 64)));
    is("{load} add %r8, %rdx", a -> a.compute(Assembler.Arithmetic.ADD, RDX, R8));
    is("{load} xor %rdx, %rdx", a -> a.compute(Assembler.Arithmetic.XOR, RDX, RDX));
    is("{disp32} cmp 24(%rdi), %rax", a -> a.compute(Assembler.Arithmetic.CMP, RAX, at(RDI, 24)));
    is("sub $0x1000, %r15", a -> a.compute(Assembler.Arithmetic.SUB, R15, 0x1000));
    is("and $0x1000, %rcx", a -> a.compute(Assembler.Arithmetic.AND, RCX, 0x1000));
    is("add $0x1000, %rsi", a -> a.compute(Assembler.Arithmetic.ADD, RSI, 0x1000));
    is(
        "{disp32} cmpq $0x1000, 16(%r9)",
        a -> a.compute(Assembler.Arithmetic.CMP, at(R9, 16), 0x1000));
    is("shl $3, %r12", a -> a.shiftLeft(R12, 3));
    is("shr $27, %rcx", a -> a.shiftRight(RCX, 27));
    is("push %r12", a -> a.push(R12));
    is("{rex} push %rbx", a -> a.push(RBX));
    is("pop %r15", a -> a.pop(R15));
    is("{rex} pop %rbp", a -> a.pop(RBP));
    is("cpuid", Assembler::cpuid);
    is("xgetbv", Assembler::xgetbv);
    is("ret", Assembler::ret);
    is("{disp32} prefetcht0 1024(%r11, %rax, 2)", a -> a.prefetch(at(Register.R11, RAX, 2, 1024)));
    is("{rex} {disp32} prefetcht0 64(%rsi)", a -> a.prefetch(at(RSI, 64)));
    is("{disp32} prefetcht1 64(%r12)", a -> a.prefetchFar(at(R12, 64)));
    is("{disp32} prefetchnta 64(%r12)", a -> a.prefetchPassing(at(R12, 64)));
  }

  private static void vectors() {
    is("vmovups (%rax), %zmm0", a -> a.vector(VectorOp.VMOVUPS, 0, at(RAX, 0)));
    is(
        "{disp32} vmovups 64(%r12, %r13, 4), %zmm31",
        a -> a.vector(VectorOp.VMOVUPS, 31, at(R12, R13, 4, 64)));
    is("vmovups (%r10), %zmm9{%k1}{z}", a -> a.load(VectorOp.VMOVUPS, 9, at(R10, 0), 1));
    is("vmovups %zmm17, (%r8)", a -> a.vector(VectorOp.VMOVUPS_STORE, 17, at(R8, 0)));
    is(
        "{disp32} vbroadcastss 136(%rdi), %zmm29",
        a -> a.vector(VectorOp.VBROADCASTSS, 29, at(RDI, 136)));
    is("vaddps %zmm3, %zmm20, %zmm31", a -> a.vector(VectorOp.VADDPS, 31, 20, 3));
    is("vmulps %zmm30, %zmm8, %zmm24", a -> a.vector(VectorOp.VMULPS, 24, 8, 30));
    is("vfmadd231ps %zmm28, %zmm27, %zmm5", a -> a.vector(VectorOp.VFMADD231PS, 5, 27, 28));
    is("vfmadd231ps (%rdx), %zmm7, %zmm15", a -> a.vector(VectorOp.VFMADD231PS, 15, 7, at(RDX, 0)));
    is("vshufps $0x44, %zmm2, %zmm1, %zmm24", a -> a.shuffle(VectorOp.VSHUFPS, 24, 1, 2, 0x44));
    is(
        "vshuff32x4 $0xee, %zmm18, %zmm17, %zmm25",
        a -> a.shuffle(VectorOp.VSHUFF32X4, 25, 17, 18, 0xEE));
    is("vextractf32x4 $3, %zmm20, (%rax){%k2}", a -> a.storeQuarter(at(RAX, 0), 20, 3, 2));
    is("vpxord %zmm23, %zmm23, %zmm23", a -> a.vector(VectorOp.VPXORD, 23, 23, 23));
    is("vpandd %ymm31, %ymm24, %ymm25", a -> a.vector(VectorOp.VPANDD_YMM, 25, 24, 31));
    is(
        "vpmovzxwd (%rsi, %rax, 2), %zmm24",
        a -> a.vector(VectorOp.VPMOVZXWD, 24, at(RSI, RAX, 2, 0)));
    is(
        "vpmovzxwd (%r11, %rax, 2), %zmm27{%k1}{z}",
        a -> a.load(VectorOp.VPMOVZXWD, 27, at(Register.R11, RAX, 2, 0), 1));
    is("{evex} vpmovsxbw (%r9), %ymm6", a -> a.vector(VectorOp.VPMOVSXBW_YMM, 6, at(R9, 0)));
    is("vpslld $16, %zmm24, %zmm26", a -> a.shift(VectorOp.VPSLLD, 26, 24, 16));
    is("vpsrld $4, %zmm25, %zmm7", a -> a.shift(VectorOp.VPSRLD, 7, 25, 4));
    is("vpmovsxbd (%rsi), %zmm24", a -> a.vector(VectorOp.VPMOVSXBD, 24, at(RSI, 0)));
    is("vpmovzxbd (%r11), %zmm27", a -> a.vector(VectorOp.VPMOVZXBD, 27, at(Register.R11, 0)));
    is(
        "{evex} vmovups (%rsi, %rax, 4), %ymm3",
        a -> a.vector(VectorOp.VMOVUPS_YMM, 3, at(RSI, RAX, 4, 0)));
    is(
        "{evex} {disp32} vmovups %ymm3, 32(%rdx)",
        a -> a.vector(VectorOp.VMOVUPS_STORE_YMM, 3, at(RDX, 32)));
    is(
        "{evex} {disp32} vmovups 2(%r9), %xmm12",
        a -> a.vector(VectorOp.VMOVUPS_XMM, 12, at(R9, 2)));
    is(
        "{disp32} vbroadcastf32x4 40(%rdi), %zmm16",
        a -> a.vector(VectorOp.VBROADCASTF32X4, 16, at(RDI, 40)));
    is(
        "{disp32} vinsertf32x4 $3, 2(%r9, %rcx, 2), %zmm7, %zmm23",
        a -> a.insert(VectorOp.VINSERTF32X4, 23, 7, at(R9, RCX, 2, 2), 3));
    is(
        "{evex} vinsertf32x4 $1, %xmm1, %ymm17, %ymm0",
        a -> a.insert(VectorOp.VINSERTF32X4_YMM, 0, 17, 1, 1));
    is(
        "{disp32} vinsertf64x4 $1, 2(%rsi, %r10), %zmm5, %zmm5",
        a -> a.insert(VectorOp.VINSERTF64X4, 5, 5, at(RSI, R10, 1, 2), 1));
    is("vpunpckldq %zmm1, %zmm0, %zmm8", a -> a.vector(VectorOp.VPUNPCKLDQ, 8, 0, 1));
    is("vpunpckhdq %zmm17, %zmm16, %zmm9", a -> a.vector(VectorOp.VPUNPCKHDQ, 9, 16, 17));
    is("vpunpcklqdq %zmm10, %zmm8, %zmm0", a -> a.vector(VectorOp.VPUNPCKLQDQ, 0, 8, 10));
    is("vpunpckhqdq %zmm11, %zmm9, %zmm31", a -> a.vector(VectorOp.VPUNPCKHQDQ, 31, 9, 11));
    is(
        "{evex} vpinsrw $7, (%rsi, %rax, 2), %xmm0, %xmm0",
        a -> a.insert(VectorOp.VPINSRW_XMM, 0, 0, at(RSI, RAX, 2, 0), 7));
    is(
        "{evex} {disp32} vpinsrb $15, 17(%r9, %rcx), %xmm0, %xmm18",
        a -> a.insert(VectorOp.VPINSRB_XMM, 18, 0, at(R9, RCX, 1, 17), 15));
    is("vpshufb %zmm8, %zmm16, %zmm9", a -> a.vector(VectorOp.VPSHUFB, 9, 16, 8));
    is("vpaddb %zmm31, %zmm8, %zmm8", a -> a.vector(VectorOp.VPADDB, 8, 8, 31));
    is("vpmaxud %zmm17, %zmm0, %zmm0", a -> a.vector(VectorOp.VPMAXUD, 0, 0, 17));
    is("vpandd %zmm29, %zmm10, %zmm2", a -> a.vector(VectorOp.VPANDD, 2, 10, 29));
    is("vpord %zmm24, %zmm2, %zmm2", a -> a.vector(VectorOp.VPORD, 2, 2, 24));
    is("vpsrad $24, %zmm24, %zmm24", a -> a.shift(VectorOp.VPSRAD, 24, 24, 24));
    is("vpsllw $4, %zmm16, %zmm24", a -> a.shift(VectorOp.VPSLLW, 24, 16, 4));
    is("vpsrlw $2, %zmm10, %zmm26", a -> a.shift(VectorOp.VPSRLW, 26, 10, 2));
    is("vpmovdw %zmm0, %ymm22", a -> a.lowHalves(22, 0));
    is("vpermps %zmm19, %zmm27, %zmm26", a -> a.vector(VectorOp.VPERMPS, 26, 27, 19));
    is(
        "{evex} vpbroadcastw (%r9), %ymm21",
        a -> a.vector(VectorOp.VPBROADCASTW_YMM, 21, at(R9, 0)));
    is("vcvtdq2ps %zmm25, %zmm24", a -> a.vector(VectorOp.VCVTDQ2PS, 24, 25));
    is("{evex} vpsllw $7, %ymm4, %ymm25", a -> a.shift(VectorOp.VPSLLW_YMM, 25, 4, 7));
    is("vpbroadcastd %eax, %zmm31", a -> a.broadcast(31, RAX));
    is("vpbroadcastd %r10d, %zmm1", a -> a.broadcast(1, R10));
    is("vcvtph2ps (%r10), %zmm26", a -> a.vector(VectorOp.VCVTPH2PS, 26, at(R10, 0)));
    is("vcvtph2ps %ymm27, %zmm27", a -> a.vector(VectorOp.VCVTPH2PS, 27, 27));
    is("{vex3} kmovw %eax, %k1", a -> a.mask(1, RAX));
    is("{vex3} kmovw %r9d, %k2", a -> a.mask(2, R9));
    is("vzeroupper", Assembler::zeroUpper);
    is("vpaddd %zmm7, %zmm18, %zmm29", a -> a.vector(VectorOp.VPADDD, 29, 18, 7));
    is("vpsubd %zmm29, %zmm7, %zmm18", a -> a.vector(VectorOp.VPSUBD, 18, 7, 29));
    is("vmovdqu16 (%r9), %zmm20{%k1}{z}", a -> a.load(VectorOp.VMOVDQU16, 20, at(R9, 0), 1));
    is(
        "{disp32} vmovups -28(%rsi, %r11), %zmm12{%k7}",
        a -> a.merge(VectorOp.VMOVUPS, 12, at(RSI, Register.R11, 1, -28), 7));
    is("vpandd %zmm30, %zmm30, %zmm30{%k1}{z}", a -> a.orZero(VectorOp.VPANDD, 30, 30, 30, 1));
    is("vmovups %zmm31, (%rdx){%k7}", a -> a.store(VectorOp.VMOVUPS_STORE, at(RDX, 0), 31, 7));
    is("{disp32} vmovups %zmm30, (%r13)", a -> a.store(VectorOp.VMOVUPS_STORE, at(R13, 0), 30, 0));
    is("{evex} vpdpbusd %zmm5, %zmm30, %zmm14", a -> a.vector(VectorOp.VPDPBUSD, 14, 30, 5));
    is(
        "{disp32} vpdpbusd 16(%rdx, %rcx, 4){1to16}, %zmm17, %zmm1",
        a -> a.broadcasting(VectorOp.VPDPBUSD, 1, 17, at(RDX, Register.RCX, 4, 16)));
    is("vdpbf16ps %zmm28, %zmm27, %zmm5", a -> a.vector(VectorOp.VDPBF16PS, 5, 27, 28));
    is("vdpbf16ps (%r15), %zmm7, %zmm19", a -> a.vector(VectorOp.VDPBF16PS, 19, 7, at(R15, 0)));
    is(
        "{disp32} vdpbf16ps 4(%r12){1to16}, %zmm8, %zmm24",
        a -> a.broadcasting(VectorOp.VDPBF16PS, 24, 8, at(R12, 4)));
    is(
        "vmulps (%rsi){1to16}, %zmm3, %zmm30",
        a -> a.broadcasting(VectorOp.VMULPS, 30, 3, at(RSI, 0)));
    is(
        "{disp32} vcvtne2ps2bf16 64(%rax), %zmm16, %zmm2",
        a -> a.vector(VectorOp.VCVTNE2PS2BF16, 2, 16, at(RAX, 64)));
    is("vsubps %zmm3, %zmm20, %zmm31", a -> a.vector(VectorOp.VSUBPS, 31, 20, 3));
    is("vmaxps %zmm30, %zmm8, %zmm24", a -> a.vector(VectorOp.VMAXPS, 24, 8, 30));
    is("vmaxps (%rcx), %zmm16, %zmm18", a -> a.vector(VectorOp.VMAXPS, 18, 16, at(RCX, 0)));
    is("vfmadd213ps %zmm25, %zmm13, %zmm9", a -> a.vector(VectorOp.VFMADD213PS, 9, 13, 25));
    is("vfmsub213ps %zmm25, %zmm13, %zmm9", a -> a.vector(VectorOp.VFMSUB213PS, 9, 13, 25));
    is("vfnmadd231ps %zmm19, %zmm15, %zmm4", a -> a.vector(VectorOp.VFNMADD231PS, 4, 15, 19));
    is("vscalefps %zmm12, %zmm8, %zmm11", a -> a.vector(VectorOp.VSCALEFPS, 11, 8, 12));
    is("vpermw %zmm5, %zmm31, %zmm17", a -> a.vector(VectorOp.VPERMW, 17, 31, 5));
    is("vunpcklps %zmm15, %zmm14, %zmm30", a -> a.vector(VectorOp.VUNPCKLPS, 30, 14, 15));
    is("vunpckhps %zmm1, %zmm0, %zmm17", a -> a.vector(VectorOp.VUNPCKHPS, 17, 0, 1));
    is("vunpcklpd %zmm29, %zmm27, %zmm10", a -> a.vector(VectorOp.VUNPCKLPD, 10, 27, 29));
    is("vunpckhpd %zmm18, %zmm16, %zmm1", a -> a.vector(VectorOp.VUNPCKHPD, 1, 16, 18));
    is("vpunpcklwd %zmm22, %zmm21, %zmm23", a -> a.vector(VectorOp.VPUNPCKLWD, 23, 21, 22));
    is("vpunpckhwd %zmm1, %zmm0, %zmm20", a -> a.vector(VectorOp.VPUNPCKHWD, 20, 0, 1));
    is("vminps %zmm1, %zmm18, %zmm2", a -> a.vector(VectorOp.VMINPS, 2, 18, 1));
    is("vdivps %zmm5, %zmm0, %zmm20", a -> a.vector(VectorOp.VDIVPS, 20, 0, 5));
    is("vdivps %zmm22, %zmm18, %zmm3{%k1}{z}", a -> a.orZero(VectorOp.VDIVPS, 3, 18, 22, 1));
    is("vcmpps $5, %zmm17, %zmm9, %k1", a -> a.compare(VectorOp.VCMPPS, 1, 9, 17, 5));
    is("{disp32} vpmovdb %zmm6, 16(%rcx)", a -> a.store(VectorOp.VPMOVDB_STORE, at(RCX, 16), 6, 0));
    is("vpcmpgtd %zmm19, %zmm17, %k1", a -> a.vector(VectorOp.VPCMPGTD, 1, 17, 19));
    is("vpcmpgtd %zmm2, %zmm19, %k2", a -> a.vector(VectorOp.VPCMPGTD, 2, 19, 2));
    is("{vex3} kmovd %eax, %k1", a -> a.longMask(1, RAX));
    is("{vex3} kmovd %r10d, %k3", a -> a.longMask(3, R10));
  }

  private static void tiles() {
    is("ldtilecfg (%rdi)", a -> a.configureTiles(at(RDI, 0)));
    is("{disp32} ldtilecfg 64(%r12)", a -> a.configureTiles(at(R12, 64)));
    is("tilerelease", Assembler::releaseTiles);
    is("tilezero %tmm0", a -> a.zeroTile(0));
    is("tilezero %tmm7", a -> a.zeroTile(7));
    is("tileloadd (%rsi, %rax), %tmm4", a -> a.loadTile(4, at(RSI, RAX, 1, 0)));
    is("{disp32} tileloadd 64(%r13, %r9, 4), %tmm7", a -> a.loadTile(7, at(R13, R9, 4, 64)));
    is("{disp32} tilestored %tmm3, 128(%r8, %rbx)", a -> a.storeTile(at(R8, RBX, 1, 128), 3));
    is("tdpbf16ps %tmm6, %tmm4, %tmm1", a -> a.multiplyTiles(TileOp.TDPBF16PS, 1, 4, 6));
    is("tdpbssd %tmm7, %tmm5, %tmm0", a -> a.multiplyTiles(TileOp.TDPBSSD, 0, 5, 7));
  }

  private static void jumps() {
    is(
        "{disp32} jmp .+5",
        a -> {
          Assembler.Label next = a.label();
          a.jump(next);
          a.place(next);
        });
    is("{disp32} jb .", a -> a.jump(Assembler.Condition.BELOW, a.here()));
    is("{disp32} jae .", a -> a.jump(Assembler.Condition.ABOVE_OR_EQUAL, a.here()));
    is("{disp32} je .", a -> a.jump(Assembler.Condition.EQUAL, a.here()));
    is("{disp32} jne .", a -> a.jump(Assembler.Condition.NOT_EQUAL, a.here()));
    is("{disp32} ja .", a -> a.jump(Assembler.Condition.ABOVE, a.here()));
    is("{disp32} jbe .", a -> a.jump(Assembler.Condition.BELOW_OR_EQUAL, a.here()));
  }

  private static Map<String, String> recorded() throws IOException {
    try (InputStream in = AssemblerTest.class.getResourceAsStream("encodings.txt")) {
      Map<String, String> bytes = new LinkedHashMap<>();
      new String(in.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .map(line -> line.split(" ; ", 2))
          .forEach(parts -> bytes.put(parts[1], parts[0]));
      return bytes;
    }
  }

  @Test
  void everyInstructionHasTheRecordedBytes() throws IOException {
    Map<String, String> recorded = recorded();
    assertThat(recorded.keySet()).containsExactlyElementsOf(CASES.keySet());
    CASES.forEach((text, code) -> {
      Assembler a = new Assembler();
      code.accept(a);
      assertThat(HexFormat.of().formatHex(a.bytes())).as(text).isEqualTo(recorded.get(text));
    });
  }

  @Test
  void everyVectorOperationHasACase() {
    for (VectorOp op : VectorOp.values()) {
      String name = op.name().split("_")[0].toLowerCase(java.util.Locale.ROOT);
      assertThat(CASES.keySet()).as(name).anyMatch(text -> text.contains(name + " "));
    }
    for (TileOp op : TileOp.values()) {
      String name = op.name().toLowerCase(java.util.Locale.ROOT);
      assertThat(CASES.keySet()).as(name).anyMatch(text -> text.contains(name + " "));
    }
  }

  @Test
  void wrongUseIsRefused() {
    Assembler a = new Assembler();
    assertThatThrownBy(() -> a.vector(VectorOp.VADDPS, 1, 2)).hasMessageContaining("one source");
    assertThatThrownBy(() -> a.vector(VectorOp.VMOVUPS, 1, 2, 3))
        .hasMessageContaining("two sources");
    assertThatThrownBy(() -> a.loadTile(1, at(RAX, 0))).hasMessageContaining("stride");
    assertThatThrownBy(() -> a.store(VectorOp.VMOVUPS, at(RAX, 0), 1, 0))
        .hasMessageContaining("store");
    assertThatThrownBy(() -> at(RAX, RSP, 1, 0)).hasMessageContaining("RSP");
    assertThatThrownBy(() -> at(RAX, RBX, 3, 0)).hasMessageContaining("scale = 3");
    Assembler.Label label = a.here();
    assertThatThrownBy(() -> a.place(label)).hasMessageContaining("before");
  }
}
