/** Mechanisms that read like their equations, and the decoder that strings them together. */
@NullMarked
package dev.akvavit.model;

import org.jspecify.annotations.NullMarked;
