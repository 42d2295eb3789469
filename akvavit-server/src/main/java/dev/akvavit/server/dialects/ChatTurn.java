package dev.akvavit.server.dialects;

import dev.akvavit.GenerationOptions;
import dev.akvavit.LanguageModel;
import dev.akvavit.server.answers.PartParser;
import dev.akvavit.server.answers.Question;
import dev.akvavit.server.http.ApiError;
import dev.akvavit.text.ChatMessage;
import dev.akvavit.text.Prompt;
import dev.akvavit.text.template.TemplateException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntFunction;

/**
 * A conversation to be answered: what all chat dialects are translated to.
 *
 * @param extras further variables of the template, such as {@code enable_thinking}
 * @param maxTokens tokens of the answer at most; 0 for as many as there is room for
 * @param maxTokensField what the dialect calls that
 */
record ChatTurn(
    List<ChatMessage> messages,
    Map<String, Object> extras,
    int maxTokens,
    String maxTokensField) {

  /**
   * The prompt in the model's own form.
   *
   * @throws ApiError when the model does not chat, or its template refuses this conversation
   */
  Prompt render(LanguageModel model) {
    if (!model.chats()) {
      throw ApiError.refused(
          "model",
          "no_chat_template",
          "model: it has no chat template, so it cannot chat; use /v1/completions, which continues"
              + " a text");
    }
    try {
      return model.render(messages, extras);
    } catch (TemplateException e) {
      throw ApiError.refused(
          "messages", "template_refused", "messages: the model's chat template refuses them: " + e.getMessage());
    }
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
    List<Question> questions = new ArrayList<>(choices);
    for (int i = 0; i < choices; i++) {
      questions.add(
          new Question(ids, options.apply(i).withMaxTokens(limit), Set.of(), PartParser::plain));
    }
    return questions;
  }
}
