package dev.akvavit.hub;

import java.nio.file.Path;

/**
 * A model that is whole in the cache.
 *
 * @param path a folder with {@code config.json} and safetensors, or a GGUF file
 * @param downloaded bytes of {@code bytes} that this call fetched
 */
public record PulledModel(
    String model, String commit, Path path, int files, long bytes, long downloaded) {}
