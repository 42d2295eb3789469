package dev.akvavit.cpu.machine;

/** What routines are written for; a set counts when the system keeps its registers. */
public enum InstructionSet {
  /** Foundation, byte and word, doubleword and quadword, and vector length extensions. */
  AVX512("AVX-512"),
  /** Products of four bytes ({@code vpdpbusd}). */
  VNNI("VNNI"),
  /**
   * Products of two BF16 numbers ({@code vdpbf16ps}): faster than F32 on AMD's Zen 4 and later,
   * slower on Intel's Sapphire Rapids, which has tiles.
   */
  BF16("BF16"),
  /** Tiles of BF16 pairs (AMX-BF16). */
  BF16_TILES("AMX-BF16"),
  /** Tiles of bytes (AMX-INT8). */
  BYTE_TILES("AMX-INT8");

  final String label;

  InstructionSet(String label) {
    this.label = label;
  }
}
