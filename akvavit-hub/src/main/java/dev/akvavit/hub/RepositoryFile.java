package dev.akvavit.hub;

/** A file of a repository at one commit. */
record RepositoryFile(String name, long size, Digest digest) {}
