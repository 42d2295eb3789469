/** What the page shows beside the conversation: pages, tokens, selections, experts and plans. */
@NullMarked
package dev.akvavit.server.insight;

import org.jspecify.annotations.NullMarked;
