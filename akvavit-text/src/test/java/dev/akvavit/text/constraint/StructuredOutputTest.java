package dev.akvavit.text.constraint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.akvavit.core.TokenConstraint;
import dev.akvavit.text.Tokenizer;
import dev.akvavit.text.Vocabularies;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StructuredOutputTest {
  private static final Tokenizer BYTES = Vocabularies.byteLevel();
  private static final int END = BYTES.id("<|end|>");
  private static final StructuredOutput OUTPUT = StructuredOutput.of(BYTES);

  /** Whether a schema lets a text be written, and end. */
  private static boolean writes(String schema, String text) {
    TokenConstraint constraint = OUTPUT.constraint(OUTPUT.schema(schema), Set.of(END));
    for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
      int token = -1;
      for (int id : Writer.allowed(constraint, BYTES.vocabularySize())) {
        byte[] bytes = BYTES.bytes(id);
        token = id != END && bytes.length == 1 && bytes[0] == b ? id : token;
      }
      if (token < 0) {
        return false;
      }
      constraint.accept(token);
    }
    return Writer.allowed(constraint, BYTES.vocabularySize()).contains(END);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '#',
      quoteCharacter = '`',
      value = {
        "`{'type':'object'}` # `{}` # `{\"a\":{\"b\":[1, true, null, \"x\"]}}` # `[]` # `{\"a\"}`",
        "`{'type':'integer'}` # `0` # `-17` # `01` # `1.0`",
        "`{'type':'number'}` # `-0.25` # `1e+05` # `.5` # `1.`",
        "`{'type':'string'}` # `\"\\u00e9\\n/\"` # `\"\\ud83c\\udf76🍶\"` # `\"\\ud83c\"` # `\"\\x\"`",
        "`{'type':['null','boolean']}` # `null` # `false` # `0` # `\"\"`",
        "`true` # `[]` # `\"x\"` # `` # `nul`",
        "`{'enum':['a\\\"',1,[{}]]}` # `\"a\\\"\"` # `[{}]` # `\"a\"` # `[]`",
        "`{'const':'é'}` # `\"é\"` # ` \"é\"` # `\"\\u00e9\"` # `\"e\"`",
        "`{'type':'string','minLength':2,'maxLength':3}` # `\"éé\"` # `\"a\\nb\"` # `\"a\"` # `\"abcd\"`",
        "`{'type':'string','pattern':'^a+b?$'}` # `\"aaa\"` # `\"ab\"` # `\"b\"` # `\"abb\"`",
        "`{'type':'string','pattern':'[0-9]','maxLength':2}` # `\"a1\"` # `\"1\"` # `\"a\"` # `\"ab1\"`",
        "`{'type':'string','format':'date'}` # `\"2026-11-22\"` # `\"2026-02-28\"` # `\"2026-02-29\"` # `\"2026-13-01\"`",
        "`{'type':'string','format':'email'}` # `\"a.b@c.dev\"` # `\"a@b.c.org\"` # `\"a@b\"` # `\"@b.org\"`",
        "`{'type':'integer','minimum':-5,'maximum':12}` # `-5` # `12` # `-6` # `13`",
        "`{'type':'integer','exclusiveMinimum':9,'exclusiveMaximum':101}` # `10` # `100` # `9` # `101`",
        "`{'type':'number','minimum':0.25,'exclusiveMaximum':10}` # `0.25` # `9.999` # `0.2` # `10`",
        "`{'type':'number','exclusiveMaximum':-1.5}` # `-1.51` # `-20` # `-1.5` # `1`",
        "`{'type':'array','items':{'type':'null'},'minItems':1,'maxItems':2}` # `[null]` # `[null, null]` # `[]` # `[null,null,null]`",
        "`{'type':'array','prefixItems':[{'const':1},{'const':2}],'items':false}` # `[]` # `[1,2]` # `[2]` # `[1,2,3]`",
        "`{'type':'array','prefixItems':[{'const':1}],'minItems':1,'maxItems':3}` # `[1]` # `[1,{},2]` # `[]` # `[1,2,3,4]`",
        "`{'type':'object','properties':{'a':{'const':1},'b':{'const':2}},'required':['b']}` # `{\"a\":1,\"b\":2}` # `{\"b\": 2}` # `{\"a\":1}` # `{\"b\":2,\"c\":3}`",
        "`{'type':'object','properties':{'a':{'const':1}},'additionalProperties':{'type':'null'}}` # `{\"a\":1,\"b\":null}` # `{\"ab\":null}` # `{\"a\":null}` # `{\"b\":1}`",
        "`{'type':'object','required':['x'],'additionalProperties':{'type':'null'}}` # `{\"x\":null}` # `{\"x\":null,\"y\":null}` # `{\"y\":null}` # `{\"x\":1}`",
        "`{'type':'object','properties':{},'additionalProperties':false}` # `{}` # ` {}` # `{\"a\":1}` # `{ }`",
        "`{'anyOf':[{'type':'null'},{'type':'integer'}]}` # `null` # `7` # `true` # `nul`",
        "`{'oneOf':[{'type':'null'},{'type':'integer'}]}` # `null` # `7` # `true` # `nul`",
        "`{'allOf':[{'type':'integer','minimum':3},{'maximum':4}]}` # `3` # `4` # `2` # `5`",
        "`{'allOf':[{'properties':{'a':{'type':'integer'}}},{'properties':{'a':{'minimum':8}},'required':['a']}],'type':'object'}` # `{\"a\":8}` # `{\"a\":99}` # `{\"a\":7}` # `{}`",
        "`{'type':'object','properties':{'a':{'$ref':'#/$defs/n'}},'$defs':{'n':{'anyOf':[{'type':'null'},{'$ref':'#'}]}}}` # `{\"a\":{\"a\":null}}` # `{}` # `{\"a\":{\"b\":1}}` # `{\"a\":0}`",
        "`{'enum':[1,2,3],'minimum':2,'title':'t','description':'d','default':1,'examples':[9]}` # `2` # `3` # `1` # `4`",
      })
  void enforcesWhatItSays(String schema, String yes, String too, String no, String never) {
    String json = schema.replace('\'', '"');
    assertThat(writes(json, yes)).as(yes).isTrue();
    assertThat(writes(json, too)).as(too).isTrue();
    assertThat(writes(json, no)).as(no).isFalse();
    assertThat(writes(json, never)).as(never).isFalse();
  }

  @Test
  void endsWhenThereIsNothingMoreToSay() {
    TokenConstraint constraint = OUTPUT.constraint(OUTPUT.schema("{\"const\":true}"), Set.of(END));
    assertThat(Writer.allowed(constraint, BYTES.vocabularySize())).doesNotContain(END);
    constraint.accept(BYTES.id("true"));
    assertThat(Writer.allowed(constraint, BYTES.vocabularySize())).containsExactly(END);
    constraint.accept(END);
  }

  @Test
  void controlTokensAreNoText() {
    Tokenizer controls = Vocabularies.withControls(List.of("<|end|>"), List.of("[]", "<x>"));
    StructuredOutput output = StructuredOutput.of(controls);
    int end = controls.id("<|end|>");
    TokenConstraint constraint =
        output.constraint(output.schema("{\"type\":[\"array\",\"string\"]}"), Set.of(end));
    for (int id : Writer.allowed(constraint, controls.vocabularySize())) {
      assertThat(controls.control(id)).as(controls.token(id)).isFalse();
    }
  }

  @Test
  void aVocabularyThatCannotSpellItAllowsNothing() {
    Tokenizer poor = Vocabularies.of("{", "\"", "x");
    StructuredOutput output = StructuredOutput.of(poor);
    TokenConstraint constraint =
        output.constraint(output.schema("{\"type\":\"object\"}"), Set.of(poor.id("</s>")));
    constraint.accept(poor.id("{"));
    constraint.accept(poor.id("\""));
    constraint.accept(poor.id("\""));
    assertThat(Writer.allowed(constraint, poor.vocabularySize())).isEmpty();
  }

  @Test
  void thoughtsAreFree() {
    int thought = BYTES.id("</think>");
    TokenConstraint constraint =
        OUTPUT.constraintAfter(thought, OUTPUT.schema("{\"const\":true}"), Set.of(END));
    List<Integer> allowed = Writer.allowed(constraint, BYTES.vocabularySize());
    assertThat(allowed).hasSize(BYTES.vocabularySize() - 1).doesNotContain(END);
    constraint.accept(BYTES.id("name"));
    constraint.accept(thought);
    assertThat(Writer.allowed(constraint, BYTES.vocabularySize()))
        .contains(BYTES.id("true"))
        .doesNotContain(BYTES.id("name"), END);
  }

  @Test
  void refusesTokensThatWereNotAllowed() {
    TokenConstraint constraint = OUTPUT.constraint(JsonSchema.object(), Set.of(END));
    assertThatThrownBy(() -> constraint.accept(BYTES.id("true")))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("true");
    assertThatThrownBy(() -> OUTPUT.constraint(JsonSchema.object(), Set.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("endTokens");
  }

  /** Small caches forget all the time; nothing but speed may depend on it. */
  @Test
  void masksDoNotDependOnWhatIsKept() {
    StructuredOutput forgetful = StructuredOutput.of(BYTES, 1);
    SplittableRandom random = new SplittableRandom(7);
    for (int i = 0; i < 60; i++) {
      String source = new RandomSchema(random).next();
      JsonSchema schema;
      try {
        schema = JsonSchema.compile(source);
      } catch (SchemaException e) {
        continue;
      }
      TokenConstraint kept = OUTPUT.constraint(schema, Set.of(END));
      TokenConstraint forgotten = forgetful.constraint(schema, Set.of(END));
      for (int step = 0; step < 20; step++) {
        List<Integer> allowed = Writer.allowed(kept, BYTES.vocabularySize());
        assertThat(Writer.allowed(forgotten, BYTES.vocabularySize()))
            .as("%s, step %d", source, step)
            .isEqualTo(allowed);
        int token = allowed.get(random.nextInt(allowed.size()));
        if (token == END) {
          break;
        }
        kept.accept(token);
        forgotten.accept(token);
      }
    }
  }

  @Test
  void keepsWhatIsUsedAndNoMoreThanItMay() {
    StructuredOutput small = StructuredOutput.of(BYTES, 2 << 20);
    JsonSchema first = small.schema("{\"const\":0}");
    assertThat(small.schema("{\"const\":0}")).isSameAs(first);
    for (int i = 0; i < 300; i++) {
      TokenConstraint constraint =
          small.constraint(
              small.schema("{\"const\":\"" + i + "\",\"title\":\"" + "x".repeat(9000) + "\"}"),
              Set.of(END));
      Writer.allowed(constraint, BYTES.vocabularySize());
    }
    assertThat(small.bytes()).isBetween(1L << 19, 3L << 20);
    assertThat(small.schema("{\"const\":0}")).isNotSameAs(first);
  }

  @Test
  void sharesMasksAlongLongTexts() {
    TokenConstraint constraint =
        OUTPUT.constraint(
            OUTPUT.schema("{\"type\":\"string\",\"minLength\":200,\"maxLength\":9000}"),
            Set.of(END));
    constraint.accept(BYTES.id("\""));
    List<Integer> before = Writer.allowed(constraint, BYTES.vocabularySize());
    for (int i = 0; i < 8999; i++) {
      constraint.accept(BYTES.id("a"));
      if (i == 100) {
        assertThat(Writer.allowed(constraint, BYTES.vocabularySize())).isEqualTo(before);
      }
    }
    assertThat(Writer.allowed(constraint, BYTES.vocabularySize()))
        .contains(BYTES.id("é"), BYTES.id("\"}".substring(0, 1)))
        .doesNotContain(BYTES.id("ab"));
    constraint.accept(BYTES.id("a"));
    assertThat(Writer.allowed(constraint, BYTES.vocabularySize())).containsExactly(BYTES.id("\""));
  }
}
