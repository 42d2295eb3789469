/** Model files from the Hugging Face hub: fetched, verified, kept. */
@NullMarked
package dev.akvavit.hub;

import org.jspecify.annotations.NullMarked;
