package dev.akvavit.cpu.machine;

/**
 * Vector instructions with an EVEX prefix (Intel, Software Developer's Manual, volume 2, section
 * 2.7), named as there.
 *
 * <p>Operands stand in the manual's order: result, first source, second source or memory. An
 * instruction with one source has {@link #sources} 1 and leaves the prefix's own operand empty;
 * those that shift by an immediate name their result in the prefix and an {@link #extension} of the
 * opcode in the operand byte.
 */
enum VectorOp {
  VMOVUPS(1, 0, 0, 0x10, 1),
  VMOVUPS_STORE(1, 0, 0, 0x11, 1),
  VMOVUPS_YMM(1, 0, 0, 0x10, 1, 1),
  VMOVUPS_STORE_YMM(1, 0, 0, 0x11, 1, 1),
  VMOVUPS_XMM(1, 0, 0, 0x10, 1, 0),
  VBROADCASTF32X4(2, 1, 0, 0x1A, 1),
  VBROADCASTSS(2, 1, 0, 0x18, 1),
  VADDPS(1, 0, 0, 0x58, 2),
  VMULPS(1, 0, 0, 0x59, 2),
  VFMADD231PS(2, 1, 0, 0xB8, 2),
  VSHUFPS(1, 0, 0, 0xC6, 2),
  VSHUFF32X4(3, 1, 0, 0x23, 2),
  VEXTRACTF32X4(3, 1, 0, 0x19, 1),
  VINSERTF32X4(3, 1, 0, 0x18, 2),
  VINSERTF32X4_YMM(3, 1, 0, 0x18, 2, 1),
  VINSERTF64X4(3, 1, 1, 0x1A, 2),
  VPUNPCKLDQ(1, 1, 0, 0x62, 2),
  VPUNPCKHDQ(1, 1, 0, 0x6A, 2),
  VPUNPCKLQDQ(1, 1, 1, 0x6C, 2),
  VPUNPCKHQDQ(1, 1, 1, 0x6D, 2),
  VPINSRW_XMM(1, 1, 0, 0xC4, 2, 0),
  VPINSRB_XMM(3, 1, 0, 0x20, 2, 0),
  VPSHUFB(2, 1, 0, 0x00, 2),
  VPADDB(1, 1, 0, 0xFC, 2),
  VPMAXUD(2, 1, 0, 0x3F, 2),
  VPANDD(1, 1, 0, 0xDB, 2),
  VPORD(1, 1, 0, 0xEB, 2),
  VPXORD(1, 1, 0, 0xEF, 2),
  VPANDD_YMM(1, 1, 0, 0xDB, 2, 1),
  VPMOVZXWD(2, 1, 0, 0x33, 1),
  VPMOVSXBD(2, 1, 0, 0x21, 1),
  VPMOVZXBD(2, 1, 0, 0x31, 1),
  VPERMPS(2, 1, 0, 0x16, 2),
  VPMOVSXBW_YMM(2, 1, 0, 0x20, 1, 1),
  VPSLLD(1, 1, 0, 0x72, 16 + 6),
  VPSRLD(1, 1, 0, 0x72, 16 + 2),
  VPSRAD(1, 1, 0, 0x72, 16 + 4),
  VPSLLW(1, 1, 0, 0x71, 16 + 6),
  VPSRLW(1, 1, 0, 0x71, 16 + 2),
  VPMOVDW(2, 2, 0, 0x33, 1),
  VPSLLW_YMM(1, 1, 0, 0x71, 16 + 6, 1),
  VPBROADCASTW_YMM(2, 1, 0, 0x79, 1, 1),
  VPBROADCASTD_REGISTER(2, 1, 0, 0x7C, 1),
  VCVTPH2PS(2, 1, 0, 0x13, 1),
  VCVTDQ2PS(1, 0, 0, 0x5B, 1),
  VPADDD(1, 1, 0, 0xFE, 2),
  VPSUBD(1, 1, 0, 0xFA, 2),
  VMOVDQU16(1, 3, 1, 0x6F, 1),
  /** Four products of an unsigned and a signed byte, added to an integer (AVX512_VNNI). */
  VPDPBUSD(2, 1, 0, 0x50, 2),
  /** Two products of BF16 numbers, added to an F32 number (AVX512_BF16). */
  VDPBF16PS(2, 2, 0, 0x52, 2),
  /** Lower half from the second source. */
  VCVTNE2PS2BF16(2, 3, 0, 0x72, 2),
  VSUBPS(1, 0, 0, 0x5C, 2),
  VMAXPS(1, 0, 0, 0x5F, 2),
  /** The second source where one is NaN. */
  VMINPS(1, 0, 0, 0x5D, 2),
  VDIVPS(1, 0, 0, 0x5E, 2),
  /** {@code to = to * first + second}. */
  VFMADD213PS(2, 1, 0, 0xA8, 2),
  /** {@code to = to * first - second}. */
  VFMSUB213PS(2, 1, 0, 0xAA, 2),
  VFNMADD231PS(2, 1, 0, 0xBC, 2),
  /** {@code first * 2^floor(second)}. */
  VSCALEFPS(2, 1, 0, 0x2C, 2),
  /** Words of the second source, chosen by the first. */
  VPERMW(2, 1, 1, 0x8D, 2),
  VUNPCKLPS(1, 0, 0, 0x14, 2),
  VUNPCKHPS(1, 0, 0, 0x15, 2),
  VUNPCKLPD(1, 1, 1, 0x14, 2),
  VUNPCKHPD(1, 1, 1, 0x15, 2),
  VPUNPCKLWD(1, 1, 0, 0x61, 2),
  VPUNPCKHWD(1, 1, 0, 0x69, 2),
  /** Signed comparison; its result is a mask register. */
  VPCMPGTD(1, 1, 0, 0x66, 2),
  /** A comparison of one's choice; its result is a mask register. */
  VCMPPS(1, 0, 0, 0xC2, 2),
  /** The lowest bytes of 16 elements. */
  VPMOVDB_STORE(2, 2, 0, 0x31, 1),
  /** The low halves of 16 elements. */
  VPMOVDW_STORE(2, 2, 0, 0x33, 1);

  private static final int SHIFT = 16;

  /** Opcode map: 1 is {@code 0F}, 2 {@code 0F38}, 3 {@code 0F3A}. */
  final int map;

  /** Implied prefix: 0 none, 1 {@code 66}, 2 {@code F3}, 3 {@code F2}. */
  final int prefix;

  final int wide;
  final int opcode;
  private final int form;

  /** 2 for 512 bits, 1 for 256, 0 for 128. */
  final int length;

  VectorOp(int map, int prefix, int wide, int opcode, int form) {
    this(map, prefix, wide, opcode, form, 2);
  }

  VectorOp(int map, int prefix, int wide, int opcode, int form, int length) {
    this.map = map;
    this.prefix = prefix;
    this.wide = wide;
    this.opcode = opcode;
    this.form = form;
    this.length = length;
  }

  boolean shifts() {
    return form >= SHIFT;
  }

  /** Three bits of the opcode of a shift. */
  int extension() {
    return form - SHIFT;
  }

  int sources() {
    return shifts() ? 1 : form;
  }
}
