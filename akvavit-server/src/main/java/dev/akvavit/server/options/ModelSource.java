package dev.akvavit.server.options;

import dev.akvavit.ModelOptions;
import java.nio.file.Path;

/**
 * A model that the server may open.
 *
 * @param name what requests call it
 */
public record ModelSource(String name, Path folder, ModelOptions options) {}
