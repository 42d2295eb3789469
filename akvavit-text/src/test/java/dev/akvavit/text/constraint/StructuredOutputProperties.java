package dev.akvavit.text.constraint;

import static org.assertj.core.api.Assertions.assertThat;

import com.networknt.schema.Error;
import com.networknt.schema.ExecutionContext;
import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.dialect.Dialects;
import dev.akvavit.text.Tokenizer;
import dev.akvavit.text.Vocabularies;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.exc.JsonNodeException;

/** Whatever a model draws, what it finishes is valid; an independent validator says so. */
class StructuredOutputProperties {
  private static final long SEED = Long.getLong("constraint.seed", 20261122);
  private static final int FINISHED = Integer.getInteger("constraint.outputs", 10_000);
  private static final int OF_EACH = 20;

  private final SchemaRegistry registry =
      SchemaRegistry.withDefaultDialect(Dialects.getDraft202012());

  @Test
  void finishedOutputsAreValid() {
    List<Tokenizer> tokenizers = List.of(Vocabularies.byteLevel(), Vocabularies.sentencePiece());
    List<StructuredOutput> outputs = tokenizers.stream().map(StructuredOutput::of).toList();
    int[] ends = {tokenizers.get(0).id("<|end|>"), tokenizers.get(1).id("</s>")};
    SplittableRandom random = new SplittableRandom(SEED);
    int finished = 0;
    int unfinished = 0;
    int refused = 0;
    int unjudged = 0;
    for (int round = 0; finished < FINISHED; round++) {
      String source = new RandomSchema(random).next();
      int which = round % 2;
      JsonSchema schema;
      try {
        schema = outputs.get(which).schema(source);
      } catch (SchemaException e) {
        assertThat(e)
            .hasMessageMatching("(?s).*(no value|two patterns|itself|circle|may both|filter it).*");
        refused++;
        continue;
      }
      Schema judge = registry.getSchema(source, InputFormat.JSON);
      for (int i = 0; i < OF_EACH; i++) {
        Writer writer = new Writer(tokenizers.get(which), ends[which], random.split());
        String text = writer.write(outputs.get(which).constraint(schema, Set.of(ends[which])));
        if (text == null) {
          unfinished++;
          continue;
        }
        List<Error> errors;
        try {
          errors = judge.validate(text, InputFormat.JSON, StructuredOutputProperties::withFormats);
        } catch (JsonNodeException e) { // it reads 1e20 as a long where a bound is whole
          unjudged++;
          continue;
        }
        finished++;
        assertThat(errors)
            .as("seed %d, round %d: %s wrote %s", SEED, round, source, text)
            .isEmpty();
      }
    }
    assertThat(unfinished).as("unfinished beside %d finished", finished).isLessThan(finished / 5);
    assertThat(unjudged).as("outputs that stop the validator").isLessThan(finished / 100);
    assertThat(refused).as("refused schemas").isLessThan(finished / OF_EACH);
  }

  private static void withFormats(ExecutionContext context) {
    context.executionConfig(config -> config.formatAssertionsEnabled(true));
  }
}
