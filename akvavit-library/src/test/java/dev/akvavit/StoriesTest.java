package dev.akvavit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.akvavit.core.IndexPrecision;
import dev.akvavit.core.ModelConfig;
import dev.akvavit.core.Sampling;
import dev.akvavit.engine.FinishReason;
import dev.akvavit.engine.GenerationStats;
import dev.akvavit.engine.LogProbs;
import dev.akvavit.engine.Request;
import dev.akvavit.engine.TokenSink;
import dev.akvavit.format.Checkpoint;
import dev.akvavit.format.PlacedWeights;
import dev.akvavit.model.arch.Architectures;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/**
 * Karpathy's stories260K, a real GQA model that others trained, tells the story that its author
 * published.
 */
class StoriesTest {
  private static final Path FOLDER =
      Path.of(System.getProperty("akvavit.shared", "../../shared")).resolve("models/stories260K");

  /** The text of llama2.c's own test: greedy, 200 steps from the begin token. */
  private static final String STORY =
      """
      Once upon a time, there was a little girl named Lily. She loved to play outside in the park. One day, she saw a \
      big, red ball. She wanted to play with it, but it was too high.
      Lily's mom said, "Lily, let's go to the park." Lily was sad and didn't know what to do. She said, "I want to play \
      with your ball, but I can't find it."
      Lily was sad and didn't know what to do. She said, "I'm sorry, Lily. I didn't know what to do."
      Lily didn't want to help her mom, so she\
      """;

  @Test
  void publishedStoryIsTold() throws IOException {
    assumeTrue(Files.isDirectory(FOLDER), "the shared models are not beside this checkout");
    List<byte[]> vocabulary = vocabulary(FOLDER.resolve("tok512.bin"));
    try (Checkpoint checkpoint = Checkpoint.open(FOLDER.resolve("hf"))) {
      ModelConfig config = Architectures.configure(checkpoint.config(), IndexPrecision.EXACT);
      try (ModelRunner runner =
          new ModelRunner(
              config,
              Architectures.of(checkpoint.config()),
              backend -> new PlacedWeights(checkpoint, backend),
              ModelOptions.DEFAULT,
              "stories")) {
        CompletableFuture<List<Integer>> answer = new CompletableFuture<>();
        List<Integer> ids = new ArrayList<>();
        runner.engine.submit(
            new Request(new int[] {1}, 200, new int[0], Sampling.GREEDY),
            new TokenSink() {
              @Override
              public boolean token(int id, LogProbs logProbs) {
                ids.add(id);
                return true;
              }

              @Override
              public void finished(FinishReason reason, String detail, GenerationStats stats) {
                answer.complete(ids);
              }
            });
        assertThat(text(answer.join(), vocabulary).strip()).isEqualTo(STORY);
      }
    }
  }

  private static String text(List<Integer> ids, List<byte[]> vocabulary) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (int id : ids) {
      String token = new String(vocabulary.get(id), StandardCharsets.UTF_8);
      if (token.matches("<0x[0-9A-F]{2}>")) {
        bytes.write(Integer.parseInt(token.substring(3, 5), 16));
      } else {
        bytes.writeBytes(vocabulary.get(id));
      }
    }
    return bytes.toString(StandardCharsets.UTF_8);
  }

  /** llama2.c's vocabulary: the longest token's length, then score, length and bytes of each. */
  private static List<byte[]> vocabulary(Path file) throws IOException {
    ByteBuffer in = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
    in.getInt();
    List<byte[]> tokens = new ArrayList<>();
    while (in.hasRemaining()) {
      in.getFloat();
      byte[] token = new byte[in.getInt()];
      in.get(token);
      tokens.add(token);
    }
    return tokens;
  }
}
