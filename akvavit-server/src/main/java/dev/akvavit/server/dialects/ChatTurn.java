package dev.akvavit.server.dialects;

import dev.akvavit.GenerationOptions;
import dev.akvavit.LanguageModel;
import dev.akvavit.core.TokenConstraint;
import dev.akvavit.server.answers.ForcedCall;
import dev.akvavit.server.answers.PartParser;
import dev.akvavit.server.answers.Question;
import dev.akvavit.server.answers.ReplyParts;
import dev.akvavit.server.dialects.FormatFields.Format;
import dev.akvavit.server.dialects.ToolFields.Choice;
import dev.akvavit.server.dialects.ToolFields.Tool;
import dev.akvavit.server.http.ApiError;
import dev.akvavit.server.http.Json;
import dev.akvavit.text.ChatMessage;
import dev.akvavit.text.Prompt;
import dev.akvavit.text.constraint.JsonSchema;
import dev.akvavit.text.constraint.SchemaException;
import dev.akvavit.text.constraint.StructuredOutput;
import dev.akvavit.text.reply.ReplyFormat;
import dev.akvavit.text.template.TemplateException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * A conversation to be answered: what all chat dialects are translated to.
 *
 * @param tools that the model may call
 * @param extras further variables of the template, such as {@code enable_thinking}
 * @param maxTokens tokens of the answer at most; 0 for as many as there is room for
 * @param maxTokensField what the dialect calls that
 */
record ChatTurn(
    List<ChatMessage> messages,
    List<Tool> tools,
    Choice choice,
    Format format,
    Map<String, Object> extras,
    int maxTokens,
    String maxTokensField) {

  ChatTurn(List<ChatMessage> messages) {
    this(messages, List.of(), new Choice.Auto(), new Format.Text(), Map.of(), 0, "max_tokens");
  }

  ChatTurn withTools(List<Tool> offered, Choice chosen) {
    ToolFields.requireOffered(offered, chosen);
    return new ChatTurn(messages, offered, chosen, format, extras, maxTokens, maxTokensField);
  }

  ChatTurn withFormat(Format wanted) {
    return new ChatTurn(messages, tools, choice, wanted, extras, maxTokens, maxTokensField);
  }

  ChatTurn withExtras(Map<String, Object> more) {
    return new ChatTurn(messages, tools, choice, format, more, maxTokens, maxTokensField);
  }

  ChatTurn withMaxTokens(String field, int most) {
    return new ChatTurn(messages, tools, choice, format, extras, most, field);
  }

  /**
   * The prompt in the model's own form.
   *
   * @throws ApiError when the model does not chat, or its template refuses this conversation
   */
  Prompt render(LanguageModel model) {
    ReplyFormat format = format(model);
    Map<String, Object> variables = new LinkedHashMap<>(extras);
    if (offersTools()) {
      if (!format.callsTools()) {
        throw ApiError.refused(
            "tools", "unsupported", "tools: this model's chat template knows no tools");
      }
      variables.put("tools", ToolFields.forTemplate(tools));
    }
    try {
      return model.render(messages, variables);
    } catch (TemplateException e) {
      throw ApiError.refused(
          "messages",
          "template_refused",
          "messages: the model's chat template refuses them: " + e.getMessage());
    }
  }

  private static ReplyFormat format(LanguageModel model) {
    ReplyFormat format = model.replyFormat();
    if (format == null) {
      throw ApiError.refused(
          "model",
          "no_chat_template",
          "model: it has no chat template, so it cannot chat; use /v1/completions, which continues"
              + " a text");
    }
    return format;
  }

  private boolean offersTools() {
    return !tools.isEmpty() && !(choice instanceof Choice.None);
  }

  private boolean forcesCall() {
    return choice instanceof Choice.Required || choice instanceof Choice.Named;
  }

  /**
   * As questions to the model.
   *
   * @param options how each choice is made
   */
  List<Question> questions(
      LanguageModel model, int choices, IntFunction<GenerationOptions> options) {
    Prompt prompt = render(model);
    Question.requireShort(model, prompt.text());
    int[] ids = model.tokenizer().encode(prompt);
    int limit = Question.fit(model, ids.length, maxTokens, maxTokensField);
    boolean thinks = format(model).opensThought(prompt);
    List<Question> questions = new ArrayList<>(choices);
    for (int i = 0; i < choices; i++) {
      GenerationOptions how =
          options.apply(i).withMaxTokens(limit).withConstraint(constraint(model, thinks));
      questions.add(new Question(ids, how, Set.of(), () -> parser(model, thinks)));
    }
    return questions;
  }

  private PartParser parser(LanguageModel model, boolean thinks) {
    boolean looksForCalls = offersTools() && !forcesCall();
    List<?> offered = looksForCalls ? ToolFields.forTemplate(tools) : List.of();
    PartParser parts = new ReplyParts(format(model).parser(thinks, offered));
    return forcesCall() ? new ForcedCall(parts) : parts;
  }

  /** Which tokens may come next: a new one for each answer. */
  private TokenConstraint constraint(LanguageModel model, boolean thinks) {
    String field = forcesCall() ? "tools" : "response_format";
    try {
      JsonSchema schema = schema(model.structuredOutput());
      if (schema == null) {
        return TokenConstraint.NONE;
      }
      int thoughtEnd = format(model).thoughtEnd();
      return thinks && thoughtEnd >= 0
          ? model.structuredOutput().constraintAfter(thoughtEnd, schema, model.endTokens())
          : model.structuredOutput().constraint(schema, model.endTokens());
    } catch (SchemaException e) {
      throw ApiError.refused(field, "schema_refused", field + ": " + e.getMessage());
    }
  }

  private @Nullable JsonSchema schema(StructuredOutput output) {
    if (forcesCall()) {
      return output.schema(Json.text(ToolFields.callSchema(tools, choice)));
    }
    return switch (format) {
      case Format.Text _ -> null;
      case Format.AnyObject _ -> JsonSchema.object();
      case Format.Schema(String schema) -> output.schema(schema);
    };
  }
}
