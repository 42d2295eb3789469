/**
 * Chat templates: a small interpreter of the Jinja subset that published templates use.
 *
 * <p>{@link dev.akvavit.text.template.ChatTemplate} is the door. Behind it: {@code Lexer} and
 * {@code Parser} make a tree of {@code Statement} and {@code Expression}; {@code Interpreter} runs
 * it over {@code Value}s, paying {@code Fuel}. Values are text, numbers, truth, lists, maps, none
 * and undefined; no value is a Java object with methods to call, so there is no sandbox to escape.
 * Every text remembers which of its characters came from a message.
 */
@NullMarked
package dev.akvavit.text.template;

import org.jspecify.annotations.NullMarked;
