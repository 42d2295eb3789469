package dev.akvavit.hub;

import dev.akvavit.hub.HubException.Reason;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * One pull under its lock: list, plan, room, files one after the other, and the branch's name last.
 */
final class Pull {
  private static final int MAX_LISTING = 64 << 20;
  private static final int WRONG_BYTES = 2;

  /** What a file system needs besides the bytes. */
  private static final long SPARE = 16L << 20;

  private final ModelReference model;
  private final CacheLayout layout;
  private final Disk disk;
  private final Download.Connection connection;
  private final PullListener listener;
  private long downloaded;

  Pull(ModelReference model, CacheLayout layout, Disk disk, Download.Connection connection) {
    this.model = model;
    this.layout = layout;
    this.disk = disk;
    this.connection = connection;
    this.listener = connection.listener();
  }

  PulledModel run() {
    RepositoryListing listing = listing();
    NeededFiles needed = new NeededFiles(model.repository(), listing);
    SnapshotWriter writer = new SnapshotWriter(disk, layout, listing.commit());
    List<RepositoryFile> files = files(listing, needed, writer);
    long bytes = sum(files);
    List<RepositoryFile> missing = files.stream().filter(f -> !writer.has(f)).toList();
    writer.begin();
    long kept = missing.stream().mapToLong(this::kept).sum();
    requireRoom(sum(missing) - kept);
    listener.planned(model.toString(), files.size(), bytes, bytes - sum(missing) + kept);
    for (RepositoryFile file : files) {
      obtain(file, listing.commit(), writer);
    }
    writer.refer(model.revision(), listing.commit());
    Path path = new Snapshot(layout, listing.commit()).folder();
    String first = files.getFirst().name();
    return new PulledModel(
        model.repository(),
        listing.commit(),
        first.endsWith(ModelReference.GGUF) ? path.resolve(first) : path,
        files.size(),
        bytes,
        downloaded);
  }

  /** {@code config.json} and nothing else. */
  Path config() {
    RepositoryListing listing = listing();
    RepositoryFile config =
        listing
            .file(NeededFiles.CONFIG)
            .orElseThrow(() ->
                new HubException(
                    Reason.UNSUPPORTED,
                    model.repository()
                        + ": found no config.json to plan from; a GGUF file is planned once it is"
                        + " here: akvavit pull "
                        + model));
    SnapshotWriter writer = new SnapshotWriter(disk, layout, listing.commit());
    writer.begin();
    requireRoom(config.size());
    listener.planned(model.toString(), 1, config.size(), writer.has(config) ? config.size() : 0);
    obtain(config, listing.commit(), writer);
    writer.refer(model.revision(), listing.commit());
    return layout.snapshot(listing.commit()).resolve(NeededFiles.CONFIG);
  }

  /** All files of the model; the index of the shards is fetched to know them. */
  private List<RepositoryFile> files(
      RepositoryListing listing, NeededFiles needed, SnapshotWriter writer) {
    if (!model.variant().isEmpty() || needed.isGguf()) {
      return needed.gguf(model.variant());
    }
    Optional<RepositoryFile> index = needed.index();
    if (index.isEmpty()) {
      return needed.safetensors(Set.of());
    }
    needed.safetensors(Set.of(NeededFiles.INDEX)); // refuses what cannot be opened
    writer.begin();
    requireRoom(index.get().size());
    obtain(index.get(), listing.commit(), writer);
    Path file = layout.snapshot(listing.commit()).resolve(NeededFiles.INDEX);
    try {
      return needed.safetensors(NeededFiles.shards(file, Snapshot.readSmall(file)));
    } catch (IOException e) {
      throw HubException.disk(file, e);
    }
  }

  private RepositoryListing listing() {
    Attempts attempts =
        new Attempts(model.repository(), connection.limits(), connection.pause(), listener);
    URI uri =
        connection
            .client()
            .at(
                "/api/models/%s/revision/%s?blobs=true"
                    .formatted(model.repository(), Hub.encoded(model.revision())));
    while (true) {
      try (HubClient.Reply reply = connection.client().get(uri, Map.of())) {
        if (reply.status() != 200) {
          connection.refusals().refuse(reply, "");
        }
        return RepositoryListing.parse(model.repository(), reply.body().readAll(MAX_LISTING));
      } catch (IOException e) {
        attempts.failed(e, false);
      }
    }
  }

  /** Bytes of a file that an earlier pull left. */
  private long kept(RepositoryFile file) {
    Path blob = layout.blob(file.digest());
    try {
      return PartJournal.beside(disk, blob, file.size(), connection.limits().segment())
          .recall()
          .present();
    } catch (IOException e) {
      throw HubException.disk(blob, e);
    }
  }

  private void obtain(RepositoryFile file, String commit, SnapshotWriter writer) {
    Path blob = layout.blob(file.digest());
    if (!writer.has(file)) {
      download(file, address(file, commit), blob);
      listener.finished(file.name());
    } else {
      PartFile.forget(disk, blob);
    }
    writer.show(file);
  }

  private URI address(RepositoryFile file, String commit) {
    String path =
        Arrays.stream(file.name().split("/")).map(Hub::encoded).collect(Collectors.joining("/"));
    return connection.client().at("/%s/resolve/%s/%s".formatted(model.repository(), commit, path));
  }

  private void download(RepositoryFile file, URI address, Path blob) {
    for (int wrong = 0; wrong < WRONG_BYTES; wrong++) {
      try (PartFile part = PartFile.open(disk, blob, file.size(), connection.limits())) {
        long before = part.present();
        new Download(connection, file, address, part).run();
        downloaded += file.size() - before;
        listener.verifying(file.name());
        if (part.matches(file.digest())) {
          part.become(blob);
          return;
        }
        part.discard();
        listener.received(file.name(), -file.size());
        listener.waiting(file.name() + ": the bytes that came are not the file's; fetched anew");
      }
    }
    throw new HubException(
        Reason.WRONG_BYTES,
        model.repository()
            + ": "
            + file.name()
            + ": found other bytes than digest "
            + file.digest().hex()
            + " stands for, "
            + WRONG_BYTES
            + " times; nothing of it was kept. Something between here and the hub changes files");
  }

  private void requireRoom(long bytes) {
    try {
      long usable = disk.usableBytes(layout.root());
      if (bytes > 0 && usable - SPARE < bytes) {
        throw new HubException(
            Reason.NO_SPACE,
            "%s: needs %s more, found %s free on the disk of %s; make room (akvavit ls, akvavit rm), or set HF_HUB_CACHE to a folder on another disk"
                .formatted(model.repository(), size(bytes), size(usable), layout.cache()));
      }
    } catch (IOException e) {
      throw HubException.disk(layout.root(), e);
    }
  }

  private static String size(long bytes) {
    return String.format(Locale.ROOT, "%,.1f MiB", bytes / (double) (1 << 20));
  }

  private long sum(List<RepositoryFile> files) {
    try {
      long sum = 0;
      for (RepositoryFile file : files) {
        sum = Math.addExact(sum, file.size());
      }
      return sum;
    } catch (ArithmeticException e) {
      throw new HubException(
          Reason.BROKEN_ANSWER, model.repository() + ": found files larger than any disk");
    }
  }
}
