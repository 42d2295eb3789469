package dev.akvavit.text.reply;

import org.jspecify.annotations.Nullable;

/**
 * A call as the model wrote it.
 *
 * @param id null where the format has none
 * @param arguments a JSON object as text
 */
record Call(@Nullable String id, String name, String arguments) {}
