/**
 * What a model's answer is made of: text, reasoning and calls of tools, told apart while it comes.
 *
 * <p>{@link dev.akvavit.text.reply.ReplyFormat} knows how a model marks them, {@link
 * dev.akvavit.text.reply.ReplyParser} follows one answer.
 */
@NullMarked
package dev.akvavit.text.reply;

import org.jspecify.annotations.NullMarked;
