package dev.akvavit.text.constraint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JsonSchemaTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "not",
        "if",
        "then",
        "else",
        "multipleOf",
        "uniqueItems",
        "contains",
        "minContains",
        "maxContains",
        "patternProperties",
        "propertyNames",
        "minProperties",
        "maxProperties",
        "dependentRequired",
        "dependentSchemas",
        "unevaluatedProperties",
        "unevaluatedItems",
        "$anchor",
        "$dynamicRef",
        "$id",
        "contentEncoding",
        "additionalItems",
        "nullable",
        "frobnicate"
      })
  void refusesByNameWhatItDoesNotEnforce(String keyword) {
    String schema =
        "{\"type\":\"object\",\"properties\":{\"a/b\":{\"type\":\"array\",\"%s\":true}}}"
            .formatted(keyword);
    SchemaException refused =
        catchThrowableOfType(SchemaException.class, () -> JsonSchema.compile(schema));
    assertThat(refused.keyword()).isEqualTo(keyword);
    assertThat(refused.path()).isEqualTo("#/properties/a~1b");
    assertThat(refused).hasMessageContaining(keyword).hasMessageContaining("#/properties/a~1b");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '#',
      quoteCharacter = '`',
      value = {
        "`{'type':'text'}` # type",
        "`{'type':7}` # type",
        "`{'enum':1}` # enum",
        "`{'minLength':-1}` # minLength",
        "`{'maxLength':10001}` # maxLength",
        "`{'minItems':1.5}` # minItems",
        "`{'properties':[]}` # properties",
        "`{'required':'a'}` # required",
        "`{'required':[1]}` # required",
        "`{'items':[{}]}` # items",
        "`{'prefixItems':[]}` # prefixItems",
        "`{'anyOf':[]}` # anyOf",
        "`{'format':'uri'}` # format",
        "`{'minimum':'1'}` # minimum",
        "`{'exclusiveMinimum':true}` # exclusiveMinimum",
        "`{'minimum':1e30}` # minimum",
        "`{'maximum':1e-30}` # maximum",
        "`{'$ref':'other.json'}` # $ref",
        "`{'$ref':'?/$defs/x'}` # $ref",
        "`{'$ref':'?'}` # $ref",
        "`{'anyOf':[{'$ref':'?'},{'type':'null'}]}` # $ref",
        "`{'oneOf':[{'type':'integer'},{'type':'number'}]}` # oneOf",
        "`{'oneOf':[{'const':1},{'enum':[1.0,2]}]}` # oneOf",
        "`{'oneOf':[{'type':'object','properties':{'a':true}},{'type':'object'}]}` # oneOf",
        "`{'allOf':[{'pattern':'a'},{'pattern':'b'}],'type':'string'}` # pattern",
        "`{'enum':['a'],'pattern':'a'}` # enum",
        "`{'pattern':'(?=a)'}` # pattern",
        "`{'pattern':'a$b'}` # pattern",
        "`{'pattern':'(^a)'}` # pattern",
        "`{'pattern':'(a'}` # pattern",
        "`{'pattern':'a)'}` # pattern",
        "`{'pattern':'[a'}` # pattern",
        "`{'pattern':'[b-a]'}` # pattern",
        "`{'pattern':'[[:alpha:]]'}` # pattern",
        "`{'pattern':'a{2,1}'}` # pattern",
        "`{'pattern':'a{10001}'}` # pattern",
        "`{'pattern':'a**'}` # pattern",
        "`{'pattern':'*a'}` # pattern",
        "`{'pattern':'\\\\bword'}` # pattern",
        "`{'pattern':'(a)\\\\1'}` # pattern",
        "`{'pattern':'\\\\p{L}'}` # pattern",
        "`{'pattern':'\\\\'}` # pattern",
        "`{'pattern':'\\\\ud800'}` # pattern",
      })
  void namesTheKeywordThatIsWrong(String schema, String keyword) {
    String json = schema.replace('\'', '"').replace('?', keyword.equals("$ref") ? '#' : '?');
    assertThatThrownBy(() -> JsonSchema.compile(json))
        .isInstanceOfSatisfying(
            SchemaException.class, e -> assertThat(e.keyword()).isEqualTo(keyword));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "false",
        "{\"enum\":[]}",
        "{\"type\":[]}",
        "{\"type\":\"integer\",\"minimum\":3,\"maximum\":2}",
        "{\"type\":\"string\",\"minLength\":3,\"maxLength\":2}",
        "{\"type\":\"string\",\"pattern\":\"^a{5}$\",\"maxLength\":4}",
        "{\"type\":\"array\",\"minItems\":1,\"items\":false}",
        "{\"type\":\"object\",\"required\":[\"a\"],\"additionalProperties\":false}",
        "{\"type\":\"object\",\"properties\":{\"a\":{\"$ref\":\"#\"}},\"required\":[\"a\"]}",
        "{\"allOf\":[{\"type\":\"string\"},{\"type\":\"null\"}]}",
        "{\"const\":1,\"enum\":[2]}"
      })
  void refusesWhatNothingSatisfies(String schema) {
    assertThatThrownBy(() -> JsonSchema.compile(schema))
        .isInstanceOf(SchemaException.class)
        .hasMessageContaining("no value");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "{", "7", "\"x\"", "null", "{} {}", "{\"type\":\"null\",\"type\":1}"})
  void refusesWhatIsNoSchema(String schema) {
    assertThatThrownBy(() -> JsonSchema.compile(schema)).isInstanceOf(SchemaException.class);
  }

  @Test
  void notesAreIgnoredAndDefinitionsReadWhenUsed() {
    JsonSchema.compile(
        "{\"$schema\":\"x\",\"$id\":\"y\",\"title\":\"t\",\"description\":\"d\",\"default\":{\"not\":1},"
            + "\"examples\":[],\"deprecated\":true,\"readOnly\":true,\"writeOnly\":false,\"$comment\":\"c\","
            + "\"discriminator\":{},\"type\":\"array\",\"uniqueItems\":false,"
            + "\"$defs\":{\"unused\":{\"not\":{}}},\"definitions\":{\"n\":{\"type\":\"null\"}},"
            + "\"items\":{\"$ref\":\"#/definitions/n\",\"description\":\"beside\"}}");
  }
}
