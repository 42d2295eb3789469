/** HTTP as the rest of the server sees it: calls, answers, errors, events, and who may call. */
@NullMarked
package dev.akvavit.server.http;

import org.jspecify.annotations.NullMarked;
