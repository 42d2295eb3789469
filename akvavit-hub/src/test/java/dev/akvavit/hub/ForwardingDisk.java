package dev.akvavit.hub;

import java.io.IOException;
import java.nio.file.Path;

/** Another disk, of which a test changes one thing. */
class ForwardingDisk implements Disk {
  private final Disk disk;

  ForwardingDisk(Disk disk) {
    this.disk = disk;
  }

  @Override
  public void makeFolder(Path folder) throws IOException {
    disk.makeFolder(folder);
  }

  @Override
  public Sink open(Path file) throws IOException {
    return disk.open(file);
  }

  @Override
  public void append(Path file, String text) throws IOException {
    disk.append(file, text);
  }

  @Override
  public void write(Path file, String text) throws IOException {
    disk.write(file, text);
  }

  @Override
  public void rename(Path from, Path to) throws IOException {
    disk.rename(from, to);
  }

  @Override
  public void link(Path link, Path target) throws IOException {
    disk.link(link, target);
  }

  @Override
  public void delete(Path file) throws IOException {
    disk.delete(file);
  }

  @Override
  public void forceNames(Path folder) throws IOException {
    disk.forceNames(folder);
  }

  @Override
  public long usableBytes(Path folder) throws IOException {
    return disk.usableBytes(folder);
  }
}
