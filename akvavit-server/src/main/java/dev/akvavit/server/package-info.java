/** Models behind one port: OpenAI's and Anthropic's dialects, health, metrics and the page. */
@NullMarked
package dev.akvavit.server;

import org.jspecify.annotations.NullMarked;
