package dev.akvavit.hub;

import java.nio.file.Path;
import java.time.Instant;
import java.util.List;

/**
 * A commit of a model in the cache, whoever fetched it.
 *
 * @param model {@code owner/name}
 * @param revisions branches and tags that mean this commit here
 * @param bytes of its files; commits may share some
 * @param complete whether it can be opened without the network
 * @param lastUsed when one of its files was last read or written, as far as the disk tells
 */
public record CachedModel(
    String model,
    String commit,
    List<String> revisions,
    long bytes,
    int files,
    boolean complete,
    Instant lastUsed,
    Path folder) {}
