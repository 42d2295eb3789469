package dev.akvavit.server.http;

/** Answers a call. What it throws as {@link ApiError} becomes the answer. */
@FunctionalInterface
public interface Handler {
  void handle(Call call) throws Exception;
}
