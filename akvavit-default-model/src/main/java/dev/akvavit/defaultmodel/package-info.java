/**
 * The model that ships with Akvavit: akvavit-java-tiny, 35 million parameters in FP8, trained on
 * Java.
 *
 * <p>A model is memory-mapped, and a file inside a jar cannot be; so the first start from a jar
 * copies the files to the user's cache folder, once for each version of the model.
 */
@NullMarked
package dev.akvavit.defaultmodel;

import org.jspecify.annotations.NullMarked;
