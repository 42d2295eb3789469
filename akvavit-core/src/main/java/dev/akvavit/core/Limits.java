package dev.akvavit.core;

/**
 * Every bound on what a file may claim, checked before anything is allocated. Passed in, never
 * global.
 *
 * @param headerBytes longest safetensors header
 * @param keyBytes longest key or tensor name
 * @param stringBytes longest string value
 * @param arrayElements longest array
 * @param tensors most tensors in a checkpoint
 * @param dimensions most dimensions of a tensor
 * @param jsonDepth deepest nesting
 * @param jsonBytes longest JSON file (config, index, tokenizer)
 * @param ggufHeaderBytes longest part of a GGUF file before its tensors' bytes
 * @param metadataPairs most keys of a GGUF file
 */
public record Limits(
    long headerBytes,
    int keyBytes,
    int stringBytes,
    int arrayElements,
    int tensors,
    int dimensions,
    int jsonDepth,
    long jsonBytes,
    long ggufHeaderBytes,
    int metadataPairs) {
  public static final Limits DEFAULT =
      new Limits(
          100_000_000,
          65_535,
          16 << 20,
          16 << 20,
          1_000_000,
          4,
          64,
          256L << 20,
          256L << 20,
          100_000);
}
